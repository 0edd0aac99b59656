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
    canResume: false,
    quietMs: settings.quiet_time_s * 1000,
    // Nothing proves that Enter wasn't taken, and a second one may mean something.
    enterTries: 1,
    interruptKeys: [settings.interrupt_key],
    clearKeys: ['C-u'],
    program,
    async launch({ launch }) {
      const { file, env } = await program();
      return { argv: [file, ...settings.args], env: { ...env, COURIER_RECEIPTS: launch.receipts }, files: [] };
    },
    readScreen(screen: Screen): ScreenState {
      const tail = tailOf(screen.text);
      if (tail === '') return { kind: 'unknown' };
      // A prompt often ends in a blank, and a pattern in one too or not.
      const trimmed = tail.replace(/[^\S\n]+$/gm, '');
      const shows = (pattern: RegExp) => pattern.test(tail) || pattern.test(trimmed);
      if (busy && shows(busy)) return { kind: 'working' };
      if (ready) return shows(ready) ? { kind: 'ready' } : { kind: 'unknown' };
      return { kind: 'ready' };
    },
    hasForgotten: () => false,
    readReceipt: () => undefined,
  };
}

function tailOf(text: string): string {
  return text
    .split('\n')
    .filter((row) => row.trim() !== '')
    .slice(-tailRows)
    .join('\n');
}
