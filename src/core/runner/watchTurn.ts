import type { AgentEvent, ScreenState } from '../agents/agent';
import type { AgentPane } from '../sessions/agentPane';
import { lookOrEnd } from '../sessions/settle';
import type { Settings } from '../store/settings';
import type { Clock } from '../support/clock';
import { until } from '../support/until';
import type { OutputLook } from './output';

/** How a turn ended; `inferred` when its screen or quiet time told it, and no receipt did. */
export type TurnEnd =
  | { kind: 'finished'; message: string; inferred?: true }
  | { kind: 'failed'; message: string; inferred?: true }
  | { kind: 'ended' }
  /** Esc, or a permission that was refused; where no receipt says so, the CLI is idle. `message` is the CLI's, if it says so. */
  | { kind: 'interrupted'; message?: string; inferred?: true }
  | { kind: 'timeout'; message: string };

export interface TurnContext {
  clock: Clock;
  settings: Settings;
  signal: AbortSignal;
  /** Seconds of silence that end the wait; 0 is never. */
  timeoutS: number;
  promptId: string;
  /** When the job was started, on the monotonic clock. */
  startedAt: number;
  output(): Promise<OutputLook>;
  /** Called with each tool that the CLI says it uses. */
  onActivity(what: string): void;
}

/**
 * How long an idle screen must stand at least before it tells of an interruption, in milliseconds. A CLI that has to wait for the
 * processor gives its last receipt late, and draws a turn late that it has just begun, of which nothing was seen at work then.
 */
const idleMs = (worked: boolean) => (worked ? 4000 : 10_000);

/** How long the screen has to show how a turn ended that is over by its receipt, in milliseconds: an upper bound. */
const shownWithin = 10_000;

