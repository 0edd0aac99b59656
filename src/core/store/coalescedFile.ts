import type { Clock } from '../support/clock';
import type { Disposable } from '../support/disposables';
import { messageOf } from '../support/errors';
import { writeJson } from './jsonFile';
import { type FileMark, markOf, sameMark } from './wholeFile';

/** How long a change that nobody waits for may wait for another one to be written with, in milliseconds. */
const soonMs = 250;

/** A JSON file of which only the newest state matters: changes that come while one is written share the next write. */
export class CoalescedFile<T> {
  private wanted: { value: T } | undefined;
  /** Whether what is wanted is to be written now. */
  private now = false;
  private writing: Promise<void> | undefined;
  private later: Disposable | undefined;
  private left: FileMark | undefined;
  /** Why the last write failed. */
  private refused: string | undefined;
  /** How many times the file was written. */
  writes = 0;

  /**
   * `guard` is as in `writeWhole`; `prepare` is done before each write; `onError` is told of a write that failed, once as long
   * as those after it fail in the same way.
   */
  constructor(
    readonly file: string,
    private readonly clock: Clock,
    private readonly guard: () => Promise<void>,
    private readonly onError: (error: unknown) => void,
    private readonly prepare: () => Promise<void> = async () => {},
  ) {}

  /** Wants this value written, now. */
  set(value: T): void {
    this.wanted = { value };
    this.flush().catch(() => undefined);
  }

  /** Wants this value written with the next one that is, or after a moment: of changes that follow each other, one is. */
  setSoon(value: T): void {
    this.wanted = { value };
    this.later ??= this.clock.after(soonMs, () => {
      this.flush().catch(() => undefined);
    });
  }

  /** Resolves when the newest value is on disk; throws when it can't be written. */
  async flush(): Promise<void> {
    this.later?.dispose();
    this.later = undefined;
    this.now ||= this.wanted !== undefined;
    while (this.writing || (this.wanted && this.now)) {
      this.writing ??= this.write().finally(() => {
        this.writing = undefined;
      });
      await this.writing;
    }
  }

  /**
   * Whether the file isn't as this left it: it never was written here, or not successfully, or was removed, or somebody wrote
   * over it, such as a superseded runner that woke up.
   */
  async changed(): Promise<boolean> {
    const { left } = this;
    const found = await markOf(this.file);
    if (this.writing || this.left !== left) return false;
    return (this.wanted !== undefined && !this.later) || left === undefined || !sameMark(found, left);
  }

  private async write(): Promise<void> {
    // Changes of one step of the program are one write.
    await Promise.resolve();
    const next = this.wanted;
    this.wanted = undefined;
    this.now = false;
    if (!next) return;
    try {
      await this.prepare();
      // The text is made at once: a state that is changed in place while it is written isn't written half.
      this.left = await writeJson(this.file, next.value, this.guard);
      this.writes++;
      this.refused = undefined;
    } catch (error) {
      this.wanted ??= next;
      // A temporary file that is gone was taken away by who took over.
      const cause = await this.guard().then(
        () => error,
        (superseded) => superseded,
      );
      if (messageOf(cause) !== this.refused) this.onError(cause);
      this.refused = messageOf(cause);
      throw cause;
    }
  }
}
