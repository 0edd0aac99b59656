import type { Clock } from '../../src/core/support/clock';

interface Timer {
  due: number;
  every?: number;
  run: () => void;
}

/** A clock that moves only when it is told to, and a randomness that counts. */
export class FakeClock implements Clock {
  private elapsed = 0;
  private count = 0;
  private readonly timers = new Set<Timer>();

  constructor(private readonly start = Date.UTC(2026, 10, 22, 10, 0, 0)) {}

  now(): number {
    return this.start + this.elapsed;
  }

  monotonic(): number {
    return this.elapsed;
  }

  after(ms: number, run: () => void) {
    return this.add({ due: this.elapsed + ms, run });
  }

  every(ms: number, run: () => void) {
    return this.add({ due: this.elapsed + ms, every: ms, run });
  }

  random(): string {
    this.count++;
    return this.count.toString(16).padStart(32, '0').split('').reverse().join('');
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.timers.size;
  }

  /** Moves the time on, running what falls due in its order, and lets what was woken go on. */
  async advance(ms: number): Promise<void> {
    await settle();
    const target = this.elapsed + ms;
    for (;;) {
      const next = [...this.timers].sort((a, b) => a.due - b.due)[0];
      if (!next || next.due > target) break;
      this.elapsed = Math.max(this.elapsed, next.due);
      if (next.every === undefined) this.timers.delete(next);
      else next.due += next.every;
      next.run();
      await settle();
    }
    this.elapsed = target;
    await settle();
  }

  /** As a machine that sleeps: time has moved on when it wakes, and what fell due meanwhile runs once. */
  async sleep(ms: number): Promise<void> {
    await settle();
    this.elapsed += ms;
    for (const timer of [...this.timers].filter(({ due }) => due <= this.elapsed)) {
      if (timer.every === undefined) this.timers.delete(timer);
      else timer.due = this.elapsed + timer.every;
      timer.run();
    }
    await settle();
  }

  private add(timer: Timer) {
    this.timers.add(timer);
    return { dispose: () => this.timers.delete(timer) };
  }
}

/** Lets promises that are resolved already go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
