import type * as vscode from 'vscode';
import type { CleanItem } from '../core/clean/item';
import { planCleanUp } from '../core/clean/plan';
import { CourierClient, type PlainRequest, type SendInput } from '../core/client';
import type { Job } from '../core/model/job';
import type { Reply } from '../core/model/request';
import { MonitorKeeper } from '../core/monitor/keepMonitor';
import { adoptFolder } from '../core/store/adopt';
import { openFolder } from '../core/store/folder';
import { FolderView } from '../core/store/folderView';
import { readHistory } from '../core/store/history';
import { Layout } from '../core/store/layout';
import type { Settings } from '../core/store/settings';
import type { FolderSnapshot, SessionView } from '../core/store/snapshot';
import { readTmuxSessions, type TmuxSession } from '../core/store/tmuxSessions';
import type { UserState } from '../core/store/userState';
import { type Clock, systemClock } from '../core/support/clock';
import { DisposableStore } from '../core/support/disposables';
import { CourierError } from '../core/support/errors';
import { Emitter } from '../core/support/events';
import { t } from './l10n';
import { atRestIn, type LastRow } from './lastRows';
import type { LogChannel } from './logChannel';
import { MonitorHost, type RunnerSource, WindowRunner } from './monitorHost';
import { shownAtOnce } from './treeModel';

/** What every folder of a window has in common. */
export interface FolderContext {
  user: UserState;
  log: LogChannel;
  programVersion: string;
  distDir: string;
  /** Until when (ISO) a person has seen what jobs came to. */
  seenUntil: () => string;
}

/** How many finished jobs of a session are read: those that are shown at first, and one that tells that there are more. */
const historyLimit = shownAtOnce + 1;

