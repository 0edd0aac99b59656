import * as path from 'node:path';
import type { AgentPane } from '../sessions/agentPane';
import { Launcher } from '../sessions/launcher';
import { PaneSet } from '../sessions/paneSet';
import type { Layout } from '../store/layout';
import { Runtime } from '../store/runtime';
import type { Settings } from '../store/settings';
import type { Registration, UserState } from '../store/userState';
import type { Clock } from '../support/clock';
import { DisposableStore } from '../support/disposables';
import { isSuperseded } from '../support/errors';
import { Emitter } from '../support/events';
import type { Log } from '../support/log';
import { Troubles } from '../support/troubles';
import { watchPaths } from '../support/watch';
import type { Pane } from '../tmux/commands';
import { openServer } from '../tmux/server';
import { panesInUse } from './atRest';
import type { RunnerKind } from './claims';
import type { RequestContext } from './context';
import { IdleFollower } from './idleFollower';
import { loadSessions } from './loadSessions';
import { Ownership } from './ownership';
import { PaneWatch } from './paneWatch';
import { reattach, takeServer } from './reattach';
import { execute, startJobs } from './scheduler';
import { ServerNotes } from './serverNotes';
import { SessionKeeper } from './sessionKeeper';
import { SlowLook } from './slowLook';
import { sweepFiles } from './sweep';
import { sweepRuntimes } from './sweepRuntimes';
import { takeAnswers } from './takeAnswers';
import { mostAtOnce, takeRequests } from './takeRequests';

export interface RunnerOptions {
  layout: Layout;
  user: UserState;
  settings: Settings;
  kind: RunnerKind;
  /** The extension's version; names the folder of stable copies. */
  programVersion: string;
  /** The folder that holds `demo-agent.js` and `courier.js`. */
  distDir: string;
  /** What runs our own JavaScript programs; this process's own by default. */
  nodePath?: string;
  clock: Clock;
  log: Log;
  /** For one that is there only until a request is done: what is queued is left to the next one. */
  startsNoJobs?: boolean;
}

/** How long after its start a runner begins to wait for tmux's own events, in milliseconds. */
const putOff = 250;

/** Executes the jobs of a folder for as long as its claim (epoch) is the newest. */
export class Runner {
  private readonly own = new DisposableStore();
  private readonly stopper = new AbortController();
  private readonly lost = this.own.add(new Emitter<void>());
  private readonly changed = this.own.add(new Emitter<void>());
  private context!: RequestContext;
  private paneWatch!: PaneWatch;
  private serverNotes!: ServerNotes;
  private keeper!: SessionKeeper;
  private follower!: IdleFollower;
  private slowLook!: SlowLook;
  private round: Promise<void> | undefined;
  private again = false;
  private scanDue = false;
  private taking = false;
  private began = false;
  private readonly ownership: Ownership;
  private readonly guard = () => this.ownership.guard();
  /** Fires when another runner has taken the folder over. */
  readonly onDidLose = this.lost.event;
  /** Fires after each round of the scheduler, and when a job has ended. */
  readonly onDidRound = this.changed.event;

  constructor(
    private readonly options: RunnerOptions,
    private readonly registration: Registration,
    private readonly epoch: number,
  ) {
    const { layout, user, log } = options;
    this.ownership = new Ownership(layout, registration, user.folder(registration.folder_id), epoch, log);
  }

  /** Whether no job runs or is to begin, and no request waits. */
  get idle(): boolean {
    const live = [...this.context.sessions.values()].some((s) =>
      s.jobs.some((j) => j.status === 'running' || (j.status === 'pending' && !s.isPaused)),
    );
    return !live && !this.taking && this.context.runs.size === 0;
  }

