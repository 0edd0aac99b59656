import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { CourierClient, type SendInput } from '../../src/core/client';
import { isFinal, type Job } from '../../src/core/model/job';
import type { SessionMetadata } from '../../src/core/model/session';
import { RunnerHost } from '../../src/core/runner/runnerHost';
import { openFolder } from '../../src/core/store/folder';
import { Layout } from '../../src/core/store/layout';
import { Settings } from '../../src/core/store/settings';
import { findJob, readSnapshot } from '../../src/core/store/snapshot';
import { UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { endTmux } from './endTmux';
import { jobTraces } from './jobTraces';
import { makeTempDir } from './tempDir';
import { waitFor } from './waitFor';

const exec = promisify(execFile);

/** A private workspace with its own state, tmux server and runner; `stop` leaves nothing behind. */
export class TestCourier {
  readonly client: CourierClient;
  readonly logged: string[] = [];
  /** What runners that are processes of their own have logged. */
  readonly logs: (() => string)[] = [];
  private readonly hosts = new Set<RunnerHost>();

  private constructor(
    readonly root: string,
    readonly workspace: string,
    readonly layout: Layout,
    readonly user: UserState,
    readonly settings: Settings,
  ) {
    this.client = new CourierClient(layout, user, systemClock);
  }

  /** Makes the workspace (its folder's name may be anything) and no `.courier` yet. Settings are as in config.json. */
  static async create(
    options: { settings?: v.InferInput<typeof Settings>; folderName?: string; stateName?: string } = {},
  ): Promise<TestCourier> {
    const { path: root } = await makeTempDir();
    const workspace = path.join(root, options.folderName ?? 'work');
    const state = options.stateName ?? 'state';
    for (const dir of [state, 'run']) await fs.mkdir(path.join(root, dir), { mode: 0o700 });
    await fs.mkdir(workspace, { recursive: true });
    const settings = v.parse(Settings, { default_agent: 'demo', ...options.settings, version: '1.0' });
    const user = UserState.fromEnvironment({
      XDG_STATE_HOME: path.join(root, state),
      XDG_RUNTIME_DIR: path.join(root, 'run'),
    });
    return new TestCourier(root, workspace, new Layout(workspace, settings.directory), user, settings);
  }

  /** The environment in which the `courier` command finds the same state. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      XDG_STATE_HOME: path.dirname(this.user.root),
      XDG_RUNTIME_DIR: path.join(this.root, 'run'),
    };
  }

  /** Starts a runner in this process; several may be started, each with a clock of its own. */
  async runner(clock = systemClock): Promise<RunnerHost> {
    const write = (level: string) => (message: string, cause?: unknown) =>
      this.logged.push(`${level} ${message}${cause ? ` ${cause}` : ''}`);
    const host = new RunnerHost({
      layout: this.layout,
      user: this.user,
      settings: this.settings,
      kind: 'cli',
      programVersion: 'test',
      distDir: path.resolve('dist'),
      clock,
      log: { info: write('info'), warn: write('warn'), error: write('error'), debug: write('debug') },
    });
    this.hosts.add(host);
    await host.start();
    return host;
  }

  /** Sends a prompt to session `main` unless told otherwise; returns the job id. */
  send(text: string, input: Partial<SendInput> = {}): Promise<string> {
    return this.client.send({ session_id: 'main', requested_by: 'test', prompt: { text }, ...input });
  }

  job(id: string): Promise<Job | undefined> {
    return findJob(this.layout, id);
  }

  /** Waits until a job satisfies a condition. */
  jobWhere(id: string, what: string, condition: (job: Job) => boolean, timeout = 30_000): Promise<Job> {
    const describe = async () =>
      [
        `job ${id} ${what}; it is ${JSON.stringify(await this.job(id))}`,
        await jobTraces(this.layout, id),
        ...this.logged.slice(-30),
        ...this.logs.map((log) => `-- a runner's log\n${log()}`),
      ].join('\n');
    return waitFor(
      async () => {
        const job = await this.job(id);
        return job && condition(job) ? job : undefined;
      },
      { timeout, what: describe },
    );
  }

  /** Waits until a job has ended. */
  ended(id: string, timeout?: number): Promise<Job> {
    return this.jobWhere(id, 'has ended', (job) => isFinal(job.status), timeout);
  }

  /** The text of a job's output file. */
  output(job: Job): Promise<string> {
    return fs.readFile(path.join(this.workspace, job.output_path), 'utf8');
  }

  async session(id = 'main'): Promise<SessionMetadata | undefined> {
    const snapshot = await readSnapshot(this.layout, this.user, systemClock, { historyLimit: 0 });
    return snapshot.sessions.find((view) => view.metadata.session_id === id)?.metadata;
  }

  /** Waits until a session satisfies a condition. */
  sessionWhere(
    what: string,
    condition: (session: SessionMetadata) => boolean,
    id = 'main',
    timeout = 30_000,
  ): Promise<SessionMetadata> {
    const describe = async () =>
      `session ${id} ${what}; it is ${JSON.stringify(await this.session(id))}\n${this.logged.slice(-30).join('\n')}`;
    return waitFor(
      async () => {
        const session = await this.session(id);
        return session && condition(session) ? session : undefined;
      },
      { timeout, what: describe },
    );
  }

  /** Runs tmux against this workspace's own server. */
  async tmux(...args: string[]): Promise<string> {
    const { socket } = await openFolder(this.layout, this.user, systemClock);
    return (await exec('tmux', ['-u', '-S', socket, ...args])).stdout;
  }

  /** The pane's screen as a person sees it. */
  screen(session = 'main'): Promise<string> {
    return this.tmux('capture-pane', '-p', '-J', '-t', `=${this.settings.tmux_prefix}${session}:`);
  }

  /** What launches have left in the user's own state: one folder for each that lives. */
  async launches(): Promise<string[]> {
    const [id] = await fs.readdir(path.join(this.user.root, 'folders'));
    return fs.readdir(this.user.folder(id!).launches);
  }

  /** Ends the runners, the tmux server and everything under it, and removes the folders. */
  async stop(): Promise<void> {
    for (const host of this.hosts) await host.stop();
    const listed = await this.tmux('list-panes', '-a', '-F', '#{pid}\n#{pane_pid}').catch(() => '');
    const pids = listed.split('\n').map(Number);
    await this.tmux('kill-server').catch(() => undefined);
    const left = () => pids.filter((pid) => pid > 1 && isAlive(pid));
    await waitFor(() => left().length === 0, { what: () => `the end of tmux and its agents (${left()})` });
    await endTmux(this.root);
    await fs.rm(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
