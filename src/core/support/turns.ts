/** Takes of a list that may change so many items at a time, each in its turn. */
export class Turns {
  private at = 0;

  constructor(private readonly atOnce: number) {}

  /** The next ones; all of them, when there are no more than are taken at once. */
  next<T>(items: readonly T[]): T[] {
    if (items.length <= this.atOnce) return [...items];
    const from = this.at % items.length;
    this.at = from + this.atOnce;
    return [...items.slice(from, this.at), ...items.slice(0, Math.max(0, this.at - items.length))];
  }
}
