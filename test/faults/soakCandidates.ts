import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import type { TestCourier } from '../support/testCourier';

/** The `courier` processes of a soak, each of which may run the folder's jobs; one that was killed is started again, as a unit or a person does. */
export class Candidates {
  private readonly living = new Map<number, { child: ChildProcess; args: () => string[] }>();
  private readonly said: string[] = [];
  private ending = false;
  /** Exit codes and signals of those that ended by themselves. */
  readonly odd: string[] = [];
  readonly killed = new Set<number>();

  constructor(private readonly courier: TestCourier) {}

  /** Starts one with these arguments, and again whenever it has ended; `pause` is asked how long after (milliseconds). */
  keep(args: () => string[], pause: () => number): void {
    const child = spawn(
      process.execPath,
      [path.resolve('dist/courier.js'), ...args(), '--dir', this.courier.workspace],
      {
        env: this.courier.env,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const { pid } = child;
    this.living.set(pid!, { child, args });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.trimEnd().split('\n')) this.said.push(`${new Date().toISOString()} [${pid}] ${line}`);
    });
    child.on('exit', (code, signal) => {
      this.living.delete(pid!);
      // A job that was waited for may have failed.
      if (!this.killed.has(pid!) && !this.ending && code !== 0 && code !== 1)
        this.odd.push(`[${pid}] ended with ${signal ?? code}`);
      setTimeout(() => !this.ending && this.keep(args, pause), pause());
    });
  }

  get pids(): number[] {
    return [...this.living.keys()];
  }

  /** What they logged, newest last. */
  get log(): string {
    return this.said.join('\n');
  }

  /** Lines that say an error. */
  get errors(): string[] {
    return this.said.filter((line) => /\berror\b/.test(line.slice(0, 70)) || line.includes('Error:'));
  }

  /** Ends all of them and starts none again; returns their exit codes or signals. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<(number | string | null)[]> {
    this.ending = true;
    const children = [...this.living.values()].map(({ child }) => child);
    return Promise.all(
      children.map(async (child) => {
        const exit = once(child, 'exit');
        child.kill(signal);
        const [code, by] = (await exit) as [number | null, string | null];
        return code ?? by;
      }),
    );
  }
}
