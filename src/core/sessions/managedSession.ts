import * as fs from 'node:fs/promises';
import { type Job, requireMove } from '../model/job';
import { canMove, type Health, type SessionMetadata, type SessionState } from '../model/session';
import { CoalescedFile } from '../store/coalescedFile';
import type { SessionLayout } from '../store/layout';
import type { QueueFile } from '../store/queueFile';
import { type Clock, isoTime } from '../support/clock';
import type { Disposable } from '../support/disposables';
import { Emitter } from '../support/events';
import type { Log } from '../support/log';
import type { AgentPane } from './agentPane';

const running: readonly SessionState[] = ['tmux_started', 'ready', 'busy', 'waiting'];

/** What of a session's metadata a runner changes. */
export type SessionPatch = Partial<
  Pick<SessionMetadata, 'name' | 'tmux_session' | 'ready_at' | 'conversation_id' | 'waiting' | 'message'>
>;

/** A session as its runner holds it: the only writer of the session's files. */
export class ManagedSession {
  private ownPane: AgentPane | undefined;
  private attending: Disposable | undefined;
  private readonly shown = new Emitter<void>();
  /** Fires when what its CLI does, or waits for, was shown. */
  readonly onDidShowState = this.shown.event;
  /** The state when nothing is waited for. */
  private resting: SessionState = 'stopped';
  /** The start that is under way, if any; jobs share it. */
  starting: Promise<AgentPane> | undefined;
  /** While its CLI is brought back to idle after a job; it takes no job meanwhile. */
  recovering: Promise<void> | undefined;
  private readonly metadataFile: CoalescedFile<SessionMetadata>;
  private readonly healthFile: CoalescedFile<Health>;
  private readonly queueFile: CoalescedFile<QueueFile>;
  private logging: Promise<void> = Promise.resolve();

  constructor(
    readonly files: SessionLayout,
    private meta: SessionMetadata,
    private health: Health,
    /** The live jobs, in order. */
    readonly jobs: Job[],
    private readonly context: { epoch: number; guard: () => Promise<void>; clock: Clock; log: Log },
  ) {
    const failed = (error: unknown) =>
      context.log.error(`${meta.session_id}: a state file could not be written`, error);
    this.metadataFile = new CoalescedFile(files.metadata, context.guard, failed);
    this.healthFile = new CoalescedFile(files.health, context.guard, failed);
    this.queueFile = new CoalescedFile(files.queue, context.guard, failed);
  }

  get pane(): AgentPane | undefined {
    return this.ownPane;
  }

  /** Takes a pane as this session's CLI; what the pane waits for, the session waits for. */
  setPane(pane: AgentPane | undefined): void {
    this.attending?.dispose();
    this.ownPane = pane;
    this.attending = pane?.attention.onDidChange(() => this.showState());
  }

  /** Says what the session does when its pane waits for nobody. */
  rest(state: 'tmux_started' | 'ready' | 'busy'): void {
    this.resting = state;
    this.showState();
  }

  private showState(): void {
    const waiting = this.ownPane?.attention.waiting;
    if (waiting) this.moveTo('waiting', { waiting });
    else if (this.resting !== this.meta.state || this.meta.waiting) this.moveTo(this.resting);
    this.shown.fire();
  }

  get id(): string {
    return this.meta.session_id;
  }

  get metadata(): SessionMetadata {
    return this.meta;
  }

  /** Whether its CLI should be there. */
  get isUp(): boolean {
    return running.includes(this.meta.state);
  }

  /** Moves to a state, with what changes beside it; written at once to metadata and health. Throws for a move that isn't legal. */
  moveTo(
    state: SessionState,
    patch: SessionPatch = {},
    health: Partial<Pick<Health, 'error' | 'action' | 'reason'>> = {},
  ): void {
    const from = this.meta.state;
    if (from !== state && !canMove(from, state)) throw new Error(`session ${this.id}: ${from} can't become ${state}`);
    const now = isoTime(this.context.clock.now());
    const { epoch } = this.context;
    this.meta = { ...this.meta, message: undefined, waiting: undefined, ...patch, state, updated_at: now, epoch };
    const ready = state === 'ready' || state === 'busy';
    this.health = {
      version: '1.0',
      state,
      tmux_active: running.includes(state),
      claude_ready: ready,
      last_probe: ready ? now : this.health.last_probe,
      error_count: this.health.error_count + (state === 'error' ? 1 : 0),
      ...health,
      epoch,
    };
    if (from !== state) this.log('info', `${from} → ${state}${this.meta.message ? `: ${this.meta.message}` : ''}`);
    this.metadataFile.set(this.meta);
    this.healthFile.set(this.health);
  }

  /** Notes things beside the state. */
  patch(patch: SessionPatch): void {
    this.meta = { ...this.meta, ...patch, epoch: this.context.epoch };
    this.metadataFile.set(this.meta);
  }

  job(id: string): Job | undefined {
    return this.jobs.find((job) => job.job_id === id);
  }

  /** Changes a live job in place, and wants the queue written. */
  updateJob(id: string, patch: Partial<Job>): Job {
    const job = this.job(id);
    if (!job) throw new Error(`session ${this.id} has no live job ${id}`);
    if (patch.status) requireMove(job, patch.status);
    Object.assign(job, patch);
    this.saveQueue();
    return job;
  }

  removeJob(id: string): void {
    const at = this.jobs.findIndex((job) => job.job_id === id);
    if (at >= 0) this.jobs.splice(at, 1);
    this.saveQueue();
  }

  saveQueue(): void {
    this.queueFile.set({ version: '1.0', epoch: this.context.epoch, jobs: this.jobs });
  }

  /** Resolves when the queue is on disk as it is now. */
  flushQueue(): Promise<void> {
    return this.queueFile.flush();
  }

  /** Resolves when everything is on disk. */
  async flush(): Promise<void> {
    await Promise.all([this.metadataFile.flush(), this.healthFile.flush(), this.queueFile.flush(), this.logging]);
  }

  /** Makes the session's folders (0700). */
  async makeFolders(): Promise<void> {
    for (const folder of this.files.folders) await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  }

  /** Writes a line to `logs/session.log` and to the runner's log. */
  log(level: 'info' | 'warn', message: string): void {
    this.context.log[level](`${this.id}: ${message}`);
    const text = `${isoTime(this.context.clock.now())} ${level} ${message}\n`;
    this.logging = this.logging
      .then(() => fs.appendFile(this.files.log, text, { mode: 0o600 }))
      .catch((error) => {
        this.context.log.error(`${this.id}: the session's log could not be written`, error);
      });
  }
}
