import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTempDir } from './tempDir';
import { waitFor } from './waitFor';

const run = promisify(execFile);
const callTimeout = 30_000;

/** How a pane is started. */
export interface PaneOptions {
  cwd?: string;
  /** Added to the server's environment. */
  env?: Record<string, string>;
  columns?: number;
  rows?: number;
}

/** A tmux server for one test: own socket, own HOME and TMPDIR, none of the user's configuration. */
export class TmuxServer {
  private started = false;

  private constructor(
    /** The folder that holds everything of this server; removed by `stop()`. */
    readonly dir: string,
    private readonly removeDir: () => Promise<void>,
  ) {}

  /** Makes the folders; tmux itself starts with the first pane. */
  static async create(): Promise<TmuxServer> {
    const { path, remove } = await makeTempDir();
    await Promise.all(['home', 'tmp', 'work'].map((name) => mkdir(join(path, name), { mode: 0o700 })));
    return new TmuxServer(path, remove);
  }

  /** The path of the socket. */
  get socket(): string {
    return join(this.dir, 's');
  }

  /** The folder that panes start in when nothing else is said. */
  get workDir(): string {
    return join(this.dir, 'work');
  }

  /** Runs one tmux command on this server and gives its output. */
  async tmux(args: string[], cwd = this.workDir): Promise<string> {
    const env: NodeJS.ProcessEnv = { ...process.env, HOME: join(this.dir, 'home'), TMPDIR: join(this.dir, 'tmp') };
    delete env.TMUX;
    delete env.TMUX_PANE;
    const all = ['-u', '-S', this.socket, '-f', '/dev/null', ...args];
    const { stdout } = await run('tmux', all, { cwd, env, timeout: callTimeout, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }

  /** Starts a program directly in a new pane, no shell under it; the pane stays when the program has ended. */
  async start(argv: string[], { cwd, env = {}, columns = 200, rows = 50 }: PaneOptions = {}): Promise<TmuxPane> {
    const environment = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const size = ['-x', String(columns), '-y', String(rows)];
    const create = ['new-session', '-d', '-P', '-F', '#{pane_id}', ...size, ...environment, '--', ...argv];
    const id = (await this.tmux([...create, ';', 'set-option', '-w', 'remain-on-exit', 'on'], cwd)).trim();
    this.started = true;
    return new TmuxPane(this, id);
  }

  /** Ends the server and what runs in it, waits until the processes are gone, and removes the folder. */
  async stop(): Promise<void> {
    if (this.started) {
      const pids = (await this.tmux(['list-panes', '-a', '-F', '#{pid}\n#{pane_pid}']).catch(() => ''))
        .split('\n')
        .map(Number)
        .filter((pid) => pid > 1);
      await this.tmux(['kill-server']).catch(() => {});
      await waitFor(async () => (await Promise.all(pids.map(isGone))).every(Boolean), {
        what: `the end of the tmux server and its panes (${pids.join(', ')})`,
      });
    }
    await this.removeDir();
  }
}

/** One pane of a test's tmux server. */
export class TmuxPane {
  constructor(
    private readonly server: TmuxServer,
    readonly id: string,
  ) {}

  /** Types a text, and no Enter. */
  async type(text: string): Promise<void> {
    await this.server.tmux(['send-keys', '-t', this.id, '-l', '--', text]);
  }

  /** Presses keys by their tmux names, such as `Enter`, `Escape` or `C-c`. */
  async press(...keys: string[]): Promise<void> {
    await this.server.tmux(['send-keys', '-t', this.id, ...keys]);
  }

  /** Pastes a text as a terminal does, bracketed when the program asked for that. */
  async paste(text: string): Promise<void> {
    await this.server.tmux(['set-buffer', '--', text, ';', 'paste-buffer', '-p', '-d', '-t', this.id]);
  }

  /** Changes the size of the pane's window. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.server.tmux(['resize-window', '-t', this.id, '-x', String(columns), '-y', String(rows)]);
  }

  /** What is on the screen, wrapped lines joined, no empty lines at the end. */
  async screen(): Promise<string> {
    return (await this.server.tmux(['capture-pane', '-p', '-J', '-t', this.id])).trimEnd();
  }

  /** The screen and all that scrolled off it; of a program that ended, tmux scrolls one line away for its own notice. */
  async history(): Promise<string> {
    return (await this.server.tmux(['capture-pane', '-p', '-J', '-S', '-', '-t', this.id])).trimEnd();
  }

  /** Waits until the screen matches, and gives it. */
  async waitForScreen(pattern: RegExp, timeout?: number): Promise<string> {
    let screen = '';
    const look = async () => {
      screen = await this.screen();
      return pattern.test(screen) && screen;
    };
    return waitFor(look, { timeout, what: () => `${pattern} on the screen, which shows:\n${screen}` });
  }

  /** Waits until the program has ended, and gives its exit code, 128 and more for a signal. */
  async waitForExit(timeout?: number): Promise<number> {
    const look = async () => {
      const format = '#{pane_dead},#{pane_dead_status},#{pane_dead_signal},#{pid}';
      const answer = await this.server.tmux(['display-message', '-p', '-t', this.id, format]);
      const [dead, status, signal, serverPid] = answer.trim().split(',');
      if (status || signal) return { code: status ? Number(status) : 128 + Number(signal) };
      // tmux 3.3a sees the terminal close, but misses about every fourth SIGCHLD: a second one makes it collect the status.
      if (dead === '1') process.kill(Number(serverPid), 'SIGCHLD');
      return undefined;
    };
    return (await waitFor(look, { timeout, what: `the end of the program in pane ${this.id}` })).code;
  }
}

async function isGone(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  // One that has ended and only waits to be collected by its parent (state Z; Linux says so in /proc) is gone too.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
}
