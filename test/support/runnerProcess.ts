import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { readRunner } from '../../src/core/runner/claims';
import { openFolder } from '../../src/core/store/folder';
import { writeSettings } from '../../src/core/store/settings';
import { systemClock } from '../../src/core/support/clock';
import type { TestCourier } from './testCourier';
import { waitFor } from './waitFor';

/** A `courier` process that runs a test workspace's jobs, to be stopped and killed as a person's own would be. */
export class RunnerProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly printed: { text: string },
  ) {}

  /** Starts `courier` with these arguments (`monitor`, or a `wait` for a job), and Node with some, and waits until it owns the folder. */
  static async start(courier: TestCourier, args: string[], nodeArgs: string[] = []): Promise<RunnerProcess> {
    await writeSettings(courier.user, courier.settings);
    const { folder_id } = await openFolder(courier.layout, courier.user, systemClock);
    const command = [...nodeArgs, path.resolve('dist/courier.js'), ...args, '--dir', courier.workspace];
    const child = spawn(process.execPath, command, {
      env: courier.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = { text: '' };
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed.text += text;
      });
    courier.logs.push(() => `process ${child.pid}\n${printed.text}`);
    const own = new RunnerProcess(child, printed);
    const owns = async () => (await readRunner(courier.user.folder(folder_id), systemClock))?.pid === child.pid;
    await waitFor(owns, { timeout: 30_000, what: () => `a runner of "courier ${args.join(' ')}": ${printed.text}` });
    return own;
  }

  /** What it printed so far. */
  get output(): string {
    return this.printed.text;
  }

  get pid(): number {
    return this.child.pid!;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it, politely or not, and waits for that. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }
}
