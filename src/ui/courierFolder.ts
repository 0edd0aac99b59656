import type * as vscode from 'vscode';
import type { CleanItem } from '../core/clean/item';
import type { CourierClient, PlainRequest, SendInput } from '../core/client';
import type { Job } from '../core/model/job';
import type { Reply } from '../core/model/request';
import type { MonitorKeeper } from '../core/monitor/keepMonitor';
import { readHistory } from '../core/store/history';
import { Layout } from '../core/store/layout';
import type { Settings } from '../core/store/settings';
import type { FolderSnapshot, SessionView } from '../core/store/snapshot';
import type { TmuxSession } from '../core/store/tmuxSessions';
import type { UserState } from '../core/store/userState';
import { systemClock } from '../core/support/clock';
import { DisposableStore } from '../core/support/disposables';
import { CourierError } from '../core/support/errors';
import { Emitter } from '../core/support/events';
import type { FolderParts } from './folderParts';
import { t } from './l10n';
import { atRestIn, type LastRow } from './lastRows';
import type { LoadLater } from './loadLater';
import type { LogChannel } from './logChannel';
import { shownAtOnce } from './treeModel';

/** What every folder of a window has in common. */
export interface FolderContext {
  user: UserState;
  log: LogChannel;
  programVersion: string;
  distDir: string;
  /** Until when (ISO) a person has seen what jobs came to. */
  seenUntil: () => string;
  later: LoadLater;
}

/** How many finished jobs of a session are read: those that are shown at first, and one that tells that there are more. */
const historyLimit = shownAtOnce + 1;

/** One workspace folder: its files as they are now, and the way to its runner. */
export class CourierFolder implements vscode.Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new Emitter<FolderSnapshot>());
  private parts: FolderParts | undefined;
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
  }

  get client(): CourierClient {
    return this.begun.client;
  }

  get monitor(): MonitorKeeper {
    return this.begun.monitor;
  }

  /** Nothing is done with a folder before it is begun to be followed; a command waits for that. */
  private get begun(): FolderParts {
    if (!this.parts)
      throw new CourierError(
        'not_open',
        t('{0} is being opened, and nothing was done. Try again in a moment.', this.layout.root),
      );
    return this.parts;
  }

  /** Why nobody runs its jobs, when that is known. */
  get runnerProblem(): string | undefined {
    return this.parts?.runner.problem;
  }

  get name(): string {
    return this.workspaceFolder.name;
  }

  get snapshot(): FolderSnapshot | undefined {
    return this.parts?.view.snapshot;
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
    const { FolderParts } = await this.context.later.folder();
    if (this.stopped) return;
    const { view, runner } = this.follow(FolderParts);
    this.own.add(view);
    this.own.add(
      view.onDidChange((snapshot) => {
        for (const problem of snapshot.problems) this.context.log.warn(problem);
        if (!snapshot.partial) this.allRead();
        this.seen();
        if (snapshot.standing.kind === 'own') void this.keepRunner();
        this.changed.fire(snapshot);
      }),
    );
    this.own.add(runner.onDidChange(() => this.snapshot && this.changed.fire(this.snapshot)));
    // What is at rest is read after that, and nothing waits for it but its own rows.
    await Promise.race([view.start(), this.looked]);
    this.lastRows = [];
    this.seen();
  }

  private follow(Parts: typeof FolderParts): FolderParts {
    const { context, settings, layout } = this;
    const input = { ...context, layout, settings, clock: systemClock };
    this.parts = new Parts(input, {
      historyLimit,
      scanEvery: settings.scan_interval_s * 1000,
      usePolling: settings.use_polling,
      atRest: atRestIn(this.lastRows, context.seenUntil()),
      onError: (error) => context.log.error(`${layout.root} could not be read`, error),
    });
    return this.parts;
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
    void this.begun.view.refresh();
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
  planCleanUp(): Promise<CleanItem[]> {
    return this.begun.planCleanUp();
  }

  /** Makes a folder that came from elsewhere this machine's own. */
  async adopt(): Promise<void> {
    await this.begun.adopt();
    await this.begun.view.refresh();
  }

  /** Makes the folder when it's absent and begins to run it; throws for one that came from elsewhere. */
  private async ensure(): Promise<void> {
    await this.begun.open();
    await this.keepRunner();
  }

  /** A runner may be another process, which reads the settings that this window shares. */
  private async keepRunner(): Promise<void> {
    await this.settingsShared;
    if (!this.stopped) this.begun.runner.keep();
  }

  private check(reply: Reply | undefined): string {
    void this.begun.view.refresh();
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
    await this.parts?.runner.stop();
  }

  dispose(): void {
    void this.stop();
  }
}
