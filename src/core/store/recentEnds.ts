import { justEnded, readHistory } from './history';
import type { SessionLayout } from './layout';

/**
 * The ids of the jobs that ended of late in a session, for the one process that ends them. With each prompt one is looked
 * for that is mostly not there: the history is read for it once, and not as often as prompts come.
 */
export class RecentEnds {
  private ids: Promise<Set<string>> | undefined;

  constructor(private readonly session: SessionLayout) {}

  async has(jobId: string): Promise<boolean> {
    const ids = this.ids ?? this.read();
    this.ids = ids;
    try {
      return (await ids).has(jobId);
    } catch (error) {
      if (this.ids === ids) this.ids = undefined;
      throw error;
    }
  }

  /** Notes an end that was just written. */
  note(jobId: string): void {
    // Before the history is read for the first time there is nothing to note it in, and it is found there then.
    this.ids?.then(
      (ids) => add(ids, jobId),
      () => undefined,
    );
  }

  private async read(): Promise<Set<string>> {
    const newestFirst = await readHistory(this.session, justEnded);
    return new Set(newestFirst.map((job) => job.job_id).reverse());
  }
}

function add(ids: Set<string>, jobId: string): void {
  ids.add(jobId);
  const [oldest] = ids;
  if (ids.size > justEnded && oldest !== undefined) ids.delete(oldest);
}
