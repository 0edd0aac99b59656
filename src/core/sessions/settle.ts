import type { Settings } from '../store/settings';
import type { Clock } from '../support/clock';
import { until } from '../support/until';
import type { AgentPane, Look } from './agentPane';

/** What became of waiting until a pane takes input. */
export type Settled = 'ready' | 'ended';

export interface SettleOptions {
  clock: Clock;
  settings: Settings;
  signal: AbortSignal;
  /** At a start, the input row must stand still over two looks, and the CLI's own receipt must be there. */
  starting: boolean;
  /**
   * After a job that was broken off: takes back what it left in the pane, and says whether there was anything. The pane
   * must then have stood idle for a while, since a line or turn may show only some time after it was typed.
   */
  takeBack?(look: Look): Promise<boolean>;
}

/** How long a pane must have stood idle after a job that was broken off. */
const idleMs = 1000;

/**
 * Waits until a pane shows its empty input row and no turn runs. What stands in the way and needs a person is shown as
 * what the pane waits for, and goes away by itself when the screen moves on. Presses nothing of its own.
 */
export async function settle(pane: AgentPane, options: SettleOptions): Promise<Settled> {
  const { clock, settings, starting } = options;
  const patience = clock.monotonic() + settings.start_timeout_s * 1000;
  let before: Look | undefined;
  let idleSince: number | undefined;
  const settled = await until<Settled>(
    async () => {
      await pane.readReceipts();
      if (pane.ended) return 'ended';
      const look = await lookOrEnd(pane);
      if (!look) return pane.ended ? 'ended' : undefined;
      const { state } = look;
      const still = before?.digest === look.digest;
      before = look;
      const left = await options.takeBack?.(look);
      idleSince = state.kind === 'ready' ? (idleSince ?? clock.monotonic()) : undefined;
      if (left) {
        pane.attention.clear();
        return undefined;
      }
      if (state.kind === 'ready') {
        if (options.takeBack && clock.monotonic() - idleSince! < idleMs) return undefined;
        if (starting && !(still && (pane.started || !pane.agent.receipts))) return undefined;
        pane.attention.clear();
        return 'ready';
      }
      if (state.kind === 'dialog') pane.attention.show(state.dialog);
      else if (state.kind === 'typed') pane.attention.show(halfTyped(pane, state.text));
      else if (state.kind === 'working') pane.attention.clear();
      else if (clock.monotonic() > patience) pane.attention.show(unknownScreen(look));
      return undefined;
    },
    { clock, wake: pane.onDidChange, pollMs: () => pollOf(pane), signal: options.signal },
  );
  return settled ?? 'ended';
}

/** Looks at a pane that may have gone between two lists of panes. */
export async function lookOrEnd(pane: AgentPane): Promise<Look | undefined> {
  try {
    return await pane.look();
  } catch (error) {
    await pane.checkEnd();
    if (pane.ended) return undefined;
    throw error;
  }
}

// A screen has no event: it is looked at often while it is about to change, and seldom while a person thinks.
const pollOf = (pane: AgentPane) => (pane.attention.waiting ? 250 : 25);

/** An input row that holds text which was not sent, as something that only a person can decide. */
export function halfTyped(pane: AgentPane, text: string) {
  return {
    kind: 'input_not_empty' as const,
    text: `The input row holds text that was not sent: ${text}`,
    choices: [{ id: 'clear', label: 'Clear the line', keys: pane.agent.clearKeys }],
    stands: ({ state }: Pick<Look, 'state'>) => state.kind === 'typed' && state.text === text,
  };
}

function unknownScreen(look: Look) {
  const rows = look.text.trimEnd().split('\n').slice(-12).join('\n');
  return { kind: 'unknown' as const, text: `The screen shows no input row that is known:\n${rows}`, choices: [] };
}
