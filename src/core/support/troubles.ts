import { isSuperseded, messageOf } from './errors';
import type { Log } from './log';

/** What fails over and over, such as with a full disk, told once and not with each try. */
export class Troubles {
  private readonly known = new Map<string, string>();

  constructor(private readonly log: Log) {}

  /** A step that fails (a tmux that hangs, a full disk) keeps no other from its turn; only that this runner is superseded is thrown. */
  async tryTo(what: string, step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
      this.over(what);
    } catch (error) {
      if (isSuperseded(error)) throw error;
      this.failed(what, error);
    }
  }

  /** Tells of a failure `what` in words, unless it failed in the same way the last time. */
  failed(what: string, error: unknown): void {
    const message = messageOf(error);
    if (this.known.get(what) !== message) this.log.error(what, error);
    this.known.set(what, message);
  }

  /** Forgets what it failed with: it is over. */
  over(what: string): void {
    this.known.delete(what);
  }
}
