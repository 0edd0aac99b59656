import * as path from 'node:path';
import type { AgentSettings } from '../store/settings';
import type { Agent, Dialog, Launch, LaunchContext, Screen, ScreenState } from './agent';
import { dialogText, findChoices, namePermission } from './choices';
import { claudeConversations } from './claudeConversations';
import { claudeFolder } from './claudeFolder';
import { readHookReceipt } from './hookReceipt';
import { findProgram, type Program } from './program';
import { hookCommand, waitingHookCommand } from './receipts';

const events = [
  'SessionStart',
  'UserPromptSubmit',
  'PreToolUse',
  'PermissionRequest',
  'Stop',
  'StopFailure',
  'SessionEnd',
];

/** How long its hook may wait for a decision, in seconds; the dialog in the terminal stands as long as nobody answers. */
const decisionTimeout = 86_400;

const decision = (value: { behavior: 'allow' } | { behavior: 'deny'; message: string }): string =>
  JSON.stringify({ hookSpecificOutput: { hookEventName: 'PermissionRequest', decision: value } });

/** Claude Code, measured with 2.1.197 (test/fixtures/screens/claude). */
export function claude(id: string, settings: AgentSettings): Agent {
  return {
    id,
    title: settings.title ?? 'Claude Code',
    receipts: true,
    canResume: true,
    hasSubagents: true,
    quietMs: 15,
    enterTries: 3,
    submitKeys: ['Enter'],
    interruptKeys: ['Escape'],
    // One per visual row of our line; Escape twice would open the Rewind screen when the row is empty already.
    clearKeys: ['C-u', 'C-u', 'C-u', 'C-u'],
    install: 'npm install -g @anthropic-ai/claude-code',
    program: () => findClaude(settings),
    decisions: {
      'allow-once': decision({ behavior: 'allow' }),
      deny: decision({ behavior: 'deny', message: 'The person at this editor denied it.' }),
    },
    launch: (context) => launch(context, settings),
    readScreen,
    // Measured: exited-no-conversation.txt, exit status 1.
    hasForgotten: (words, id) => words.includes(`No conversation found with session ID: ${id}`),
    conversations: (workspace, only) => claudeConversations(workspace, claudeFolder(settings), only),
    readReceipt: readHookReceipt,
  };
}

function findClaude(settings: AgentSettings): Promise<Program> {
  return findProgram(settings.command ?? 'claude', 'Claude Code', settings);
}

async function launch(context: LaunchContext, settings: AgentSettings): Promise<Launch> {
  const program = await findClaude(settings);
  const hooks = Object.fromEntries(
    events.map((event) => {
      const waits = { command: waitingHookCommand, timeout: decisionTimeout };
      const own = event === 'PermissionRequest' ? waits : { command: hookCommand };
      return [event, [{ hooks: [{ type: 'command', ...own }] }]];
    }),
  );
  // Patterns relative to the workspace folder, which is the CLI's own: a path with brackets or `*` in it would be a pattern.
  const rule = (dir: string) => `./${path.relative(context.workspace, dir).split(path.sep).join('/')}/**`;
  const permissions = { allow: [`Read(${rule(context.session.prompts)})`, `Edit(${rule(context.session.output)})`] };
  const { id, resume } = context.conversation;
  return {
    argv: [
      program.file,
      '--settings',
      context.launch.settings,
      '--permission-mode',
      settings.permission_mode ?? 'acceptEdits',
      resume ? '--resume' : '--session-id',
      id,
      ...subagentArgs(context),
      ...settings.args,
    ],
    env: {
      ...program.env,
      COURIER_RECEIPTS: context.launch.receipts,
      COURIER_DECISIONS: context.launch.decisions,
      COURIER_ALIVE: context.alive,
      COURIER_HOOK: context.hookScript,
    },
    files: [{ path: context.launch.settings, text: `${JSON.stringify({ hooks, permissions }, null, 2)}\n` }],
  };
}

/**
 * Measured with 2.1.197: the agent's own words take the place of the system prompt, which is what else tells the model where it
 * is; a `permissionMode` of its file is not obeyed beside `--permission-mode`; one that is not there ends the CLI with status 1.
 */
function subagentArgs({ subagent, workspace }: LaunchContext): string[] {
  if (subagent === undefined) return [];
  return ['--agent', subagent, '--append-system-prompt', `Working directory: ${workspace}`];
}

/** Reads a screen of Claude Code. Words are hints: what isn't recognised is `unknown`, never `ready`. */
export function readScreen(screen: Screen): ScreenState {
  const rows = screen.text.split('\n').map((row) => row.trimEnd());
  while (rows.length > 0 && rows.at(-1) === '') rows.pop();
  const input = inputRow(rows);
  // A dialog takes the input row's place, and its marker is indented, the input row's is not. Nothing of the transcript
  // stands below it, so that what looks like an input row above it is the transcript's.
  const list = findChoices(rows, /^\s+❯ \d+\. /);
  const question = /^Enter to select · /.test(rows.at(-1) ?? '') ? findChoices(rows, /^❯ \d+\. /) : undefined;
  if (question) {
    const text = dialogText(rows, question.firstRow);
    return { kind: 'dialog', dialog: { kind: 'unknown', text, choices: question.choices } };
  }
  if (list && list.firstRow > (input?.end ?? -1))
    return { kind: 'dialog', dialog: dialogOf(dialogText(rows, list.firstRow), list.choices) };
  if (!input) return { kind: 'unknown' };
  const footer = rows.slice(input.end + 1).join('\n');
  // The title's glyph is a braille spinner during a turn, also while somebody types and the footer says nothing.
  if (/^[\u2800-\u28ff]/.test(screen.title) || /esc to interrupt/.test(footer)) return { kind: 'working' };
  if (input.text !== '') return { kind: 'typed', text: input.text };
  if (/Not logged in|\/login\b/.test(footer)) {
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
  const kind = kindOf(text);
  return { kind, text, choices: kind === 'permission' ? namePermission(choices) : choices };
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
