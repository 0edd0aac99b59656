import type { Settings } from '../store/settings';
import type { Clock } from '../support/clock';
import { until } from '../support/until';
import { TmuxError } from '../tmux/client';
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
  const begun = clock.monotonic();
  const patience = begun + settings.start_timeout_s * 1000;
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
      const dialog = await pane.standing(look);
      const left = await options.takeBack?.(look);
      idleSince = state.kind === 'ready' ? (idleSince ?? clock.monotonic()) : undefined;
      if (left) {
        pane.attention.clear();
        return undefined;
      }
      if (state.kind === 'ready') {
        if (options.takeBack && clock.monotonic() - idleSince! < idleMs) return undefined;
        const greeted = pane.started || !pane.agent.receipts || pane.agent.startsSilently === true;
        if (starting && !(still && greeted)) return undefined;
        pane.attention.clear();
        return 'ready';
      }
      if (dialog) pane.attention.show(dialog);
      else if (state.kind === 'typed') pane.attention.show(halfTyped(pane, state.text));
      else if (state.kind === 'working' || state.kind === 'dialog') pane.attention.clear();
      else if (clock.monotonic() > patience) pane.attention.show(unknownScreen(look));
      return undefined;
    },
    { clock, wake: pane.onDidChange, pollMs: () => pollOf(pane, clock.monotonic() - begun), signal: options.signal },
  );
  return settled ?? 'ended';
}

/** Looks at a pane that may have gone between two lists of panes. Undefined, and shown as what is waited for, while tmux gives no answer. */
export async function lookOrEnd(pane: AgentPane): Promise<Look | undefined> {
  try {
    return await pane.look();
  } catch (error) {
    if (isNoAnswer(error)) return silent(pane);
    try {
      await pane.checkEnd();
    } catch (later) {
      if (isNoAnswer(later)) return silent(pane);
      throw later;
    }
    // A server that was out of reach for a moment, and whose pane is there.
    if (pane.ended || (error instanceof TmuxError && error.noServer)) return undefined;
    throw error;
  }
}

const isNoAnswer = (error: unknown) => error instanceof TmuxError && error.noAnswer;

/** A tmux that hangs says nothing about the agent under it, which may well be working. */
function silent(pane: AgentPane): undefined {
  const text =
    'tmux gives no answer: its server is stopped, or of another version. Nothing is typed meanwhile; it goes on by itself.';
  if (!pane.attention.waiting) pane.attention.show({ kind: 'unknown', text, choices: [] });
  return undefined;
}

// A screen has no event: it is looked at often while it is about to change, the less often the longer that takes, and seldom
// while a person thinks.
const pollOf = (pane: AgentPane, waitedMs: number) =>
  pane.attention.waiting ? 250 : Math.min(250, Math.max(25, waitedMs / 100));

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
