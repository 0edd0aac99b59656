import type { Dialog, Screen, ScreenState, ShownEnd } from './agent';
import { permissionChoices } from './choices';

/** Reads a screen of Codex (0.169.0). Words are hints: what isn't recognised is `unknown`, never `ready`. */
export function readScreen(screen: Screen): ScreenState {
  const rows = screen.text.split('\n').map((row) => row.trimEnd());
  while (rows.length > 0 && rows.at(-1) === '') rows.pop();
  const dialog = dialogOn(rows) ?? openElsewhere(rows);
  if (dialog) return { kind: 'dialog', dialog };
  const composer = composerOn(rows);
  if (!composer) return { kind: 'unknown' };
  // The title's glyph is a braille spinner during a turn.
  const above = rows.slice(0, composer.start);
  if (/^[\u2800-\u28ff]/.test(screen.title) || /^[•◦] .*\besc to interrupt\b/.test(lastWords(above)))
    return { kind: 'working' };
  const { text, footer } = composer;
  if (text === placeholder)
    return emptyFooter.test(footer) ? { kind: 'ready', turn: endOf(above) } : { kind: 'unknown' };
  return typedFooter.test(footer) ? { kind: 'typed', text } : { kind: 'unknown' };
}

/** Stands in an empty input row, and can be typed, too: the footer says that the row is empty. A release may change either. */
const placeholder = 'Ask Codex to do anything';
const emptyFooter = /^ {2}(← for agents · \? for shortcuts|esc again to edit previous message)(\s|$)/;
/** Nothing, or what stands at the right. */
const typedFooter = /^( {20,}\S.*| {2}tab to queue message\b.*)?$/;

const lastWords = (rows: string[]) => rows.findLast((row) => row !== '') ?? '';

/**
 * The input row is the last one that begins with `›`, and may go on in indented rows. Below it stand an empty row, the model with
 * the folder, and a footer; nothing else.
 */
function composerOn(rows: string[]): { text: string; start: number; footer: string } | undefined {
  const start = rows.findLastIndex((row) => /^›( |$)/.test(row));
  if (start < 0) return undefined;
  const gap = rows.indexOf('', start);
  const typed = rows.slice(start + 1, gap);
  const below = rows.slice(gap).filter((row) => row !== '');
  if (gap < 0 || typed.some((row) => !/^ {2}\S/.test(row)) || below.length > 2) return undefined;
  if (!/^ {2}\S.* · [~/]/.test(below[0] ?? '')) return undefined;
  const text = [rows[start]!.slice(1), ...typed].map((row) => row.trim()).join(' ');
  return { text: text.trim(), start, footer: below[1] ?? '' };
}

/** How the last turn ended, of which Codex gives no receipt: a row `■ …` below the last line that was taken. */
function endOf(rows: string[]): ShownEnd | undefined {
  const taken = rows.findLastIndex((row) => /^› \S/.test(row));
  const at = rows.findLastIndex((row) => /^■ /.test(row));
  if (at <= taken) return undefined;
  const end = rows.indexOf('', at);
  const message = rows
    .slice(at, end < 0 ? undefined : end)
    .map((row) => row.replace(/^■ /, '').trim())
    .join(' ');
  return { kind: /^Conversation interrupted\b/.test(message) ? 'interrupted' : 'failed', message };
}

/** A dialog takes the input row's place: a list whose last row says what Enter does. */
function dialogOn(rows: string[]): Dialog | undefined {
  const footer = rows.at(-1) ?? '';
  if (!/^ {2}(Press enter to|enter (confirm|continue)\b)/.test(footer)) return undefined;
  const marked = rows.findLastIndex((row) => /^[›>] \d+\. /.test(row));
  if (marked < 0) return undefined;
  const first = firstChoice(rows, marked);
  const text = wordsAbove(rows, first);
  const list = rows.slice(first, -1).flatMap((row) => {
    const found = /^[›> ] (\d+)\. (.*?)(?: \((\w+)\))?$/.exec(row);
    return found ? [{ marked: row.startsWith('›'), label: found[2]!, shortcut: found[3] }] : [];
  });
  // Only by keys that the dialog itself names: a digit chooses at once in one list, moves the mark in another (measured).
  if (/^Would you like to .*\?$/m.test(text) && /^Press enter to confirm or esc to cancel/.test(footer.trim())) {
    const yes = list.find(({ label, shortcut }) => /^Yes, proceed$/.test(label) && shortcut === 'y');
    const no = list.find(({ label, shortcut }) => /^No\b/.test(label) && shortcut === 'esc');
    const [allow, deny] = permissionChoices;
    const choices = yes && no ? [choice(allow, 'y'), choice(deny, 'Escape')] : [];
    return { kind: 'permission', text: text.slice(text.lastIndexOf('Would you like to')), choices };
  }
  if (/Trust this folder\?/.test(text)) {
    const yes = list.find(({ label }) => label === 'Trust and continue');
    return { kind: 'trust', text, choices: yes?.marked ? [choice({ id: 'trust', label: yes.label }, 'Enter')] : [] };
  }
  const kind = /^Hooks need review$/m.test(text)
    ? 'trust'
    : /Sign in with/.test(list[0]?.label ?? '')
      ? 'login'
      : /update/i.test(text)
        ? 'update'
        : 'unknown';
  return { kind, text, choices: [] };
}

/** What stands in the input row's place while another process has the conversation open (measured: open-elsewhere.txt). */
function openElsewhere(rows: string[]): Dialog | undefined {
  const footer = rows.at(-1) ?? '';
  const at = rows.findLastIndex((row) => /\bThis conversation is open in another app\b/.test(row));
  if (at < 0 || !/^ {3}r retry {3}f fork /.test(footer)) return undefined;
  const text = rows
    .slice(at, -1)
    .map((row) => row.replace(/^\s*🔒?\s*|\s+r to retry$/gu, ''))
    .filter((row) => row !== '')
    .join('\n');
  return { kind: 'unknown', text, choices: [choice({ id: 'retry', label: 'Try Again' }, 'r')], repeats: true };
}

const choice = ({ id, label }: { id: string; label: string }, key: string) => ({ id, label, keys: [key] });

/** The row of a list's first choice, from the one that is marked. */
function firstChoice(rows: string[], marked: number): number {
  let first = marked;
  for (let at = marked; at >= 0 && marked - at < 20; at--) if (/^[›> ] 1\. /.test(rows[at]!)) first = at;
  return first;
}

/** A dialog's own words: the rows above its choices, back to what is not indented, which is the transcript's. */
function wordsAbove(rows: string[], first: number): string {
  let start = first;
  while (start > 0 && first - start < 40 && /^( {2}|$)/.test(rows[start - 1]!)) start--;
  return rows
    .slice(start, first)
    .map((row) => row.trim())
    .filter((row) => row !== '')
    .join('\n');
}
