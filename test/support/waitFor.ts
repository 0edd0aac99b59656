import { setTimeout as delay } from 'node:timers/promises';

/** How long to wait, and what for. */
export interface WaitOptions {
  /** Upper bound in milliseconds; 30 s when not given. */
  timeout?: number;
  /** What is waited for, in the words of the error; a function is asked when the time is up. */
  what?: string | (() => string | Promise<string>);
  /** Milliseconds between two looks; 20 when not given. */
  interval?: number;
}

/** Waits until the condition gives something other than undefined, null or false, and returns it; an error of the condition counts as "not yet". */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeout = 30_000, what = 'a condition', interval = 20 }: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + timeout;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      cause = undefined;
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false>;
      }
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) break;
    await delay(interval);
  }
  const wanted = typeof what === 'string' ? what : await what();
  throw new Error(`waited ${timeout} ms in vain for ${wanted}`, { cause });
}
