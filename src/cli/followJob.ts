import { isFinal, type Job } from '../core/model/job';
import { justEnded } from '../core/store/history';
import { awaitReply } from '../core/store/inbox';
import { findJob, followStates, readLiveJob } from '../core/store/snapshot';
import type { StateReader } from '../core/store/stateReader';
import { DisposableStore } from '../core/support/disposables';
import { Emitter } from '../core/support/events';
import { until } from '../core/support/until';
import type { Context } from './context';
import { onInterrupt } from './interrupt';
import { Progress } from './progress';
import type { RunnerKeeper } from './runnerKeeper';

/** How following a job ended. */
export type Followed =
  | { kind: 'ended'; job: Job }
  | { kind: 'refused'; reason: string }
  | { kind: 'interrupted'; exitCode: number };

/** How often the job's files are looked at when no event came, and whether a runner is alive, in milliseconds. */
const lookEvery = 100;
const keepEvery = 500;

/**
 * Follows a job from the two small files in which it stands until it ended, was refused, or a person interrupts; keeps a
 * runner alive meanwhile. Without a session id it is looked for in all of them.
 */
export async function followJob(
  context: Context,
  keeper: RunnerKeeper,
  jobId: string,
  sessionId?: string,
): Promise<Followed> {
  const follower = new Follower(context, keeper, jobId, sessionId);
  try {
    const interrupted = onInterrupt().then((exitCode): Followed => ({ kind: 'interrupted', exitCode }));
    return await Promise.race([follower.ended(), follower.refused(), interrupted, follower.keep()]);
  } finally {
    follower.stop();
  }
}

class Follower {
  private readonly own = new DisposableStore();
  private readonly stopper = new AbortController();
  private readonly changed = this.own.add(new Emitter<void>());
  private readonly progress: Progress;
  private watching = false;
  private seen = false;
  private readonly states: StateReader;

  constructor(
    private readonly context: Context,
    private readonly keeper: RunnerKeeper,
    private readonly jobId: string,
    private sessionId: string | undefined,
  ) {
    this.progress = new Progress(context);
    this.states = followStates(context.layout, context.user);
  }

  stop(): void {
    this.stopper.abort();
    this.own.dispose();
  }

  /** Resolves only when the request was refused. */
  refused(): Promise<Followed> {
    const { layout, clock } = this.context;
    const known = () => this.seen || this.stopper.signal.aborted;
    return new Promise((resolve, reject) => {
      awaitReply(layout, this.jobId, clock, Number.POSITIVE_INFINITY, known).then((reply) => {
        if (reply && !reply.ok) resolve({ kind: 'refused', reason: reply.error ?? 'The runner refused it.' });
      }, reject);
    });
  }

  /** Never resolves; throws when a runner is needed here and can't be started. */
  keep(): Promise<never> {
    return new Promise((_, reject) => {
      const ensure = () => void this.keeper.ensure().catch(reject);
      this.own.add(this.keeper.onDidWork(() => this.changed.fire()));
      this.own.add(this.context.clock.every(keepEvery, ensure));
      ensure();
    });
  }

  /** Resolves when the job has ended. */
  async ended(): Promise<Followed> {
    const { clock } = this.context;
    const waits = { clock, wake: this.changed.event, pollMs: lookEvery, signal: this.stopper.signal };
    const job = await until(() => this.look(), waits);
    return { kind: 'ended', job: job! };
  }

  private async look(): Promise<Job | undefined> {
    const { layout } = this.context;
    const { jobId, sessionId, states } = this;
    const live = sessionId === undefined ? undefined : await readLiveJob(layout, sessionId, jobId, states);
    if (live) {
      this.seen = true;
      this.progress.show(live.job, live);
      await this.watch(live.job.session_id);
      return undefined;
    }
    const found = await findJob(layout, jobId, sessionId, justEnded, states);
    // One that is in this session no more was moved to another one, and is looked for in all.
    this.sessionId = found ? found.session_id : this.seen ? undefined : sessionId;
    return found && isFinal(found.status) ? found : undefined;
  }

  /** Its session's folder is there now: its queue says each step of the job as it comes from another process. */
  private async watch(sessionId: string): Promise<void> {
    if (this.watching || this.keeper.isHere) return;
    this.watching = true;
    const { watchPaths } = await import('../core/support/watch');
    const { queue, dir } = this.context.layout.session(sessionId);
    const options = {
      ignored: (file: string) => file !== dir && file !== queue,
      usePolling: this.context.settings.use_polling,
    };
    const watcher = this.own.add(watchPaths([dir], () => this.changed.fire(), options));
    // What changed while it began to watch was no event.
    void watcher.ready.then(() => this.changed.fire());
  }
}
