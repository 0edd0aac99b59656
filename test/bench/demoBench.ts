import { RunnerProcess } from '../support/runnerProcess';
import { TestCourier } from '../support/testCourier';
import { Completions, type Seen } from './completions';

/** A workspace with the Demo agent, its runner in a process of its own, and this process as its client. */
export class DemoBench {
  private constructor(
    readonly courier: TestCourier,
    readonly runner: RunnerProcess,
    readonly completions: Completions,
  ) {}

  /** Makes it, with a session that has done its first job. */
  static async create(settings: { tmux_path?: string } = {}): Promise<DemoBench> {
    const courier = await TestCourier.create({ settings: { version: '1.0', ...settings } });
    const runner = await RunnerProcess.start(courier, ['monitor']);
    const bench = new DemoBench(courier, runner, await Completions.open(courier));
    await bench.job();
    await bench.completions.ready();
    return bench;
  }

  /** Sends a prompt, and waits until it is seen as completed. */
  async job(): Promise<Seen> {
    return this.completions.completed(await this.courier.send('What is here to be done?\n'));
  }

  /** Sends so many prompts at once, and waits until all are seen as completed. */
  async jobs(count: number): Promise<void> {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) ids.push(await this.courier.send(`Number ${i}: what is here to be done?\n`));
    await Promise.all(ids.map((id) => this.completions.completed(id, 120_000)));
  }

  async stop(): Promise<void> {
    this.completions.stop();
    await this.runner.end();
    await this.courier.stop();
  }
}

/** Runs some work with such a workspace, which is gone afterwards. */
export async function withDemo<T>(
  work: (bench: DemoBench) => Promise<T>,
  settings?: { tmux_path?: string },
): Promise<T> {
  const bench = await DemoBench.create(settings);
  try {
    return await work(bench);
  } finally {
    await bench.stop();
  }
}
