import type { AgentSettings } from '../store/settings';
import { CourierError } from '../support/errors';
import type { Agent, Screen, ScreenState } from './agent';
import { findProgram } from './program';

/** How many of the last rows that hold anything are matched against the user's patterns. */
const tailRows = 8;

/** Any command of the user's: no receipts, so the screen (by patterns from the settings) and quiet time must do. */
export function custom(id: string, settings: AgentSettings): Agent {
  const ready = settings.ready_pattern === undefined ? undefined : new RegExp(settings.ready_pattern, 'm');
  const busy = settings.busy_pattern === undefined ? undefined : new RegExp(settings.busy_pattern, 'm');
  const done = settings.done_pattern === undefined ? undefined : new RegExp(settings.done_pattern, 'm');
  const dialogs = (settings.dialogs ?? []).map((dialog) => ({
    ...dialog,
    // A question that was answered often stays on the screen: only what its text ends with is one that waits.
    atEnd: new RegExp(`(?:${dialog.pattern})\\s*$(?![\\s\\S])`, 'm'),
  }));
  const line = lineOf(settings.instruction);
  const title = settings.title ?? id;
  const program = async () => {
    if (settings.command) return findProgram(settings.command, title, settings);
    throw new CourierError(
      'no_agent',
      `The agent "${id}" has no command. Name one in the setting courier.agents: {"${id}": {"command": …}}.`,
    );
  };
  return {
    id,
    title,
    receipts: false,
    canResume: settings.resume_args !== undefined,
    quietMs: settings.quiet_time_s * 1000,
    // Nothing proves that Enter wasn't taken, and a second one may mean something.
    enterTries: 1,
    instruction: settings.instruction,
    submitKeys: settings.submit_keys ?? ['Enter'],
    interruptKeys: [settings.interrupt_key],
    clearKeys: ['C-u'],
    program,
    async launch({ launch, conversation }) {
      const { file, env } = await program();
      const goOn = conversation.resume ? (settings.resume_args ?? []) : [];
      return {
        argv: [file, ...settings.args, ...goOn],
        env: { ...env, COURIER_RECEIPTS: launch.receipts, COURIER_CONVERSATION: conversation.id },
        files: [],
      };
    },
    readScreen(screen: Screen): ScreenState {
      const tail = tailOf(screen.text);
      if (tail === '') return { kind: 'unknown' };
      // A prompt often ends in a blank, and a pattern in one too or not.
      const trimmed = tail.replace(/[^\S\n]+$/gm, '');
      const shows = (pattern: RegExp) => pattern.test(tail) || pattern.test(trimmed);
      for (const { atEnd, kind, text, choices } of dialogs) {
        const found = atEnd.exec(trimmed)?.[0].trim();
        if (found) return { kind: 'dialog', dialog: { kind, text: text ?? found, choices } };
      }
      if (busy && shows(busy)) return { kind: 'working' };
      if (ready && !shows(ready)) return { kind: 'unknown' };
      return done ? { kind: 'ready', done: done.test(tailOf(belowLine(screen.text, line))) } : { kind: 'ready' };
    },
    hasForgotten: () => false,
    readReceipt: () => undefined,
  };
}

/** Words as a terminal may show them, which wraps a line anywhere. */
const wrapped = (words: string) =>
  [...words.replaceAll(' ', '')].map((one) => one.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('\\s*');

/** The line that was typed for a job, as it may stand on a screen. */
function lineOf(template: string | undefined): RegExp {
  if (template !== undefined)
    return new RegExp(
      template
        .split(/\{(?:job|prompt|output)\}/)
        .map(wrapped)
        .join('[\\w./\\s-]+?'),
      'g',
    );
  const ends = ['that file is complete.', 'then end your turn.'].map(wrapped);
  return new RegExp(`Job \\S+:[\\s\\S]*?(?:${ends.join('|')})`, 'g');
}

/** What stands below the last line of ours; all, when that scrolled away. An end above it is another turn's, and its own words are none. */
function belowLine(text: string, line: RegExp): string {
  const last = [...text.matchAll(line)].at(-1);
  return last ? text.slice(last.index + last[0].length) : text;
}

function tailOf(text: string): string {
  return text
    .split('\n')
    .filter((row) => row.trim() !== '')
    .slice(-tailRows)
    .join('\n');
}
