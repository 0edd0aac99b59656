import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { endTmux } from '../support/endTmux';
import { makeTempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

/** How a `courier` process ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A `courier` process that runs; what it has printed so far, and its end. */
export interface Running {
  child: ChildProcess;
  printed: { stdout: string; stderr: string };
  ended: Promise<Ended>;
}

/** A workspace folder with HOME, state and runtime folders of its own, in which the built `courier` is run. */
export class CliWorkspace {
  private readonly children = new Set<ChildProcess>();

  private constructor(
    readonly root: string,
    private readonly removeRoot: () => Promise<void>,
  ) {}
  readonly dir = path.join(this.root, 'work');
  readonly env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: path.join(this.root, 'home'),
    TMPDIR: path.join(this.root, 'tmp'),
    XDG_STATE_HOME: path.join(this.root, 'state'),
    XDG_RUNTIME_DIR: path.join(this.root, 'run'),
  };

  static async create(): Promise<CliWorkspace> {
    const { path: root, remove } = await makeTempDir();
    for (const name of ['work', 'home', 'tmp', 'state', 'run']) await fs.mkdir(path.join(root, name), { mode: 0o700 });
    return new CliWorkspace(root, remove);
  }

  /** Writes a file in the workspace folder and returns its full path. */
  async file(name: string, text: string): Promise<string> {
    const full = path.join(this.dir, name);
    await fs.writeFile(full, text);
    return full;
  }

  /** Writes the user's settings, as in config.json. */
  async settings(settings: Record<string, unknown>): Promise<void> {
    const dir = path.join(this.root, 'state', 'tmux-courier');
    await fs.mkdir(dir, { recursive: true, mode: 0o700 });
    await fs.writeFile(path.join(dir, 'config.json'), JSON.stringify({ version: '1.0', ...settings }));
  }

  /** Starts `courier` in the workspace folder; `dist` holds the program, when it isn't the one that was built. */
  start(args: string[], options: { input?: string; cwd?: string; dist?: string } = {}): Running {
    const child = spawn(process.execPath, [path.resolve(options.dist ?? 'dist', 'courier.js'), ...args], {
      cwd: options.cwd ?? this.dir,
      env: this.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.children.add(child);
    const printed = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed.stderr += text;
    });
    child.stdin.on('error', () => {}).end(options.input ?? '');
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        this.children.delete(child);
        resolve({ code, ...printed });
      });
    });
    return { child, printed, ended };
  }

  /** Runs `courier` in the workspace folder to its end. */
  run(args: string[], options: { input?: string; cwd?: string; dist?: string } = {}): Promise<Ended> {
    return this.start(args, options).ended;
  }

  /** What `courier status --json` says. */
  async status(): Promise<Status> {
    return JSON.parse((await this.run(['status', '--json'])).stdout);
  }

  /** The names of the tmux sessions on this workspace's own servers. */
  async tmuxSessions(): Promise<string[]> {
    const found = await Promise.all((await this.sockets()).map((socket) => this.tmux(socket, 'ls', '-F', '#S')));
    return found.flatMap((text) => text.split('\n').filter((name) => name !== ''));
  }

  /** Starts a tmux session of a person's own on this workspace's server. */
  async startTmux(name: string): Promise<void> {
    for (const socket of await this.sockets()) this.tmux(socket, 'new-session', '-d', '-s', name, '--', 'sleep', '600');
  }

  /** The processes that run a stable copy of this workspace's own state. */
  monitors(): number[] {
    const seen = this.lookForMonitors();
    // A program that a monitor was just starting had the monitor's command line for a moment: a second look is without it.
    const again = seen.length > 1 ? this.lookForMonitors() : seen;
    return seen.filter((pid) => again.includes(pid));
  }

  private lookForMonitors(): number[] {
    const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8', timeout: 30_000 });
    const own = stdout.split('\n').filter((line) => line.includes(`${this.root}/state/`) && / monitor( |$)/.test(line));
    return own.map((line) => Number.parseInt(line, 10));
  }

  private async sockets(): Promise<string[]> {
    const run = path.join(this.root, 'run');
    const entries = await fs.readdir(run, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isSocket()).map((entry) => path.join(entry.parentPath, entry.name));
  }

  /** What tmux prints; nothing where no server is any more. */
  private tmux(socket: string, ...args: string[]): string {
    const how = { encoding: 'utf8', env: this.env, timeout: 30_000 } as const;
    const { status, stdout, stderr, error } = spawnSync('tmux', ['-S', socket, ...args], how);
    if (status !== 0 && !/no server running|No such file|server exited|lost server/.test(stderr))
      throw new Error(`tmux ${args[0]}: ${stderr || error}`);
    return stdout;
  }

  /** Ends what was started here, tmux servers too, and removes the folders. */
  async close(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
    const monitors = this.monitors();
    for (const pid of monitors) process.kill(pid, 'SIGKILL');
    await waitFor(() => monitors.every(isGone), { what: 'the end of the monitors' });
    for (const socket of await this.sockets()) {
      const pids = this.tmux(socket, 'list-panes', '-a', '-F', '#{pid}\n#{pane_pid}').split('\n').map(Number);
      this.tmux(socket, 'kill-server');
      await waitFor(() => pids.filter((pid) => pid > 1).every(isGone), { what: 'the end of the tmux server' });
    }
    await endTmux(this.root);
    await this.removeRoot();
  }
}

/** The part of `courier status --json` that the tests look at. */
export interface Status {
  version: string;
  runner: { pid: number; kind: string; epoch: number; host: string } | null;
  sessions: {
    session_id: string;
    state: string;
    agent: string;
    tmux_session: string | null;
    waiting?: { dialog_id: string; choices: { id: string; label: string }[] };
    jobs: { job_id: string; status: string; phase?: string }[];
  }[];
}

/** Whether a process has ended; one that only waits to be collected by its parent has. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // It may go between the two looks; then ps finds none, and says so with 1.
    const { status, stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    return status === 1 || stdout.startsWith('Z');
  } catch {
    return true;
  }
}
