import { type FailReason, type FinalStatus, type Job, requireMove } from '../model/job';
import type { AgentPane } from '../sessions/agentPane';
import type { ManagedSession } from '../sessions/managedSession';
import { settle } from '../sessions/settle';
import { isoTime } from '../support/clock';
import type { Disposable } from '../support/disposables';
import { Aborted } from '../support/until';
import { untilWritten } from '../support/untilWritten';
import { freshSessionName } from '../tmux/names';
import type { RunnerContext } from './context';
import { lookAtOutput } from './output';
import { type TakeBack, takeBack } from './takeBack';

/** How a job ends. */
export interface Outcome {
  status: FinalStatus;
  reason?: FailReason;
  message?: string;
  /** As in `Job`. */
  inferred?: true;
}

/** Why a job's waits are ended from outside. `runner` leaves the job as it is for the next runner. */
export type StopReason = { kind: 'cancelled'; message?: string } | { kind: 'runner' };

/** The step at which a job stands when it is taken up, whatever it waits for. */
function phaseOf({ accepted_at, activity, attempts }: Job): 'starting' | 'sending' | 'accepted' | 'working' {
  if (accepted_at) return activity === undefined ? 'accepted' : 'working';
  return attempts > 0 ? 'sending' : 'starting';
}

/** A job that is being executed: its state, its pane, and the ways in which it can be written and ended. */
export class JobRun {
  readonly startedAt: number;
  /** Settled when the job has ended, or was left for the next runner. */
  done: Promise<void> = Promise.resolve();
  private readonly stopper = new AbortController();
  private attending: Disposable | undefined;
  private ownPane: AgentPane | undefined;
  private starting = false;
  private takingBack: TakeBack | undefined;
  private phase: 'starting' | 'sending' | 'accepted' | 'working';

  constructor(
    readonly context: RunnerContext,
    readonly session: ManagedSession,
    readonly job: Job,
  ) {
    this.startedAt = context.clock.monotonic();
    this.phase = phaseOf(job);
  }

  get signal(): AbortSignal {
    return this.stopper.signal;
  }

  get pane(): AgentPane | undefined {
    return this.ownPane;
  }

  get isFresh(): boolean {
    return this.job.mode === 'fresh';
  }

  /** The name of a fresh job's own tmux session. */
  get freshName(): string {
    return freshSessionName(this.context.settings, this.job.job_id);
  }

  stop(reason: StopReason): void {
    this.stopper.abort(reason);
  }

  /** Takes the pane that this job uses; what the pane waits for, the job waits for. */
  setPane(pane: AgentPane): void {
    this.attending?.dispose();
    this.ownPane = pane;
    this.attending = pane.attention.onDidChange(() => this.showPhase());
    this.showPhase();
  }

  /** Waits for the session's start, which goes on when this job is stopped; what it waits for, the job waits for. */
  async whileStarting(start: Promise<AgentPane>): Promise<AgentPane> {
    let stop = () => {};
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(new Aborted(this.signal.reason));
    });
    this.signal.addEventListener('abort', stop);
    if (this.signal.aborted) stop();
    this.starting = true;
    const listening = this.session.onDidShowState(() => this.showPhase());
    this.showPhase();
    try {
      return await Promise.race([start, stopped]);
    } finally {
      this.starting = false;
      listening.dispose();
      this.signal.removeEventListener('abort', stop);
    }
  }

  /** Notes a step of the job's way; `soon` is for what the agent's own receipts prove, too. */
  step(phase: JobRun['phase'], patch: Partial<Job> = {}, when: 'now' | 'soon' = 'now'): void {
    this.phase = phase;
    this.session.updateJob(this.job.job_id, patch, when);
    this.showPhase(when);
  }

  /** Resolves when the queue is on disk as it is now: what comes next may be done only when a crash can't undo that. */
  queueWritten(): Promise<void> {
    return this.whileRefused(() => this.session.flushQueue());
  }

  /** Does what can be done again, until the disk lets it, and says in the log that the job waits for that. */
  whileRefused<T>(act: () => Promise<T>, signal = this.signal): Promise<T> {
    const { context, job } = this;
    const onRefused = (why: string) =>
      context.log.error(
        `${job.job_id}: it waits, nothing is lost, and goes on by itself when the disk lets it. ${why}`,
      );
    return untilWritten(act, { clock: context.clock, signal, onRefused });
  }

  private showPhase(when: 'now' | 'soon' = 'now'): void {
    const waiting = this.starting ? this.session.metadata.waiting : this.ownPane?.attention.waiting;
    const phase = waiting ? 'waiting' : this.phase;
    if (this.job.phase === phase && JSON.stringify(this.job.waiting) === JSON.stringify(waiting)) return;
    this.session.updateJob(this.job.job_id, { phase, waiting }, when);
    this.session.log('info', `${this.job.job_id}: ${phase}${waiting ? ` (${waiting.kind})` : ''}`);
  }

  /** Looks at the job's output file once. */
  output() {
    return lookAtOutput(this.context.layout, this.job.output_path, BigInt(this.promptMtime), this.context.clock);
  }

  private get promptMtime(): string {
    const own = this.job.prompt_mtime_ns;
    return typeof own === 'string' && /^\d+$/.test(own) ? own : '0';
  }

  /** Makes what takes this job's doings back, now and while the pane is given back. */
  willTakeBack(pane: AgentPane, what?: 'all' | 'line'): TakeBack {
    this.takingBack = takeBack(pane, this.job, this.context.clock, what);
    return this.takingBack;
  }

  /** Writes the job's end: history first, then the queue without it, so that a crash between loses nothing. */
  async finish(outcome: Outcome): Promise<void> {
    this.attending?.dispose();
    const { context, session, job } = this;
    requireMove(job, outcome.status);
    const ended: Job = {
      ...job,
      ...outcome,
      phase: undefined,
      activity: undefined,
      waiting: undefined,
      finished_at: isoTime(context.clock.now()),
    };
    await this.whileRefused(() => session.keepEnd(ended), context.stopping);
    session.removeJob(job.job_id);
    const why = [outcome.reason, outcome.message].filter(Boolean).join(': ');
    session.log(
      outcome.status === 'completed' ? 'info' : 'warn',
      `${job.job_id}: ${outcome.status}${why ? ` (${why})` : ''}`,
    );
    // Its end is kept: the queue is on its way to the disk, and one that can't be written is written again with the next scan.
    await context.guard();
    context.noteEnd();
  }

  /**
   * Gives the pane back: a fresh one is killed and cleaned; a session's is free at once when its turn ended by the CLI's
   * own word, else when its screen shows that it is idle again.
   */
  async giveBack(turnEnded: boolean): Promise<void> {
    const { context, session, ownPane: pane } = this;
    if (!pane) return;
    if (this.isFresh) {
      await pane.kill().catch((error) => context.log.debug(`${this.freshName}: ${error}`));
      await context.launcher.discard(pane);
      return;
    }
    // The session has another CLI by now, or none: this one's receipts are read for the last time.
    if (session.pane !== pane) return context.launcher.discard(pane);
    if (pane.ended) return;
    if (turnEnded && !this.takingBack) {
      session.rest('ready');
      return;
    }
    const settled = settle(pane, {
      clock: context.clock,
      settings: context.settings,
      signal: context.stopping,
      starting: false,
      takeBack: this.takingBack,
    });
    session.recovering = settled
      .then((how) => {
        if (how === 'ready' && session.pane === pane) session.rest('ready');
      })
      .catch((error) => context.log.debug(`${session.id}: ${error}`))
      .finally(() => {
        session.recovering = undefined;
        context.wake();
      });
  }
}
