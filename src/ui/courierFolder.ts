import type * as vscode from 'vscode';
import { CourierClient, type PlainRequest, type SendInput } from '../core/client';
import type { Job } from '../core/model/job';
import type { Reply } from '../core/model/request';
import { RunnerHost } from '../core/runner/runnerHost';
import { adoptFolder } from '../core/store/adopt';
import { openFolder } from '../core/store/folder';
import { FolderView } from '../core/store/folderView';
import { Layout } from '../core/store/layout';
import type { Settings } from '../core/store/settings';
import type { FolderSnapshot, SessionView } from '../core/store/snapshot';
import type { UserState } from '../core/store/userState';
import { type Clock, systemClock } from '../core/support/clock';
import { DisposableStore } from '../core/support/disposables';
import { CourierError, messageOf } from '../core/support/errors';
import { Emitter } from '../core/support/events';
import type { LogChannel } from './logChannel';
import { reportError } from './notifications';

/** What every folder of a window has in common. */
export interface FolderContext {
  user: UserState;
  log: LogChannel;
  programVersion: string;
  distDir: string;
}

/** How many finished jobs of a session are shown. */
const historyLimit = 20;

/** One workspace folder: its files as they are now, and the way to its runner, which this window keeps. */
export class CourierFolder implements vscode.Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new Emitter<FolderSnapshot>());
  private readonly clock: Clock = systemClock;
  private readonly view: FolderView;
  private host: Promise<RunnerHost> | undefined;
  private toldProblem: string | undefined;
  private stopped = false;

  readonly layout: Layout;
  readonly client: CourierClient;
  readonly onDidChange = this.changed.event;

  constructor(
    readonly workspaceFolder: vscode.WorkspaceFolder,
    private readonly context: FolderContext,
    readonly settings: Settings,
  ) {
    this.layout = new Layout(workspaceFolder.uri.fsPath, settings.directory);
    this.client = new CourierClient(this.layout, context.user, this.clock);
    this.view = this.own.add(
      new FolderView(this.layout, context.user, this.clock, {
        historyLimit,
        scanEvery: settings.scan_interval_s * 1000,
        usePolling: settings.use_polling,
        onError: (error) => context.log.error(`${this.layout.root} could not be read`, error),
      }),
    );
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

  /** Begins to follow the folder; one of our own gets its runner, one that is absent stays so. */
  async start(): Promise<void> {
    this.own.add(
      this.view.onDidChange((snapshot) => {
        for (const problem of snapshot.problems) this.context.log.warn(problem);
        if (snapshot.standing.kind === 'own') this.keepRunner();
        this.changed.fire(snapshot);
      }),
    );
    await this.view.start();
  }

  session(id: string): SessionView | undefined {
    return this.sessions.find((session) => session.metadata.session_id === id);
  }

  /** A job that is shown, by its id. */
  job(id: string): Job | undefined {
    return this.sessions.flatMap((s) => [...s.jobs, ...s.finished]).find((job) => job.job_id === id);
  }

  /** Sends a prompt and returns its job id. */
  async send(input: Omit<SendInput, 'requested_by'>): Promise<string> {
    await this.ensure();
    const id = await this.client.send({ ...input, requested_by: 'vscode' });
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

  /** Makes a folder that came from elsewhere this machine's own. */
  async adopt(): Promise<void> {
    await adoptFolder(this.layout, this.context.user, this.clock);
    await this.view.refresh();
  }

  /** Makes the folder when it's absent and begins to run it; throws for one that came from elsewhere. */
  private async ensure(): Promise<void> {
    await openFolder(this.layout, this.context.user, this.clock);
    if (!this.host) await this.view.refresh();
  }

  private check(reply: Reply | undefined): string {
    void this.view.refresh();
    if (reply === undefined) {
      throw new CourierError(
        'no_reply',
        'The request is kept in the inbox, but no runner has taken it yet. It will be done as soon as one runs; the log says why there is none.',
      );
    }
    if (!reply.ok) throw new CourierError('refused', reply.error ?? 'The runner refused the request.');
    return reply.id;
  }

  /** Starts the runner once; a start that failed is told once, and tried again with the next change. */
  private keepRunner(): void {
    if (this.host || this.stopped) return;
    const { user, log, programVersion, distDir } = this.context;
    const host = new RunnerHost({
      layout: this.layout,
      user,
      settings: this.settings,
      kind: 'window',
      programVersion,
      distDir,
      clock: this.clock,
      log,
    });
    this.host = host.start().then((role) => {
      log.info(
        `${this.layout.root}: ${role === 'owner' ? 'this window runs its jobs' : 'another process runs its jobs'}`,
      );
      return host;
    });
    this.host.catch((error) => {
      this.host = undefined;
      if (this.stopped || messageOf(error) === this.toldProblem) return;
      this.toldProblem = messageOf(error);
      void reportError(log, error);
    });
  }

  /** Lets go of the folder; the agents stay alive in tmux. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.own.dispose();
    const host = await this.host?.catch(() => undefined);
    await host?.stop();
  }

  dispose(): void {
    void this.stop();
  }
}
