import type { Dialog, Screen, ScreenState, ShownEnd } from './agent';
import { permissionChoices } from './choices';

/** Reads a screen of Gemini CLI (0.61.0). Words are hints: what isn't recognised is `unknown`, never `ready`. */
export function readScreen(screen: Screen): ScreenState {
  const rows = screen.text.split('\n').map((row) => row.trimEnd());
  while (rows.length > 0 && rows.at(-1) === '') rows.pop();
  const dialog = dialogOn(rows);
  if (dialog) return { kind: 'dialog', dialog };
  const input = inputOn(rows);
  if (!input) return { kind: 'unknown' };
  const above = rows.slice(0, input.rule);
  if (/^✦/.test(screen.title) || above.slice(-4).some((row) => working.test(row))) return { kind: 'working' };
  // The title says `Ready` in dialogs, too, but nothing else while the input row takes a line.
  if (!/^◇/.test(screen.title) || !hasBegun(above)) return { kind: 'unknown' };
  if (input.text !== '') return { kind: 'typed', text: input.text };
  if (isUntrusted(above, input.footer)) return { kind: 'dialog', dialog: untrusted };
  return { kind: 'ready', turn: endOf(above) };
}

/** What it does, above the rule: `⠼ Thinking... (esc to cancel, 2s)`. */
const working = /^ [\u2800-\u28ff] .*\(esc to cancel\b/;

/** Stands in an empty input row, set off by two more spaces than what is typed. */
const placeholder = 'Type your message or @path/to/file';

/** An empty row, or half blocks where the terminal has all colours: what sets the input row off. */
const gap = /^[▀▄]*$/;

/**
 * Below the last full rule stand the approval mode, a gap, the input row, which may go on in indented rows, a gap, and a footer of
 * two rows. `>` and `*` begin a row that takes a prompt, `!` one that takes a command. Empty text is the placeholder.
 */
function inputOn(rows: string[]): { text: string; rule: number; footer: string } | undefined {
  const rule = rows.findLastIndex((row) => /^─{20,}$/.test(row));
  const [mode, before, first, ...rest] = rows.slice(rule + 1);
  if (rule < 0 || !mode || before === undefined || !gap.test(before) || !first) return undefined;
  const end = rest.findIndex((row) => gap.test(row));
  const typed = rest.slice(0, Math.max(end, 0));
  const below = rest.slice(end).filter((row) => !gap.test(row));
  if (end < 0 || below.length > 2 || typed.some((row) => !/^ {3}\S/.test(row))) return undefined;
  const footer = below.at(-1) ?? '';
  const empty = /^ [>*] {3}(\S.*)$/.exec(first);
  if (empty) return empty[1] === placeholder && typed.length === 0 ? { text: '', rule, footer } : undefined;
  if (!/^ [>*] \S/.test(first)) return undefined;
  return { text: [first.slice(2), ...typed].map((row) => row.trim()).join(' '), rule, footer };
}

/**
 * Whether it has drawn its logo, or what came after that. Before, the input row is there, too, and a line that is submitted in a
 * conversation that is being resumed is lost (measured: for up to 2 s, also after its SessionStart).
 */
function hasBegun(above: string[]): boolean {
  const rows = above.filter((row) => row !== '');
  return rows.length > 5 || rows.some((row) => / Gemini CLI v\d|^ > \S|^✦ /.test(row));
}

/** Whether it says so since its own start: in the footer, or above. */
function isUntrusted(above: string[], footer: string): boolean {
  const start = above.findLastIndex((row) => / Gemini CLI v\d/.test(row));
  return (
    / {3}untrusted( {3}|$)/.test(footer) ||
    above.slice(start + 1).some((row) => /^ℹ Skipping project agents\b/.test(row))
  );
}

/** It takes prompts, and tells nothing of them. */
const untrusted: Dialog = {
  kind: 'trust',
  text: 'Gemini CLI does not trust this folder, so it runs no hooks, by which is known what it does. Trust the folder by /permissions in the terminal, and let it restart.',
  choices: [],
};

/**
 * How the last turn ended, of which its receipt says nothing: `ℹ Request cancelled.` or `✕ …` below the last line that was taken.
 * After an error it goes on by itself at times, and then more stands below.
 */
function endOf(rows: string[]): ShownEnd | undefined {
  const taken = rows.findLastIndex((row) => /^ > \S/.test(row) && !/^ > \[Function Response: /.test(row));
  const turn = rows.slice(taken + 1);
  if (turn.some((row) => /^ℹ (Request cancelled|User cancelled the request)\.$/.test(row)))
    return { kind: 'interrupted', message: 'Request cancelled.' };
  const at = turn.findLastIndex((row) => /^✕ /.test(row));
  if (at < 0 || turn.slice(at).some((row) => /^✦ /.test(row))) return undefined;
  const end = turn.findIndex((row, index) => index > at && !/^ {2}\S/.test(row));
  const words = turn.slice(at, end < 0 ? undefined : end).map((row) => row.replace(/^✕ /, '').trim());
  return { kind: 'failed', message: words.join(' ').replace(/^\[API Error: (.*)\]$/, '$1') };
}

/** A dialog is a box at the end of the screen, with a list in which one row is marked. */
function dialogOn(rows: string[]): Dialog | undefined {
  const top = rows.findLastIndex((row) => /^ ?╭─+╮$/.test(row));
  if (top < 0 || !/^ ?╰─+╯$/.test(rows.at(-1) ?? '')) return undefined;
  if (rows[top]!.startsWith(' ') && !rows.slice(0, top).some((row) => begun.test(row))) return undefined;
  const inside = rows.slice(top + 1, -1).map((row) => row.replace(/^ ?│/, '').replace(/│$/, '').trimEnd());
  const marked = inside.findIndex((row) => /^ +● \d+\. \S/.test(row));
  const first = inside.findIndex((row) => /^ +[● ] 1\. \S/.test(row));
  if (marked < 0 || first < 0 || marked < first) return undefined;
  const text = wordsOf(inside.slice(0, first));
  const list = inside.slice(first).flatMap((row) => {
    const found = /^ +[● ] (\d)\. (\S.*)$/.exec(row);
    return found ? [{ digit: found[1]!, label: found[2]! }] : [];
  });
  const keyOf = (label: RegExp) => list.find((one) => label.test(one.label))?.digit;
  // A digit chooses at once (measured in both lists), and only what is known by its name is chosen.
  const once = keyOf(/^Allow once$/);
  if (once !== undefined || keyOf(/^No, suggest changes \(esc\)$/) !== undefined) {
    const denies = list.some(({ label }) => /^No\b.*\(esc\)$/.test(label));
    const [allow, deny] = permissionChoices;
    const choices = once !== undefined && denies ? [choice(allow, once), choice(deny, 'Escape')] : [];
    return { kind: 'permission', text, choices };
  }
  if (/^Do you trust the files in this folder\?$/m.test(text)) {
    const trusted = list.find(({ label }) => /^Trust folder \(/.test(label));
    return {
      kind: 'trust',
      text,
      choices: trusted ? [choice({ id: 'trust', label: trusted.label }, trusted.digit)] : [],
    };
  }
  if (/\bHow would you like to authenticate\b/.test(text))
    return { kind: 'login', text: `${text}\n${loginHint}`, choices: [] };
  return {
    kind: /\b(usage|quota) limit\b|\blimit reached\b/i.test(text) ? 'usage_limit' : 'unknown',
    text,
    choices: [],
  };
}

/**
 * Says that it has read its configuration. The question of trust, the one box that is set in, stands up to 1 s earlier; a folder
 * that is trusted then is noted as such, but the CLI goes on as in one that isn't, without our hooks (measured).
 */
const begun = /^ℹ Skipping project agents due to untrusted folder\b| \/auth$/;

const loginHint =
  'Log in by running gemini once in a terminal of your own, then start this session again: which way was chosen here is forgotten with its end.';

const choice = ({ id, label }: { id: string; label: string }, key: string) => ({ id, label, keys: [key] });

/** The words in a box, without the boxes in it. */
function wordsOf(rows: string[]): string {
  return rows
    .map((row) => row.replace(/[│╭╮╰╯─]/g, ' ').trim())
    .filter((row) => row !== '')
    .join('\n');
}
