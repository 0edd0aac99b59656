import type { Dialog, Screen, ScreenState } from './agent';

/** Reads a screen of OpenCode (1.18.33). Words are hints: what isn't recognised is `unknown`, never `ready`. */
export function readScreen(screen: Screen): ScreenState {
  const rows = screen.text.split('\n').map((row) => row.trimEnd());
  while (rows.length > 0 && rows.at(-1) === '') rows.pop();
  const dialog =
    permissionOn(rows) ?? (rows.some((row) => /^ +Connect a provider +esc$/.test(row)) ? login : undefined);
  if (dialog) return { kind: 'dialog', dialog };
  const input = inputOn(rows);
  // While it tries again, why stands there in the place of the keys.
  if (/\besc (again to )?interrupt\b/.test(input?.footer ?? '')) return { kind: 'working' };
  const footer = /^(.*?)\btab agents\b.*\bctrl\+p commands\b/.exec(input?.footer ?? '');
  if (!input || !footer) return { kind: 'unknown' };
  const beside = footer[1]!.trim();
  // At rest the folder stands there, or nothing.
  if (!/^([~/].*)?$/.test(beside)) return { kind: 'unknown' };
  if (/\bNo \w+ selected\b|\bConnect an? \w+$/.test(input.model)) return { kind: 'dialog', dialog: login };
  // With a list of its own open (its commands, models, …), the cursor is in that, and so would be what is typed.
  const begins = Number.parseInt(screen.cursor, 10) === input.begin;
  if (input.text === '') return { kind: begins ? 'ready' : 'unknown' };
  // What stands in an empty row could be typed, too; the cursor is behind what is.
  if (!begins) return { kind: 'typed', text: input.text };
  return /^Ask anything… "[^"]*"$/.test(input.text) ? { kind: 'ready' } : { kind: 'unknown' };
}

/**
 * Without any provider it opens a list of them over its first screen; once that is closed, its model's place says so. One that has
 * none of its own, but may use those of its maker, is ready.
 */
const login: Dialog = {
  kind: 'login',
  text: 'OpenCode has no provider of models. Open the terminal and connect one (/connect), then it goes on by itself.',
  choices: [],
};

/**
 * The input stands in a box that is open to the right: a bar at its left, its bottom edge, and in its last row the agent and the
 * model. `begin` is the column of its text. A sidebar may stand beside it, so that only what is as far left as the edge is long belongs to it.
 */
function inputOn(rows: string[]): { text: string; begin: number; model: string; footer: string } | undefined {
  const bottom = rows.findLastIndex((row) => /^ *╹▀{20,}/.test(row));
  const below = rows.slice(bottom + 1).filter((row) => row !== '');
  if (bottom < 0 || below.length > 3) return undefined;
  const [edge = ''] = /^ *╹▀+/.exec(rows[bottom]!) ?? [];
  const left = edge.indexOf('╹');
  const inside: string[] = [];
  for (let at = bottom - 1; at >= 0 && rows[at]![left] === '┃' && rows[at]!.slice(0, left).trim() === ''; at--)
    inside.unshift(rows[at]!.slice(left + 1, edge.length).trim());
  const model = inside.findLastIndex((row) => row !== '');
  if (model < 0 || !/^\S.* · \S/.test(inside[model]!)) return undefined;
  const words = inside.slice(0, model).filter((row) => row !== '');
  return { text: words.join(' '), begin: left + 3, model: inside[model]!, footer: below.join('\n') };
}

/**
 * A permission takes the input's place. Which of its choices is marked only its colours say, so that no key is pressed for it: the
 * plugin answers it.
 */
function permissionOn(rows: string[]): Dialog | undefined {
  const at = rows.findLastIndex((row) => /^ *┃ +△ Permission required/.test(row));
  if (at < 0 || !rows.slice(at).some((row) => /^ *┃ +Allow once +Allow always +Reject\b/.test(row))) return undefined;
  const left = rows[at]!.indexOf('┃');
  const words = rows.slice(at).flatMap((row) => {
    // Beside it stands a sidebar, set off by many blanks.
    const inside =
      row[left] === '┃'
        ? row
            .slice(left + 1)
            .replace(/ {10,}\S.*$/, '')
            .trim()
        : '';
    return inside === '' || /^Allow once /.test(inside) ? [] : [inside];
  });
  return { kind: 'permission', text: words.join('\n'), choices: [] };
}