  /** Takes over what is there and begins to work. */
  async start(): Promise<void> {
    const { layout, user, settings, clock, log } = this.options;
    const folder = user.folder(this.registration.folder_id);
    const say = (message: string) => log.warn(message);
    const tmux = await openServer(user, this.registration, settings.tmux_path, clock, say);
    const panes = new PaneSet();
    const watching = {
      usePolling: settings.use_polling,
      // What isn't whole yet.
      ignored: (file: string) => path.basename(file).startsWith('.'),
      onError: (error: unknown) => log.warn(`watching files: ${error}`),
    };
    const receiptsWatcher = this.own.add(
      watchPaths(
        [],
        (file) =>
          void this.receive(panes.owning(file)).catch((error) => log.error('a receipt could not be read', error)),
        watching,
      ),
    );
    const launcher = new Launcher({
      layout,
      folder,
      settings,
      tmux,
      epoch: this.epoch,
      clock,
      panes,
      receiptsWatcher,
      runtime: new Runtime(user.runtime(this.options.programVersion)),
      distDir: this.options.distDir,
      nodePath: this.options.nodePath ?? process.execPath,
      guard: this.guard,
      onServer: () => this.paneWatch.kick(),
      say,
    });
    this.context = {
      layout,
      folder,
      settings,
      clock,
      log,
      epoch: this.epoch,
      tmux,
      launcher,
      panes,
      troubles: new Troubles(log),
      sessions: new Map(),
      runs: new Map(),
      draining: this.options.startsNoJobs,
      stopping: this.stopper.signal,
      guard: this.guard,
      ensureStarted: (session) => this.keeper.ensureStarted(session),
      recover: (session, action) => this.keeper.recover(session, action),
      wake: () => this.wake(),
      seeServer: (list) => this.serverNotes.note(list),
      noteEnd: () => this.changed.fire(),
    };
    this.serverNotes = new ServerNotes(this.context);
    const onSeen = () => this.wake();
    const inUse = () => panesInUse(this.context);
    const onList = (list: readonly Pane[]) => void this.context.seeServer(list);
    this.paneWatch = this.own.add(
      new PaneWatch({ tmux, panes, clock, log, signal: this.stopper.signal, inUse, onSeen, onList }),
    );
    this.keeper = new SessionKeeper(this.context);
    this.follower = new IdleFollower(this.context);
    const { paneWatch, serverNotes, follower } = this;
    const sweep = async () => {
      await sweepFiles(this.context);
      await sweepRuntimes(user, this.options.programVersion, clock);
    };
    this.slowLook = new SlowLook(this.context, { paneWatch, serverNotes, follower, sweep });
    const [found] = await Promise.all([takeServer(this.context), loadSessions(this.context), this.serverNotes.begin()]);
    void this.context.seeServer(found);
    for (const run of await reattach(this.context, this.keeper, found)) execute(this.context, run);
    this.began = true;
    this.own.add(
      clock.every(settings.scan_interval_s * 1000, () => {
        this.scanDue = true;
        this.wake();
      }),
    );
    const inputs = this.own.add(watchPaths([layout.inbox, folder.answers], () => this.wake(), watching));
    void inputs.ready.then(() => this.wake());
    // That starts a process, which would be in the way of the first job.
    this.own.add(clock.after(putOff, () => this.paneWatch.kick()));
  }

  /** Starts no further job; resolves when none runs here. Requests are still taken, so that a running job can be cancelled. */
  async drain(): Promise<void> {
    const { context } = this;
    context.draining = true;
    while (context.runs.size > 0) await Promise.all([...context.runs.values()].map((run) => run.done));
  }

  /** Stops working and leaves every agent as it is. Resolves when the state is on disk. */
  async stop(): Promise<void> {
    this.stopper.abort({ kind: 'runner' });
    for (const run of this.context?.runs.values() ?? []) run.stop({ kind: 'runner' });
    await this.round?.catch(() => undefined);
    await Promise.all([...(this.context?.runs.values() ?? [])].map((run) => run.done));
    await this.keeper?.stop();
    await this.slowLook?.swept();
    const sessions = [...(this.context?.sessions.values() ?? [])];
    await Promise.all(sessions.map((session) => session.recovering));
    this.context?.tmux.dispose();
    await Promise.all(
      [...sessions, this.serverNotes].map((one) =>
        one?.flush().catch((error) => this.options.log.debug(String(error))),
      ),
    );
    this.own.dispose();
  }

  /** Asks for a round of the scheduler; calls that come during one share the next. */
  private wake(): void {
    // Before the jobs that were running have been taken up, others would be started beside them.
    if (this.stopper.signal.aborted || !this.began) return;
    if (this.round) {
      this.again = true;
      return;
    }
    this.round = this.rounds()
      .catch((error) => {
        if (isSuperseded(error)) this.lost.fire();
        else this.options.log.error('a round of the scheduler failed', error);
      })
      .finally(() => {
        this.round = undefined;
        this.changed.fire();
        // Asked for after the last look at it, which was not the end yet.
        if (this.again) this.wake();
      });
  }

  /** The scheduler's steps, in their order. */
  private async rounds(): Promise<void> {
    const { troubles } = this.context;
    do {
      this.again = false;
      await this.guard();
      await troubles.tryTo('the look at everything failed', () => this.scan());
      await troubles.tryTo('the look after the sessions failed', () => this.keeper.look());
      await troubles.tryTo('answers could not be taken', () => takeAnswers(this.context));
      this.taking = true;
      try {
        await troubles.tryTo('requests could not be taken', async () => {
          const found = await takeRequests(this.context, () => startJobs(this.context));
          if (found > mostAtOnce) this.again = true;
        });
      } finally {
        this.taking = false;
      }
      this.paneWatch.hurry();
    } while (this.again && !this.stopper.signal.aborted);
  }

  private async scan(): Promise<void> {
    if (!this.scanDue) return;
    this.scanDue = false;
    await this.slowLook.look();
  }

  private async receive(pane: AgentPane | undefined): Promise<void> {
    await pane?.readReceipts();
    if (pane) await this.follower.lookAt(pane);
  }
}
