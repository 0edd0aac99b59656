import type { Disposable } from './disposables';

/** Subscribes a listener; what it returns ends the subscription. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** A source of events, in the shape that VS Code's own has, for code that runs with no editor. */
export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<(value: T) => void>();

  readonly event: Event<T> = (listener) => {
    const own = (value: T) => listener(value);
    this.listeners.add(own);
    return { dispose: () => this.listeners.delete(own) };
  };

  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }

  dispose(): void {
    this.listeners.clear();
  }
}
