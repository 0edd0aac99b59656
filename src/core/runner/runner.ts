import type { AgentPane } from '../sessions/agentPane';
import { Launcher } from '../sessions/launcher';
import type { ManagedSession } from '../sessions/managedSession';
import { PaneSet } from '../sessions/paneSet';
import { startSession } from '../sessions/startSession';
import type { Layout } from '../store/layout';
import type { Settings } from '../store/settings';
import type { Registration, UserState } from '../store/userState';
import type { Clock } from '../support/clock';
import { DisposableStore } from '../support/disposables';
import { CourierError } from '../support/errors';
import { Emitter } from '../support/events';
import type { Log } from '../support/log';
import { watchPaths } from '../support/watch';
import { checkTmux } from '../tmux/client';
import { openServer } from '../tmux/server';
import type { RunnerKind } from './claims';
import { superseded } from './claims';
import type { RequestContext } from './context';
import { loadSessions } from './loadSessions';
import { PaneWatch } from './paneWatch';
import { reattach, takeServer } from './reattach';
import { execute, startJobs } from './scheduler';
import { sweepFiles } from './sweep';
import { takeAnswers } from './takeAnswers';
import { takeRequests } from './takeRequests';

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
}

/** How long after its start a runner begins to watch the inbox, in milliseconds. */
const putOff = 250;

/** Executes the jobs of a folder for as long as its claim (epoch) is the newest. */
export class Runner {
  private readonly own = new DisposableStore();
  private readonly stopper = new AbortController();
  private readonly lost = this.own.add(new Emitter<void>());
  private readonly changed = this.own.add(new Emitter<void>());
  private context!: RequestContext;
  private paneWatch!: PaneWatch;
  private round: Promise<void> | undefined;
  private again = false;
  private scanDue = false;
  private swept = false;
  private taking = false;
  /** Fires when another runner has taken the folder over. */
  readonly onDidLose = this.lost.event;
  /** Fires after each round of the scheduler, and when a job has ended. */
  readonly onDidRound = this.changed.event;

  constructor(
    private readonly options: RunnerOptions,
    private readonly registration: Registration,
    private readonly epoch: number,
  ) {}

  /** Whether no job is pending or running and no request waits. */
  get idle(): boolean {
    const live = [...this.context.sessions.values()].some((s) =>
      s.jobs.some((j) => j.status === 'pending' || j.status === 'running'),
    );
    return !live && !this.taking && this.context.runs.size === 0;
  }

