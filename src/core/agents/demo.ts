import type { AgentSettings } from '../store/settings';
import type { Agent, Screen, ScreenState } from './agent';
import { dialogText, findChoices, namePermission } from './choices';
import { readHookReceipt } from './hookReceipt';

/** The built-in Demo agent (src/demoAgent.ts): a real program in a terminal that needs no account. */
export function demo(id: string, settings: AgentSettings, program: { node: string; script: string }): Agent {
  return {
    id,
    title: settings.title ?? 'Demo',
    receipts: true,
    canResume: true,
    quietMs: 15,
    enterTries: 3,
    submitKeys: ['Enter'],
    interruptKeys: ['Escape'],
    clearKeys: ['C-u'],
    program: async () => undefined,
    async launch({ launch, conversation }) {
      return {
        argv: [
          program.node,
          program.script,
          conversation.resume ? '--resume' : '--session-id',
          conversation.id,
          ...settings.args,
        ],
        // The program may be VS Code's own, which is Node only when told so.
        env: { ...settings.env, COURIER_RECEIPTS: launch.receipts, ELECTRON_RUN_AS_NODE: '1' },
        files: [],
      };
    },
    readScreen,
    hasForgotten: (words, id) => words.includes(`No conversation found with session ID: ${id}`),
    readReceipt: readHookReceipt,
  };
}

/** Reads a screen of the Demo agent: its last row is the input row, or a dialog, or a turn's progress. */
export function readScreen(screen: Screen): ScreenState {
  const rows = screen.text.split('\n').map((row) => row.trimEnd());
  while (rows.length > 0 && rows.at(-1) === '') rows.pop();
  const start = rows.findLastIndex((row) => /^demo>( |$)/.test(row));
  const working = rows.findLastIndex((row) => /^working… \(esc to interrupt\)/.test(row));
  const list = findChoices(rows, /^❯ \d+\. /);
  if (list && list.firstRow > Math.max(start, working)) {
    const above = dialogText(rows, list.firstRow);
    // Its transcript stands right above its question.
    const text = above.slice(Math.max(0, above.lastIndexOf('Demo agent asks:')));
    const kind = /trust this folder|one you trust/.test(text)
      ? 'trust'
      : /may it write/.test(text)
        ? 'permission'
        : 'unknown';
    return {
      kind: 'dialog',
      dialog: { kind, text, choices: kind === 'permission' ? namePermission(list.choices) : list.choices },
    };
  }
  if (working > start) return { kind: 'working' };
  if (start < 0) return { kind: 'unknown' };
  const typed = [rows[start]!.slice('demo>'.length), ...rows.slice(start + 1)].join('').trim();
  return typed === '' ? { kind: 'ready' } : { kind: 'typed', text: typed };
}
