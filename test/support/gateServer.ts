import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { TmuxClient } from '../../src/core/tmux/client';
import { listPanes, type NewSession, newSession, type Pane } from '../../src/core/tmux/commands';
import { openServer } from '../../src/core/tmux/server';
import { makeTempDir } from './tempDir';
import { waitFor } from './waitFor';

const exec = promisify(execFile);

/** What a pane runs to show what reaches it: it echoes each line that it is given. */
export const echoArgv = [
  process.execPath,
  '-e',
  'process.stdin.on("data", (d) => process.stdout.write("<" + d + ">"))',
];

/** Our own tmux server, as the product opens it, in a folder of its own. */
export class GateServer {
  private constructor(
    readonly root: string,
    readonly client: TmuxClient,
    readonly socket: string,
    readonly conf: string,
  ) {}

  static async create(env?: (root: string) => NodeJS.ProcessEnv): Promise<GateServer> {
    const { path: root } = await makeTempDir();
    const user = new UserState(path.join(root, 'user'), path.join(root, 'run'));
    const registration = await user.register('0123456789abcdef', root);
    await openServer(user, registration, 'tmux', systemClock);
    const conf = user.folder(registration.folder_id).tmuxConf;
    const { socket } = registration;
    const client = new TmuxClient({ tmuxPath: 'tmux', socket, conf, env: env?.(root) });
    return new GateServer(root, client, socket, conf);
  }

  /** Starts a session through the product's own call. */
  async start(epoch: number, session: string, more: Partial<NewSession> = {}): Promise<Pane> {
    const whole = { session, launch_id: `l-${session}`, argv: echoArgv, env: {}, cwd: this.root, ...more };
    if (!(await this.client.callStarting(newSession(epoch, whole)))) throw new Error('refused');
    return this.pane(session);
  }

  async panes(): Promise<Pane[]> {
    return (await this.client.callIfServer(listPanes())) ?? [];
  }

  async pane(session: string): Promise<Pane> {
    return waitFor(async () => (await this.panes()).find((pane) => pane.session === session), {
      what: `tmux session ${session}`,
    });
  }

  /** Runs tmux as a person would, past the gate. */
  async tmux(...args: string[]): Promise<string> {
    return (await exec('tmux', ['-u', '-S', this.socket, ...args], { timeout: 30_000 })).stdout;
  }

  screen(session: string): Promise<string> {
    return this.tmux('capture-pane', '-p', '-J', '-t', `=${session}:`);
  }

  async stop(): Promise<void> {
    const pids = (await this.panes().catch(() => [])).flatMap((pane) => [
      pane.server_pid,
      ...(pane.dead ? [] : [pane.pid]),
    ]);
    await this.tmux('kill-server').catch(() => undefined);
    await waitFor(async () => (await Promise.all(pids.map(isGone))).every(Boolean), { what: 'the end of the server' });
    await fs.rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Whether a process has ended; one that only waits to be collected has. */
export async function isGone(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
}
