import { messageOf } from '../core/support/errors';
import { bundleOf } from './l10n';

/** What a message of the core is marked with in a bundle, as VS Code marks one that has a comment for translators. */
const mark = '/core';

/** What stands between the values of a message of the core, and the message in the person's language. */
interface Pattern {
  between: string[];
  order: string[];
  other: string;
}

/** How long a text may be, a whole screen at most; and how far into it the end of a first message is looked for. */
const longest = 16_384;
const longestFirst = 1000;

/** How many parts of a text are looked for, of which each may have parts again: a text may be of an agent's making. */
const mostLooks = 300;
let looks = 0;

/** The patterns of a bundle, those with the most words of their own first. */
let patterns: Pattern[] = [];
let bundle: ReturnType<typeof bundleOf>;

/**
 * What the core said, in the person's language. The core speaks English, since what it says also stands in files and logs and
 * is read by programs: here it is found again among the messages that a bundle knows of it. What is not known stays as it is.
 */
export function translated<T extends string | undefined>(said: T): T | string {
  return said === undefined ? said : (known(said) ?? said);
}

/** The same, undefined for what isn't known or is to stay English. */
export function known(said: string): string | undefined {
  if (bundle !== bundleOf()) {
    bundle = bundleOf();
    patterns = patternsOf(bundle);
  }
  if (patterns.length === 0 || said.length > longest) return undefined;
  looks = mostLooks;
  return knownPart(said);
}

function knownPart(said: string): string | undefined {
  const text = said.trim();
  const own = text && (sentence(text) ?? several(text));
  return own ? said.replace(text, () => own) : undefined;
}

const translatedPart = (said: string) => knownPart(said) ?? said;

/** The text of anything that was thrown, in the person's language. */
export function problemOf(error: unknown): string {
  return translated(messageOf(error));
}

/** A message with or without its full stop, which is taken off or put on where it becomes a part of another one. */
function sentence(text: string): string | undefined {
  const open = text.endsWith('.') ? text.slice(0, -1) : undefined;
  const other = open === undefined ? whole(`${text}.`)?.replace(/\.$/, '') : withStop(whole(open));
  return whole(text) ?? other;
}

const withStop = (text: string | undefined) => text && `${text}.`;

function whole(text: string): string | undefined {
  if (looks-- <= 0) return undefined;
  for (const { between, order, other } of patterns) {
    const values = valuesIn(text, between);
    // Of several messages, it may be the end of a later one that is found.
    if (!values || (between[0] === '' && !isWhole(values[0]))) continue;
    const said = new Map(order.map((name, index) => [name, translatedPart(values[index] ?? '')]));
    return other.replace(/\{\d+\}/g, (name) => said.get(name) ?? name);
  }
  return undefined;
}

/** Several messages, one after the other, in a list or with something in parentheses, of which the first ones are known. */
function several(text: string): string | undefined {
  for (const { 0: sign, index } of text.slice(0, longestFirst).matchAll(/\. |, | \(/g)) {
    const first = sentence(text.slice(0, index));
    if (first !== undefined) return `${first}${sign}${translatedPart(text.slice(index + 2))}`;
  }
  // The name of what is wrong, and what is wrong with it.
  const [, name, rest = ''] = /^(\S+ )(\S.*)$/.exec(text) ?? [];
  const what = whole(rest);
  return what && `${name}${what}`;
}

/** Whether a value has each parenthesis that it opens closed. */
function isWhole(value = ''): boolean {
  return value.split('(').length === value.split(')').length;
}

/** What stands between the parts of a pattern; undefined when the text isn't made by it. */
function valuesIn(text: string, between: readonly string[]): string[] | undefined {
  const [head = '', ...rest] = between;
  const tail = rest.pop();
  if (tail === undefined) return text === head ? [] : undefined;
  const end = text.length - tail.length;
  if (end < head.length || !text.startsWith(head) || !text.endsWith(tail)) return undefined;
  const values: string[] = [];
  let from = head.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return undefined;
    values.push(text.slice(from, at));
    from = at + part.length;
  }
  return [...values, text.slice(from, end)];
}

function patternsOf(texts: ReturnType<typeof bundleOf>): Pattern[] {
  const own = Object.entries(texts ?? {}).filter(([key]) => key.endsWith(mark));
  return own
    .map(([key, other]) => {
      const message = key.slice(0, -mark.length).trim();
      return { between: message.split(/\{\d+\}/), order: message.match(/\{\d+\}/g) ?? [], other: other.trim() };
    })
    .sort((a, b) => b.between.join('').length - a.between.join('').length);
}
