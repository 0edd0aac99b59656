import { randomBytes } from 'node:crypto';
import type { Disposable } from './disposables';

/** Time and randomness, which come in from outside so that tests run on a fake clock. Times are milliseconds. */
export interface Clock {
  /** The wall clock, since the epoch. */
  now(): number;
  /** A clock that never goes back, from an arbitrary start. */
  monotonic(): number;
  after(ms: number, run: () => void): Disposable;
  every(ms: number, run: () => void): Disposable;
  /** 32 hex digits. */
  random(): string;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return { dispose: () => clearTimeout(timer) };
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    return { dispose: () => clearInterval(timer) };
  },
  random: () => randomBytes(16).toString('hex'),
};

/** A time as every file of ours has it: ISO 8601, UTC, milliseconds. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
