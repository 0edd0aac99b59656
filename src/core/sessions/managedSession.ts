import * as path from 'node:path';
import { type Job, requireMove } from '../model/job';
import { canMove, type Health, isConversationId, type SessionMetadata, type SessionState } from '../model/session';
import { CoalescedFile } from '../store/coalescedFile';
import { appendHistory } from '../store/history';
import type { Layout, SessionLayout } from '../store/layout';
import { LogFile } from '../store/logFile';
import type { QueueFile } from '../store/queueFile';
import { ensureRealFolder, isRealFolder } from '../store/realFolder';
import { RecentEnds } from '../store/recentEnds';
import { isThere, markOf } from '../store/wholeFile';
import { type Clock, isoTime } from '../support/clock';
import type { Disposable } from '../support/disposables';
import { isSuperseded } from '../support/errors';
import { Emitter } from '../support/events';
import type { Log } from '../support/log';
import type { AgentPane } from './agentPane';

const running: readonly SessionState[] = ['tmux_started', 'ready', 'busy', 'waiting'];

const isTurn = (state: SessionState) => state === 'ready' || state === 'busy';
type Words = 'name' | 'waiting' | 'message' | 'notice';
type Times = 'ready_at' | 'cleaned_until' | 'paused_at';

/** What of a session's metadata a runner changes. */
export type SessionPatch = Partial<Pick<SessionMetadata, Words | Times | 'tmux_session' | 'conversation_id'>>;

