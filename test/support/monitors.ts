import { type ChildProcess, spawn } from 'node:child_process';
import * as path from 'node:path';
import type { TestCourier } from './testCourier';
import { waitFor } from './waitFor';

/** A `courier monitor` process on a test's folder. */
export interface Monitor {
  child: ChildProcess;
  pid: number;
  /** What it has logged so far. */
  log(): string;
  /** What it last said it is; undefined before its start is done. */
  role(): 'owner' | 'standby' | 'stopped' | undefined;
  /** The epoch that it last owned the folder with. */
  epoch(): number | undefined;
  ended: Promise<number | null>;
}

/** Starts real runners, each a process of its own, and ends those that are left. */
export class Monitors {
  private readonly all: Monitor[] = [];

  constructor(private readonly courier: TestCourier) {}

  start(): Monitor {
    const { workspace, env } = this.courier;
    const child = spawn(process.execPath, [path.resolve('dist/courier.js'), 'monitor', '--dir', workspace], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    const monitor: Monitor = {
      child,
      pid: child.pid!,
      log: () => text,
      role: () => {
        const role = [...text.matchAll(/runner: (owner|standby|stopped)|standing by/g)].at(-1);
        return role && ((role[1] as 'owner') ?? 'standby');
      },
      epoch: () => {
        const epoch = [...text.matchAll(/runner: owner \(epoch (\d+)\)/g)].at(-1)?.[1];
        return epoch === undefined ? undefined : Number(epoch);
      },
      ended: new Promise((resolve) => child.on('close', resolve)),
    };
    this.all.push(monitor);
    this.courier.logs.push(() => `process ${monitor.pid}\n${text}`);
    return monitor;
  }

  /** Waits until a monitor has a role. */
  async become(monitor: Monitor, role: 'owner' | 'standby', timeout = 30_000): Promise<void> {
    const what = () => `monitor ${monitor.pid} is ${role}; they say:\n${this.all.map((m) => m.log()).join('\n--\n')}`;
    await waitFor(() => monitor.role() === role, { what, timeout });
  }

  /** Waits until one of these owns the folder, and returns it. */
  owner(among: Monitor[], timeout = 30_000): Promise<Monitor> {
    const what = () => `one of them is the owner; they say:\n${among.map((m) => m.log()).join('\n--\n')}`;
    return waitFor(() => among.find((monitor) => monitor.role() === 'owner'), { what, timeout, interval: 5 });
  }

  async stop(): Promise<void> {
    for (const { child } of this.all) child.kill('SIGKILL');
    await Promise.all(this.all.map(({ ended }) => ended));
  }
}
