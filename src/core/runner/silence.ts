import type { Clock } from '../support/clock';

/** Whether the owner of an epoch is silent for `limitMs`, its last heartbeat being of the time `beat` (its own wall clock, milliseconds). */
export type Silence = (epoch: number, beat: number, limitMs: number) => boolean;

/** Judged in one look, by the wall clock; for who looks and goes on. */
export function byWallClock(clock: Clock): Silence {
  return (_epoch, beat, limitMs) => clock.now() - beat > limitMs;
}

/**
 * Judged over many looks, by this process's own clock: for how long the same heartbeat has stood there. A wall clock is set
 * back and forth, and another host's says something else.
 */
export function bySightings(clock: Clock): Silence {
  let first = { epoch: 0, beat: 0, at: 0 };
  return (epoch, beat, limitMs) => {
    if (first.epoch !== epoch || first.beat !== beat) first = { epoch, beat, at: clock.monotonic() };
    return clock.monotonic() - first.at >= limitMs;
  };
}
