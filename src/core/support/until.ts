import type { Clock } from './clock';
import type { Disposable } from './disposables';
import type { Event } from './events';

/** Thrown out of a wait whose signal was aborted; `reason` says why. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
  constructor(readonly reason: unknown) {
    super('aborted');
  }
}

export interface UntilOptions {
  clock: Clock;
  /** What makes a further look worth while. */
  wake: Event<void>;
  /** Milliseconds after which a look is taken without an event; none when undefined. */
  pollMs?: number | (() => number);
  /** The upper bound in milliseconds; none when undefined. */
  limitMs?: number;
  signal: AbortSignal;
}

/** Looks until there is something to return: at once, at each wake, and at each poll. Undefined when the limit passed; throws Aborted. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  options: UntilOptions,
): Promise<T | undefined> {
  const { clock, signal, limitMs } = options;
  const pollMs = () => (typeof options.pollMs === 'function' ? options.pollMs() : options.pollMs);
  const end = limitMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() + limitMs;
  let woken = false;
  let resume: () => void = () => {};
  const notice = () => {
    woken = true;
    resume();
  };
  const listening = options.wake(notice);
  signal.addEventListener('abort', notice);
  try {
    for (;;) {
      if (signal.aborted) throw new Aborted(signal.reason);
      woken = false;
      const found = await look();
      if (found !== undefined) return found;
      if (signal.aborted) throw new Aborted(signal.reason);
      const left = end - clock.monotonic();
      if (left <= 0) return undefined;
      const pause = Math.min(left, pollMs() ?? Number.POSITIVE_INFINITY);
      if (woken) continue;
      let timer: Disposable | undefined;
      await new Promise<void>((resolve) => {
        resume = resolve;
        if (pause < Number.POSITIVE_INFINITY) timer = clock.after(pause, resolve);
      });
      timer?.dispose();
    }
  } finally {
    listening.dispose();
    signal.removeEventListener('abort', notice);
  }
}
