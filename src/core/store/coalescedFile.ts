import { writeJson } from './jsonFile';

/** A JSON file of which only the newest state matters: changes that come while one is written share the next write. */
export class CoalescedFile<T> {
  private wanted: { value: T } | undefined;
  private writing: Promise<void> | undefined;
  /** How many times the file was written. */
  writes = 0;

  /** `guard` runs before each write and may throw to forbid it; `onError` is told once of each write that failed. */
  constructor(
    readonly file: string,
    private readonly guard: () => Promise<void>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Wants this value written, soon. */
  set(value: T): void {
    this.wanted = { value };
    this.flush().catch(() => undefined);
  }

  /** Resolves when the newest value is on disk; throws when it can't be written. */
  async flush(): Promise<void> {
    while (this.writing || this.wanted) {
      this.writing ??= this.write().finally(() => {
        this.writing = undefined;
      });
      await this.writing;
    }
  }

  private async write(): Promise<void> {
    const next = this.wanted;
    this.wanted = undefined;
    if (!next) return;
    try {
      await this.guard();
      // The text is made here, so that a state changed in place later isn't written half.
      await writeJson(this.file, next.value);
      this.writes++;
    } catch (error) {
      this.wanted ??= next;
      this.onError(error);
      throw error;
    }
  }
}
