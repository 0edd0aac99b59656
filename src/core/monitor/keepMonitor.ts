import { openFolder } from '../store/folder';
import { DisposableStore } from '../support/disposables';
import { messageOf } from '../support/errors';
import { Emitter } from '../support/events';
import type { Log } from '../support/log';
import { beatEvery, isOlder, readMonitor, silentAfter } from './post';
import { type StartedMonitor, type StartOptions, startMonitor } from './startMonitor';
import { stopMonitor } from './stopMonitor';

/** How many times in this span, in milliseconds, a monitor that ended is started again, and how long each time is put off. */
const span = 15 * 60_000;
const pauses = [0, 10_000, 60_000];

/** What a window knows of its folder's monitor; `why` is a sentence for a person. */
export type MonitorState = { kind: 'unknown' | 'running' } | { kind: 'missing'; why: string };

/** Sees to it that a folder has a monitor: starts it, starts it again when it ended, replaces one of an older version. */
export class MonitorKeeper {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new Emitter<MonitorState>());
  private keeping = false;
  private looking: Promise<void> | undefined;
  private everRan = false;
  /** When it was started again, by the monotonic clock. */
  private restarts: number[] = [];
  private failure: string | undefined;
  private silentSince: number | undefined;
  state: MonitorState = { kind: 'unknown' };
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly options: StartOptions & { log: Log },
    private readonly launch: (options: StartOptions) => Promise<StartedMonitor> = startMonitor,
  ) {}

  /** Begins to see to it; further calls look at once. The folder must be this machine's own. */
  keep(): void {
    if (!this.keeping) this.own.add(this.options.clock.every(beatEvery, () => void this.look()));
    this.keeping = true;
    void this.look();
  }

  /** Starts it because a person wants it, whatever became of it before. */
  async start(): Promise<StartedMonitor> {
    this.restarts = [];
    const started = await this.launch(this.options);
    this.failure = undefined;
    await this.lookIfKept();
    return started;
  }

  /** Stops it because a person wants it; it isn't started again before `start`. Resolves with whether one ran. */
  async stop(): Promise<boolean> {
    const { layout, user, clock } = this.options;
    // A start that is under way would outlive the stop.
    await this.settled();
    const ended = await stopMonitor(layout, user, clock);
    await this.lookIfKept();
    return ended !== undefined;
  }

  private async lookIfKept(): Promise<void> {
    await this.settled();
    if (this.keeping) await this.look();
  }

  /** One look at a time; calls during one share it. */
  private look(): Promise<void> {
    this.looking ??= this.lookOnce()
      .catch((error) => this.set({ kind: 'missing', why: messageOf(error) }))
      .finally(() => {
        this.looking = undefined;
      });
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    const { layout, user, clock, programVersion, log } = this.options;
    const { folder_id } = await openFolder(layout, user, clock);
    const found = await readMonitor(user.folder(folder_id), clock);
    if (found.kind === 'running' && !isOlder(found.monitor.program_version, programVersion)) {
      this.everRan = true;
      this.silentSince = undefined;
      return this.set({ kind: 'running' });
    }
    // After a sleep of the machine its monitor is silent, too, for a moment.
    if (found.kind === 'silent' && !this.staysSilent()) return;
    if (found.kind !== 'silent') this.silentSince = undefined;
    if (found.kind === 'stopped') return this.set({ kind: 'missing', why: 'The monitor was stopped.' });
    if (!this.mayStart(found.kind === 'dead' || found.kind === 'silent')) return;
    try {
      const { pid, started } = await this.launch(this.options);
      log.info(`${layout.root}: the monitor ${started ? 'was started' : 'runs'} (process ${pid})`);
      this.everRan = true;
      this.failure = undefined;
      this.set({ kind: 'running' });
    } catch (error) {
      this.failure = messageOf(error);
      log.error('The monitor could not be started', error);
    }
  }

  private staysSilent(): boolean {
    const now = this.options.clock.monotonic();
    this.silentSince ??= now;
    return now - this.silentSince > silentAfter;
  }

  /** Counts the starts that follow an end, or a start that failed. When there were too many, it says so. */
  private mayStart(ended: boolean): boolean {
    if (!this.everRan && !ended && this.failure === undefined) return true;
    const now = this.options.clock.monotonic();
    this.restarts = this.restarts.filter((time) => now - time < span);
    const pause = pauses[this.restarts.length];
    const why = this.failure ?? `The monitor has ended, and was started again ${this.restarts.length} times.`;
    if (pause === undefined) {
      this.set({ kind: 'missing', why: `${why} It is not tried again by itself for now.` });
      return false;
    }
    if (now - (this.restarts.at(-1) ?? Number.NEGATIVE_INFINITY) < pause) {
      this.set({ kind: 'missing', why: `${why} It is tried again soon.` });
      return false;
    }
    this.restarts.push(now);
    return true;
  }

  private set(state: MonitorState): void {
    if (JSON.stringify(state) === JSON.stringify(this.state)) return;
    this.state = state;
    this.changed.fire(state);
  }

  /** Resolves when no look, and no start, is under way here. */
  async settled(): Promise<void> {
    await this.looking;
  }

  /** Lets go of the monitor, which goes on. */
  async end(): Promise<void> {
    this.own.dispose();
    await this.settled();
  }
}