/** One workspace folder: its files as they are now, and the way to its runner. */
export class CourierFolder implements vscode.Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new Emitter<FolderSnapshot>());
  private readonly clock: Clock = systemClock;
  private readonly view: FolderView;
  private readonly runner: RunnerSource;
  private stopped = false;
  private started: Promise<void> | undefined;
  private end!: () => void;

  private seen!: () => void;
  /** Resolves when the folder was looked at, and its rows are no longer those that were last shown. */
  readonly looked = new Promise<void>((resolve) => {
    this.seen = resolve;
  });

  private allRead!: () => void;
  /** Resolves when finished jobs have been read, which of many sessions come last. */
  readonly whole = new Promise<void>((resolve) => {
    this.allRead = resolve;
  });

  /** Resolves when the folder is let go of. */
  readonly ended = new Promise<void>((resolve) => {
    this.end = resolve;
  });

  readonly layout: Layout;
  readonly client: CourierClient;
  readonly monitor: MonitorKeeper;
  readonly onDidChange = this.changed.event;

  constructor(
    readonly workspaceFolder: vscode.WorkspaceFolder,
    private readonly context: FolderContext,
    readonly settings: Settings,
    /** When the settings that another process is to read are written. */
    private readonly settingsShared: Promise<void>,
    private lastRows: readonly LastRow[],
  ) {
    this.layout = new Layout(workspaceFolder.uri.fsPath, settings.directory);
    this.client = new CourierClient(this.layout, context.user, this.clock);
    this.view = this.own.add(
      new FolderView(this.layout, context.user, this.clock, {
        historyLimit,
        scanEvery: settings.scan_interval_s * 1000,
        usePolling: settings.use_polling,
        atRest: atRestIn(lastRows, context.seenUntil()),
        onError: (error) => context.log.error(`${this.layout.root} could not be read`, error),
      }),
    );
    const shared = { ...context, layout: this.layout, clock: this.clock };
    const background = settings.monitor === 'background';
    this.monitor = new MonitorKeeper({ ...shared, startedBy: background ? 'setting' : 'person' });
    this.runner = background
      ? new MonitorHost(this.monitor)
      : new WindowRunner({ ...shared, settings, kind: 'window' });
  }

  /** Why nobody runs its jobs, when that is known. */
  get runnerProblem(): string | undefined {
    return this.runner.problem;
  }

  get name(): string {
    return this.workspaceFolder.name;
  }

  get snapshot(): FolderSnapshot | undefined {
    return this.view.snapshot;
  }

  get sessions(): readonly SessionView[] {
    return this.snapshot?.sessions ?? [];
  }

  /** How its sessions were last shown, until its files have been looked at. */
  get lastSeen(): readonly LastRow[] {
    return this.snapshot ? [] : this.lastRows;
  }

  /** The newest finished jobs of a session, as many as are asked for. */
  finished(sessionId: string, limit: number): Promise<Job[]> {
    return readHistory(this.layout.session(sessionId), limit);
  }

  /** tmux sessions on the folder's server that are none of ours. */
  get unmanaged(): readonly TmuxSession[] {
    return this.snapshot?.unmanaged ?? [];
  }

  /**
   * Begins to follow the folder; one of our own gets its runner, one that is absent stays so. Resolves when it was looked at,
   * whatever that came to.
   */
  start(): Promise<void> {
    this.started ??= this.begin();
    return this.started;
  }

  private async begin(): Promise<void> {
    this.own.add(
      this.view.onDidChange((snapshot) => {
        for (const problem of snapshot.problems) this.context.log.warn(problem);
        if (!snapshot.partial) this.allRead();
        this.seen();
        if (snapshot.standing.kind === 'own') void this.keepRunner();
        this.changed.fire(snapshot);
      }),
    );
    this.own.add(this.runner.onDidChange(() => this.snapshot && this.changed.fire(this.snapshot)));
    await this.view.start();
    this.lastRows = [];
    this.seen();
  }

  session(id: string): SessionView | undefined {
    return this.sessions.find((session) => session.metadata.session_id === id);
  }

  /** A job that is shown, by its id. */
  job(id: string): Job | undefined {
    return this.sessions.flatMap((s) => [...s.jobs, ...s.finished]).find((job) => job.job_id === id);
  }

  /** Sends a prompt and returns its job id. */
  async send(input: Omit<SendInput, 'requested_by'> & { requested_by?: string }): Promise<string> {
    await this.ensure();
    const id = await this.client.send({ ...input, requested_by: input.requested_by ?? 'vscode' });
    void this.view.refresh();
    return id;
  }

  /** Asks the runner for something else, and throws what it has against it. Returns the request's id, which is also the id of a job that it made. */
  async request(request: PlainRequest): Promise<string> {
    await this.ensure();
    return this.check(await this.client.request({ ...request, requested_by: 'vscode' }));
  }

  /** Answers a dialog of a session or of a fresh job. */
  async answer(answer: { target: string; dialog_id: string; choice: string }): Promise<void> {
    this.check(await this.client.answer(answer));
  }

  /** What can be cleaned up; reads only. Nothing in a folder that is not our own. */
  async planCleanUp(): Promise<CleanItem[]> {
    const standing = this.snapshot?.standing;
    if (standing?.kind !== 'own') return [];
    const { layout, settings, clock } = this;
    const folder = this.context.user.folder(standing.registration.folder_id);
    return planCleanUp({ layout, folder, settings, clock, tmux: await readTmuxSessions(folder) });
  }

  /** Makes a folder that came from elsewhere this machine's own. */
  async adopt(): Promise<void> {
    await adoptFolder(this.layout, this.context.user, this.clock);
    await this.view.refresh();
  }

  /** Makes the folder when it's absent and begins to run it; throws for one that came from elsewhere. */
  private async ensure(): Promise<void> {
    await openFolder(this.layout, this.context.user, this.clock);
    await this.keepRunner();
  }

  /** A runner may be another process, which reads the settings that this window shares. */
  private async keepRunner(): Promise<void> {
    await this.settingsShared;
    if (!this.stopped) this.runner.keep();
  }

  private check(reply: Reply | undefined): string {
    void this.view.refresh();
    if (reply === undefined) {
      throw new CourierError(
        'no_reply',
        t(
          'The request is kept in the inbox, but no runner has taken it yet. It will be done as soon as one runs; the log says why there is none.',
        ),
      );
    }
    if (!reply.ok) throw new CourierError('refused', reply.error ?? t('The runner refused the request.'));
    return reply.id;
  }

  /** Lets go of the folder; the agents stay alive in tmux. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.end();
    this.seen();
    this.allRead();
    this.own.dispose();
    await this.runner.stop();
  }

  dispose(): void {
    void this.stop();
  }
}
