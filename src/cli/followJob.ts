import { isFinal, type Job } from '../core/model/job';
import type { FolderView } from '../core/store/folderView';
import { awaitReply } from '../core/store/inbox';
import { type FolderSnapshot, findJob } from '../core/store/snapshot';
import type { Context } from './context';
import { onInterrupt } from './interrupt';
import { Progress } from './progress';
import type { RunnerKeeper } from './runnerKeeper';

/** How following a job ended. */
export type Followed =
  | { kind: 'ended'; job: Job }
  | { kind: 'refused'; reason: string }
  | { kind: 'interrupted'; exitCode: number };

/** Follows a job from the folder's files until it ended, was refused, or a person interrupts; keeps a runner alive meanwhile. */
export async function followJob(context: Context, keeper: RunnerKeeper, jobId: string): Promise<Followed> {
  const { FolderView } = await import('../core/store/folderView');
  const { layout, user, clock, settings } = context;
  const view = new FolderView(layout, user, clock, {
    historyLimit: 20,
    scanEvery: 500,
    usePolling: settings.use_polling,
  });
  const follower = new Follower(context, keeper, view, jobId);
  try {
    const interrupted = onInterrupt().then((exitCode): Followed => ({ kind: 'interrupted', exitCode }));
    // A runner that can't be started here ends the wait; one that is, or was there, doesn't.
    const keeping = keeper.ensure().then(() => new Promise<never>(() => {}));
    return await Promise.race([follower.ended(), follower.refused(), interrupted, keeping]);
  } finally {
    follower.stop();
    view.dispose();
  }
}

class Follower {
  private readonly progress: Progress;
  private seen = false;
  private stopped = false;

  constructor(
    private readonly context: Context,
    private readonly keeper: RunnerKeeper,
    private readonly view: FolderView,
    private readonly jobId: string,
  ) {
    this.progress = new Progress(context);
  }

  stop(): void {
    this.stopped = true;
  }

  /** Resolves only when the request was refused. */
  refused(): Promise<Followed> {
    const { layout, clock } = this.context;
    return new Promise((resolve, reject) => {
      awaitReply(layout, this.jobId, clock, Number.POSITIVE_INFINITY, () => this.seen || this.stopped).then((reply) => {
        if (reply && !reply.ok) resolve({ kind: 'refused', reason: reply.error ?? 'The runner refused it.' });
      }, reject);
    });
  }

  /** Resolves when the job has ended. */
  ended(): Promise<Followed> {
    return new Promise((resolve, reject) => {
      const look = (snapshot: FolderSnapshot) =>
        this.look(snapshot).then((job) => job && resolve({ kind: 'ended', job }), reject);
      this.view.onDidChange(look);
      this.view.start().catch(reject);
    });
  }

  private async look(snapshot: FolderSnapshot): Promise<Job | undefined> {
    for (const session of snapshot.sessions) {
      const finished = session.finished.find((job) => job.job_id === this.jobId);
      if (finished) return finished;
      const live = session.jobs.find((job) => job.job_id === this.jobId);
      if (!live) continue;
      this.seen = true;
      this.progress.show(live, session);
      if (!snapshot.runner && !this.stopped) await this.keeper.ensure();
      return undefined;
    }
    if (!snapshot.runner && !this.stopped) await this.keeper.ensure();
    // It was in the queue and no longer is, nor among the newest finished ones.
    const found = this.seen ? await findJob(this.context.layout, this.jobId) : undefined;
    return found && isFinal(found.status) ? found : undefined;
  }
}
