import * as path from 'node:path';
import type { AgentSettings } from '../store/settings';
import { findExecutable } from '../support/findExecutable';
import type { Agent, Dialog, Launch, LaunchContext, Screen, ScreenState } from './agent';
import { dialogText, findChoices } from './choices';
import { readHookReceipt } from './hookReceipt';
import { hookCommand } from './receipts';

const events = [
  'SessionStart',
  'UserPromptSubmit',
  'PreToolUse',
  'PermissionRequest',
  'Stop',
  'StopFailure',
  'SessionEnd',
];

/** Claude Code, measured with 2.1.197 (test/fixtures/screens/claude). */
export function claude(id: string, settings: AgentSettings): Agent {
  return {
    id,
    title: settings.title ?? 'Claude Code',
    receipts: true,
    canResume: true,
    quietMs: 15,
    enterTries: 3,
    interruptKeys: ['Escape'],
    // One per visual row of our line; Escape twice would open the Rewind screen when the row is empty already.
    clearKeys: ['C-u', 'C-u', 'C-u', 'C-u'],
    launch: (context) => launch(context, settings),
    readScreen,
    readReceipt: readHookReceipt,
  };
}

async function launch(context: LaunchContext, settings: AgentSettings): Promise<Launch> {
  const program = await findExecutable(settings.command ?? 'claude', 'Claude Code', 'courier.agents');
  const hooks = Object.fromEntries(
    events.map((event) => [event, [{ hooks: [{ type: 'command', command: hookCommand }] }]]),
  );
  // Patterns relative to the workspace folder, which is the CLI's own: a path with brackets or `*` in it would be a pattern.
  const rule = (dir: string) => `./${path.relative(context.workspace, dir).split(path.sep).join('/')}/**`;
  const permissions = { allow: [`Read(${rule(context.session.prompts)})`, `Edit(${rule(context.session.output)})`] };
  const { id, resume } = context.conversation;
  return {
    argv: [
      program,
      '--settings',
      context.launch.settings,
      '--permission-mode',
      settings.permission_mode ?? 'acceptEdits',
      resume ? '--resume' : '--session-id',
      id,
      ...settings.args,
    ],
    env: { ...settings.env, COURIER_RECEIPTS: context.launch.receipts, COURIER_HOOK: context.hookScript },
    files: [{ path: context.launch.settings, text: `${JSON.stringify({ hooks, permissions }, null, 2)}\n` }],
  };
}

/** Reads a screen of Claude Code. Words are hints: what isn't recognised is `unknown`, never `ready`. */
export function readScreen(screen: Screen): ScreenState {
  const rows = screen.text.split('\n').map((row) => row.trimEnd());
  while (rows.length > 0 && rows.at(-1) === '') rows.pop();
  const input = inputRow(rows);
  // A dialog takes the input row's place, and its marker is indented, the input row's is not. Nothing of the transcript
  // stands below it, so that what looks like an input row above it is the transcript's.
  const list = findChoices(rows, /^\s+❯ \d+\. /);
  if (list && list.firstRow > (input?.end ?? -1))
    return { kind: 'dialog', dialog: dialogOf(dialogText(rows, list.firstRow), list.choices) };
  if (!input) return { kind: 'unknown' };
  const footer = rows.slice(input.end + 1).join('\n');
  // The title's glyph is a braille spinner during a turn, also while somebody types and the footer says nothing.
  if (/^[\u2800-\u28ff]/.test(screen.title) || /esc to interrupt/.test(footer)) return { kind: 'working' };
  if (input.text !== '') return { kind: 'typed', text: input.text };
  if (/Not logged in/.test(footer)) {
    return {
      kind: 'dialog',
      dialog: { kind: 'login', text: 'Claude Code is not logged in. Open the terminal and run /login.', choices: [] },
    };
  }
  return { kind: 'ready' };
}

/** The input row stands in column 0 below a full rule, may go on in indented rows, and ends at the next rule. */
function inputRow(rows: string[]): { text: string; end: number } | undefined {
  const rule = /^─{20,}/;
  const end = rows.findLastIndex((row) => rule.test(row));
  const start = rows.slice(0, Math.max(end, 0)).findLastIndex((row) => rule.test(row));
  const first = rows[start + 1];
  if (end < 0 || start < 0 || !first || !/^❯(\s|$)/.test(first)) return undefined;
  const text = [first.slice(1), ...rows.slice(start + 2, end)].map((row) => row.trim()).join(' ');
  return { text: text.trim(), end };
}

function dialogOf(text: string, choices: Dialog['choices']): Dialog {
  return { kind: kindOf(text), text, choices };
}

function kindOf(text: string): Dialog['kind'] {
  // First, and by the rows next to the choices: what permission is asked for may hold any words.
  const question = text.split('\n').slice(-2).join('\n');
  if (/Do you want to (?!use this API key)|needs? your permission|Would you like to proceed/i.test(question))
    return 'permission';
  if (/Bypass Permissions mode/i.test(text)) return 'bypass';
  if (/trust/i.test(text) && /(folder|project|workspace)/i.test(text)) return 'trust';
  if (/API key|log ?in|authenticat/i.test(text)) return 'login';
  if (/usage limit|rate limit|limit reached/i.test(text)) return 'usage_limit';
  if (/update/i.test(text)) return 'update';
  return 'unknown';
}
