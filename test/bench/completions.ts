import { isFinal, type Job } from '../../src/core/model/job';
import { FolderView } from '../../src/core/store/folderView';
import { systemClock } from '../../src/core/support/clock';
import type { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

/** A job's end as a client of the folder saw it. */
export interface Seen {
  job: Job;
  /** On performance.now(), and in milliseconds since the epoch. */
  at: number;
  wall: number;
}

/** Sees jobs end as a window does: through a FolderView, from the folder's files. */
export class Completions {
  private readonly ends = new Map<string, Seen>();
  private readonly waiting = new Map<string, (seen: Seen) => void>();

  private constructor(private readonly view: FolderView) {
    view.onDidChange(({ sessions }) => {
      const [at, wall] = [performance.now(), Date.now()];
      for (const job of sessions.flatMap((session) => session.finished)) {
        if (this.ends.has(job.job_id) || !isFinal(job.status)) continue;
        const seen = { job, at, wall };
        this.ends.set(job.job_id, seen);
        this.waiting.get(job.job_id)?.(seen);
      }
    });
  }

  /** Begins to follow a folder, with what a window has for settings. */
  static async open({ layout, user, settings }: TestCourier): Promise<Completions> {
    const scanEvery = settings.scan_interval_s * 1000;
    const view = new FolderView(layout, user, systemClock, { historyLimit: 20, scanEvery });
    const own = new Completions(view);
    await view.start();
    return own;
  }

  /** Waits until a job is seen as completed; throws for any other end. */
  async completed(jobId: string, limitMs = 60_000): Promise<Seen> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`job ${jobId} was not seen to end in ${limitMs} ms`)), limitMs);
    });
    const seen = new Promise<Seen>((resolve) => {
      const known = this.ends.get(jobId);
      if (known) resolve(known);
      else this.waiting.set(jobId, resolve);
    });
    try {
      const end = await Promise.race([seen, late]);
      if (end.job.status !== 'completed') throw new Error(`the job did not complete: ${JSON.stringify(end.job)}`);
      return end;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits until a session stands ready. */
  async ready(sessionId = 'main'): Promise<void> {
    const isReady = () =>
      this.view.snapshot?.sessions.some(
        ({ metadata, jobs }) => metadata.session_id === sessionId && metadata.state === 'ready' && jobs.length === 0,
      );
    await waitFor(isReady, { timeout: 30_000, interval: 5, what: `session ${sessionId} to be ready` });
  }

  stop(): void {
    this.view.dispose();
  }
}
