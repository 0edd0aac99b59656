import type { Clock } from './clock';
import { isRefusedByDisk, messageOf } from './errors';
import { Emitter } from './events';
import { until } from './until';

export interface WriteAgain {
  clock: Clock;
  signal: AbortSignal;
  /** Told once, with why, when the first try was refused. */
  onRefused(why: string): void;
}

/** How long after a refusal the next try is made, in milliseconds: a full disk is nothing that an event tells of. */
const pauseMs = 500;

/** Writes, again and again while the disk refuses it (full, read-only, no right), for what may be neither lost nor skipped. Throws Aborted, and any other error. */
export async function untilWritten<T>(write: () => Promise<T>, { clock, signal, onRefused }: WriteAgain): Promise<T> {
  let told = false;
  const look = async (): Promise<{ value: T } | undefined> => {
    try {
      return { value: await write() };
    } catch (error) {
      if (!isRefusedByDisk(error)) throw error;
      if (!told) onRefused(messageOf(error));
      told = true;
      return undefined;
    }
  };
  const written = await until(look, { clock, signal, wake: new Emitter<void>().event, pollMs: pauseMs });
  return written!.value;
}