/** Follows a turn from its acceptance to its end: by receipts where the CLI gives them, else by screen, output and quiet time. */
export async function watchTurn(pane: AgentPane, context: TurnContext): Promise<TurnEnd> {
  const { clock, settings } = context;
  const watch = {
    life: clock.monotonic(),
    digest: '',
    idleLooks: 0,
    idleSince: 0,
    worked: false,
    events: 0,
    output: '',
    outputSince: clock.monotonic(),
    over: undefined as { end: TurnEnd; at: number } | undefined,
  };
  const scan = settings.scan_interval_s * 1000;
  const lookEvery = () =>
    watch.over
      ? pane.agent.quietMs / 4
      : pane.attention.waiting
        ? 250
        : pane.agent.receipts
          ? scan
          : Math.min(scan, pane.agent.quietMs / 4);
  // Reading the receipts folder is cheap, and an event of the file system can be lost.
  const pollMs = () => Math.min(250, lookEvery());
  let lastLook = Number.NEGATIVE_INFINITY;

  const end = await until<TurnEnd>(
    async () => {
      await pane.readReceipts();
      const ended = endIn(pane.events, context.promptId);
      if (ended && !pane.agent.endsAlike) return ended;
      if (pane.ended) return { kind: 'ended' };
      const now = clock.monotonic();
      watch.over = ended && { end: ended, at: watch.over?.at ?? now };
      const fresh = pane.events.slice(watch.events);
      if (fresh.length > 0) {
        watch.events = pane.events.length;
        watch.life = now;
        watch.idleLooks = 0;
        for (const event of fresh) {
          if (event.kind !== 'activity') continue;
          watch.worked = true;
          context.onActivity(event.what);
        }
      }
      // A dialog has its own receipt; apart from that, a receipt needs no look at the screen.
      const asks = fresh.some((event) => event.kind === 'permission');
      if (!asks && now - lastLook < lookEvery() - 1) return timedOut();
      lastLook = now;
      const look = await lookOrEnd(pane);
      if (!look) return pane.ended ? { kind: 'ended' } : undefined;
      const moved = look.digest !== watch.digest;
      watch.digest = look.digest;
      if (moved) watch.life = now;
      const dialog = await pane.standing(look);
      if (dialog) pane.attention.show(dialog);
      else pane.attention.clear();
      if (dialog || look.state.kind === 'dialog') {
        watch.life = now;
        watch.idleLooks = 0;
        return undefined;
      }
      const idle = look.state.kind === 'ready' || look.state.kind === 'typed';
      if (look.state.kind === 'working') watch.worked = true;
      watch.idleLooks = idle && !moved ? watch.idleLooks + 1 : 0;
      if (watch.idleLooks === 0) watch.idleSince = now;
      if (!pane.agent.receipts) return (await byQuietTime(look.state)) ?? timedOut();
      // What the screen itself says of the turn's end, seen twice.
      const shown = look.state.kind === 'ready' ? look.state.turn : undefined;
      const { over } = watch;
      // A CLI that goes on by itself after such a receipt does so at once.
      const still = !over || now - watch.idleSince >= pane.agent.quietMs;
      if (shown && watch.idleLooks >= 1 && still) return { ...shown, inferred: true };
      if (over)
        return endedAsShown(over, { still: watch.idleLooks >= 1 && still, unknown: look.state.kind === 'unknown' });
      // Two looks a whole interval apart at an idle screen that didn't move, and no receipt between them.
      const idleFor = now - watch.idleSince;
      const stopped = watch.idleLooks >= 2 && idleFor >= idleMs(watch.worked);
      return stopped ? { kind: 'interrupted', inferred: true } : timedOut();
    },
    { clock, wake: pane.onDidChange, pollMs, signal: context.signal },
  );
  return end ?? { kind: 'ended' };

  function timedOut(): TurnEnd | undefined {
    if (pane.attention.waiting) return undefined;
    const now = clock.monotonic();
    const silent = (now - watch.life) / 1000;
    if (context.timeoutS > 0 && silent >= context.timeoutS) {
      return { kind: 'timeout', message: `${pane.agent.title} showed no sign of life for ${context.timeoutS} s.` };
    }
    const total = settings.job_total_timeout_s;
    if (total > 0 && now - context.startedAt >= total * 1000)
      return { kind: 'timeout', message: `The job took longer than ${total} s.` };
    return undefined;
  }

  /** The end that a receipt told of: when the CLI has stood idle since, or its screen says nothing that is known. */
  function endedAsShown(
    { end, at }: { end: TurnEnd; at: number },
    { still, unknown }: { still: boolean; unknown: boolean },
  ): TurnEnd | undefined {
    return still || (unknown && clock.monotonic() - at >= shownWithin) ? end : timedOut();
  }

  /** Without receipts: an output and a screen that both stood still for the quiet time, or what the screen shows of the end, seen twice. */
  async function byQuietTime(state: ScreenState): Promise<TurnEnd | undefined> {
    const output = await context.output();
    const stamp = output.kind === 'there' ? output.stamp : '';
    const now = clock.monotonic();
    if (stamp !== watch.output) {
      watch.output = stamp;
      watch.outputSince = now;
      watch.life = now;
    }
    if (state.kind !== 'ready') return undefined;
    if (state.done !== undefined) {
      return state.done && watch.idleLooks >= 1 ? { kind: 'finished', message: '', inferred: true } : undefined;
    }
    const quiet = now - Math.max(watch.life, watch.outputSince) >= pane.agent.quietMs;
    return quiet ? { kind: 'finished', message: '', inferred: true } : undefined;
  }
}

/** The end of the turn that began with `promptId`; ends of earlier turns don't count, those of later ones do. */
export function endIn(events: AgentEvent[], promptId: string): TurnEnd | undefined {
  // Two receipts of one step of the file system's clock may stand in either order.
  const own = events.filter(isEnd).find((event) => event.promptId === promptId);
  if (own) return { kind: own.kind, message: own.message };
  const from = events.findIndex((event) => event.kind === 'accepted' && event.promptId === promptId);
  const earlier = new Set(
    events.slice(0, Math.max(from, 0)).flatMap((event) => (event.kind === 'accepted' ? [event.promptId] : [])),
  );
  for (const event of events.slice(Math.max(from, 0))) {
    if (!isEnd(event)) continue;
    if (event.promptId !== undefined && event.promptId !== promptId && earlier.has(event.promptId)) continue;
    return { kind: event.kind, message: event.message };
  }
  return undefined;
}

type EndEvent = Extract<AgentEvent, { kind: 'finished' | 'failed' | 'interrupted' }>;
const isEnd = (event: AgentEvent): event is EndEvent => endKinds.has(event.kind);
const endKinds = new Set<AgentEvent['kind']>(['finished', 'failed', 'interrupted']);