  /** Takes over what is there and begins to work. */
  async start(): Promise<void> {
    const { layout, user, settings, clock, log } = this.options;
    const folder = user.folder(this.registration.folder_id);
    const tmux = await openServer(user, this.registration, settings.tmux_path);
    const panes = new PaneSet();
    const watching = {
      usePolling: settings.use_polling,
      onError: (error: unknown) => log.warn(`watching files: ${error}`),
    };
    const receiptsWatcher = this.own.add(
      watchPaths(
        [],
        (file) =>
          void panes
            .owning(file)
            ?.readReceipts()
            .catch((error) => log.error('a receipt could not be read', error)),
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
      runtimeDir: user.runtime(this.options.programVersion),
      distDir: this.options.distDir,
      nodePath: this.options.nodePath ?? process.execPath,
      guard: () => this.guard(),
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
      sessions: new Map(),
      runs: new Map(),
      stopping: this.stopper.signal,
      guard: () => this.guard(),
      ensureStarted: (session) => this.ensureStarted(session),
      wake: () => this.wake(),
      noteEnd: () => this.changed.fire(),
    };
    this.paneWatch = new PaneWatch({ tmux, panes, log, signal: this.stopper.signal, onSeen: () => this.wake() });
    const [found] = await Promise.all([takeServer(this.context), loadSessions(this.context)]);
    for (const run of await reattach(this.context, found)) execute(this.context, run);
    this.own.add(
      clock.every(settings.scan_interval_s * 1000, () => {
        this.scanDue = true;
        this.wake();
      }),
    );
    // What is there already is taken first. To begin to watch costs as much as a few calls of tmux, which the first job's
    // way needs: it is put off a little, and what came meanwhile is found by the round that follows it.
    this.wake();
    const begin = () => {
      this.paneWatch.kick();
      const inputs = this.own.add(watchPaths([layout.inbox, folder.answers], () => this.wake(), watching));
      void inputs.ready.then(() => this.wake());
    };
    this.own.add(clock.after(putOff, begin));
  }

  /** Stops working and leaves every agent as it is. Resolves when the state is on disk. */
  async stop(): Promise<void> {
    this.stopper.abort({ kind: 'runner' });
    for (const run of this.context?.runs.values() ?? []) run.stop({ kind: 'runner' });
    await this.round?.catch(() => undefined);
    await Promise.all([...(this.context?.runs.values() ?? [])].map((run) => run.done));
    const sessions = [...(this.context?.sessions.values() ?? [])];
    await Promise.all(
      sessions.map((session) => session.flush().catch((error) => this.options.log.debug(String(error)))),
    );
    this.own.dispose();
  }

  /** Asks for a round of the scheduler; calls that come during one share the next. */
  private wake(): void {
    if (this.stopper.signal.aborted) return;
    if (this.round) {
      this.again = true;
      return;
    }
    this.round = this.rounds()
      .catch((error) => {
        if (error instanceof CourierError && error.code === 'superseded') this.lost.fire();
        else this.options.log.error('a round of the scheduler failed', error);
      })
      .finally(() => {
        this.round = undefined;
        this.changed.fire();
      });
  }

  /** The scheduler's steps, in their order. */
  private async rounds(): Promise<void> {
    do {
      this.again = false;
      await this.guard();
      await this.scan();
      this.noteEndedSessions();
      await takeAnswers(this.context);
      this.taking = true;
      try {
        await takeRequests(this.context, () => startJobs(this.context));
      } finally {
        this.taking = false;
      }
    } while (this.again && !this.stopper.signal.aborted);
  }

  /** The slow look at everything, for events that were lost. */
  private async scan(): Promise<void> {
    if (!this.scanDue) return;
    this.scanDue = false;
    await this.sweepOnce();
    this.paneWatch.kick();
    const live = [...this.context.panes].filter((pane) => !pane.ended);
    if (live.length === 0) return;
    await this.paneWatch.look();
    for (const pane of live) await pane.readReceipts();
  }

  /** With the first slow look, when nothing waits for it. */
  private async sweepOnce(): Promise<void> {
    if (this.swept) return;
    this.swept = true;
    try {
      await sweepFiles(this.context);
    } catch (error) {
      this.options.log.warn(`old files could not be removed: ${error}`);
    }
  }

  private noteEndedSessions(): void {
    for (const session of this.context.sessions.values()) {
      const ended = session.pane?.ended;
      if (!ended || !session.isUp || session.starting) continue;
      const gone = ended.kind === 'gone';
      const reason = gone ? 'its tmux session is gone' : 'the agent has ended';
      session.moveTo(
        'lost',
        { message: `${reason}; the next job starts it again.` },
        { action: gone ? 'restart_tmux' : 'restart_claude', reason },
      );
    }
  }

  private ensureStarted(session: ManagedSession): Promise<AgentPane> {
    if (session.starting) return session.starting;
    this.noteEndedSessions();
    if (session.pane && !session.pane.ended && session.isUp) return Promise.resolve(session.pane);
    session.starting = this.startSession(session).finally(() => {
      session.starting = undefined;
      this.wake();
    });
    return session.starting;
  }

  private async startSession(session: ManagedSession): Promise<AgentPane> {
    await checkTmux(this.options.settings.tmux_path);
    const old = session.pane;
    session.setPane(undefined);
    if (old) await this.context.launcher.discard(old);
    const { clock, settings, launcher } = this.context;
    const started = startSession(session, {
      launcher,
      options: { clock, settings },
      signal: this.stopper.signal,
    });
    this.paneWatch.kick();
    return started;
  }

  private async guard(): Promise<void> {
    if (!(await superseded(this.context.folder, this.epoch))) return;
    throw new CourierError('superseded', 'Another Tmux Courier has taken this folder over.');
  }
}