/** What a move says of the session's health beside its state. */
export type HealthPatch = Partial<Pick<Health, 'tmux_active' | 'error' | 'action' | 'reason'>>;

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
  private readonly logFile: LogFile;
  private readonly logLines: string[] = [];
  private readonly recentEnds: RecentEnds;
  private logging: Promise<void> = Promise.resolve();

  constructor(
    readonly files: SessionLayout,
    private meta: SessionMetadata,
    private health: Health,
    /** The live jobs, in order. */
    readonly jobs: Job[],
    private readonly context: { epoch: number; guard: () => Promise<void>; clock: Clock; log: Log; layout: Layout },
  ) {
    const failed = (error: unknown) => {
      if (!isSuperseded(error)) context.log.error(`${meta.session_id}: a state file could not be written`, error);
    };
    const file = <T>(name: string) =>
      new CoalescedFile<T>(name, context.clock, context.guard, failed, () => this.mendFolder(path.dirname(name)));
    this.metadataFile = file(files.metadata);
    this.healthFile = file(files.health);
    this.queueFile = file(files.queue);
    this.logFile = new LogFile(files.log);
    this.recentEnds = new RecentEnds(files);
    this.meta = { ...meta, epoch: context.epoch };
    this.health = { ...health, epoch: context.epoch };
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
    // What a pane shows while it is being ended is no state of the session any more.
    if (!this.isUp) return;
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

  /** How it was judged the last time. */
  get judged(): Readonly<Health> {
    return this.health;
  }

  /** Whether its CLI should be there. */
  get isUp(): boolean {
    return running.includes(this.meta.state);
  }

  /** Moves to a state, with what changes beside it; written at once to metadata and health. Throws for a move that isn't legal. */
  moveTo(state: SessionState, patch: SessionPatch = {}, health: HealthPatch = {}): void {
    const from = this.meta.state;
    if (from !== state && !canMove(from, state)) throw new Error(`session ${this.id}: ${from} can't become ${state}`);
    const now = isoTime(this.context.clock.now());
    const said = this.meta.waiting ?? this.meta.message ?? Object.values({ ...patch, ...health })[0];
    this.meta = { ...this.meta, message: undefined, waiting: undefined, ...patch, state, updated_at: now };
    const { recoveries, error_count, last_probe } = this.health;
    const probed = running.includes(state) || state === 'lost';
    this.health = {
      version: '1.0',
      state,
      tmux_active: running.includes(state),
      claude_ready: state === 'ready' || state === 'busy',
      last_probe: probed ? now : last_probe,
      error_count: error_count + (state === 'error' && from !== 'error' ? 1 : 0),
      recoveries,
      ...health,
      epoch: this.context.epoch,
    };
    if (from !== state) this.log('info', `${from} → ${state}${this.meta.message ? `: ${this.meta.message}` : ''}`);
    // Who takes over goes by neither, and the jobs tell of the turn, too: one that is soon over is not written twice.
    const write = isTurn(from) && isTurn(state) && !said ? 'setSoon' : 'set';
    this.metadataFile[write](this.meta);
    this.healthFile[write](this.health);
  }

  /** Notes things beside the state. */
  patch(patch: SessionPatch): void {
    this.meta = { ...this.meta, ...patch };
    this.metadataFile.set(this.meta);
  }

  /** Changes its name, never its id; resolves when that is on disk. */
  rename(name: string): Promise<void> {
    this.patch({ name });
    this.log('info', 'renamed');
    return this.metadataFile.flush();
  }

  /** Whether it starts no further job. */
  get isPaused(): boolean {
    return this.meta.paused_at !== undefined;
  }

  /** Pauses its queue or lets it go on; resolves when that is on disk. */
  pause(paused: boolean): Promise<void> {
    if (paused !== this.isPaused) {
      this.patch({ paused_at: paused ? isoTime(this.context.clock.now()) : undefined });
      this.log('info', paused ? 'paused' : 'goes on');
    }
    return this.metadataFile.flush();
  }

  /** Notes the conversation that its CLI is in now, by the CLI's own receipt; what is no such id is passed over. */
  noteConversation(id: string): void {
    if (id !== this.meta.conversation_id && isConversationId(id)) this.patch({ conversation_id: id });
  }

  /** Notes that its CLI was looked at; written with the next change. */
  noteProbe(): void {
    this.health = { ...this.health, last_probe: isoTime(this.context.clock.now()) };
  }

  /** Notes the times at which it was started again by itself. */
  setRecoveries(recoveries: string[]): void {
    this.health = { ...this.health, recoveries, epoch: this.context.epoch };
    this.healthFile.set(this.health);
  }

  /** Writes all of its files again, as they are known here. */
  rewrite(): void {
    this.metadataFile.set(this.meta);
    this.healthFile.set(this.health);
    this.saveQueue();
  }

  job(id: string): Job | undefined {
    return this.jobs.find((job) => job.job_id === id);
  }

  /** Changes a live job in place, and wants the queue written: now, or with the next change or after a moment. */
  updateJob(id: string, patch: Partial<Job>, when: 'now' | 'soon' = 'now'): Job {
    const job = this.job(id);
    if (!job) throw new Error(`session ${this.id} has no live job ${id}`);
    if (patch.status) requireMove(job, patch.status);
    Object.assign(job, patch);
    this.saveQueue(when);
    return job;
  }

  /** Puts a job before another one of the queue, or at its end; whoever adds many saves once. */
  insertJob(job: Job, before?: string): void {
    const at = before === undefined ? -1 : this.jobs.findIndex((one) => one.job_id === before);
    this.jobs.splice(at < 0 ? this.jobs.length : at, 0, job);
  }

  removeJob(id: string, when: 'now' | 'soon' = 'now'): void {
    const at = this.jobs.findIndex((job) => job.job_id === id);
    if (at >= 0) this.jobs.splice(at, 1);
    this.saveQueue(when);
  }

  saveQueue(when: 'now' | 'soon' = 'now'): void {
    const queue = { version: '1.0' as const, epoch: this.context.epoch, jobs: this.jobs };
    if (when === 'soon') this.queueFile.setSoon(queue);
    else this.queueFile.set(queue);
  }

  /** Writes a job's end to the history, before the queue without it. Throws when this runner no longer owns the folder. */
  async keepEnd(ended: Job): Promise<void> {
    await this.context.guard();
    await this.mendFolder(this.files.historyDir);
    const aside = await appendHistory(this.files, ended, this.context.epoch);
    this.recentEnds.note(ended.job_id);
    if (aside) this.log('warn', `the history was no regular file; what stood there was set aside as ${aside}`);
  }

  /** Whether a job of this id has ended here of late. */
  hasEnded(jobId: string): Promise<boolean> {
    return this.recentEnds.has(jobId);
  }

  /** Writes the state files again when one of them isn't as this runner left it. */
  async checkFiles(): Promise<void> {
    // A person who removed all of `.courier` doesn't want parts of it back.
    if (!(await markOf(path.dirname(this.files.dir)))) return;
    const changed = await Promise.all([this.metadataFile, this.healthFile, this.queueFile].map((f) => f.changed()));
    if (!changed.includes(true)) return;
    await this.makeFolders();
    this.rewrite();
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
    for (const folder of this.files.folders) await this.ensureFolder(folder);
  }

  /** Makes a folder of the session again, but none for a session whose own is not there: it may have been deleted a moment ago. */
  async mendFolder(dir: string): Promise<void> {
    if (await isRealFolder(this.context.layout, dir)) return;
    if (await isThere(this.files.dir)) await this.ensureFolder(dir);
  }

  /** An agent may write beside all of these files: nothing of ours goes to where a link of its making leads. */
  private async ensureFolder(dir: string): Promise<void> {
    const { layout, clock, log } = this.context;
    for (const aside of await ensureRealFolder(layout, dir, clock.now()))
      log.warn(`${this.id}: ${dir} was no folder of its own; what stood there was set aside as ${aside}`);
  }

  /** Writes a line to `logs/session.log` and to the runner's log. */
  log(level: 'info' | 'warn', message: string): void {
    this.context.log[level](`${this.id}: ${message}`);
    this.logLines.push(`${isoTime(this.context.clock.now())} ${level} ${message}`);
    this.logging = this.logging
      .then(() => this.writeLog())
      .catch((error) => {
        if (!isSuperseded(error)) this.context.log.error(`${this.id}: the session's log could not be written`, error);
      });
  }

  /** Lines that come while others are written share the next write. */
  private async writeLog(): Promise<void> {
    const lines = this.logLines.splice(0);
    if (lines.length === 0) return;
    await this.context.guard();
    const aside = await this.logFile.append(lines.join('\n'), this.context.clock.now());
    if (aside) this.context.log.warn(`${this.files.log} was no regular file; what stood there is ${aside} now`);
  }
}
