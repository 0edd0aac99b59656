import type { Clock } from './clock';
import type { Disposable } from './disposables';

/** Hands values on, the first at once, and of those that follow quickly only the last, when `everyMs` has passed. */
export class Throttled<T> implements Disposable {
  private next: { value: T } | undefined;
  private waiting: Disposable | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly everyMs: number,
    private readonly hand: (value: T) => void,
  ) {}

  set(value: T): void {
    if (this.waiting) this.next = { value };
    else this.give(value);
  }

  private give(value: T): void {
    this.waiting = this.clock.after(this.everyMs, () => {
      this.waiting = undefined;
      const { next } = this;
      this.next = undefined;
      if (next) this.give(next.value);
    });
    this.hand(value);
  }

  /** What was not handed on is not any more. */
  dispose(): void {
    this.waiting?.dispose();
    this.waiting = undefined;
    this.next = undefined;
  }
}
