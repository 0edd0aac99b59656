import { existsSync, renameSync, watch, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { RequestInput } from '../../../src/core/model/request';
import { readJson, writeJson } from '../../../src/core/store/jsonFile';
import { QueueFile } from '../../../src/core/store/queueFile';
import { readLiveJob } from '../../../src/core/store/snapshot';
import { RunnerProcess } from '../../support/runnerProcess';
import { TestCourier } from '../../support/testCourier';
import { waitFor } from '../../support/waitFor';
import type { Figure, Measure } from '../figure';
import { quantile, spreadOf } from '../samples';

/** How long one prompt takes into a queue, and how often the queue is written for many that come at once. */
export const measure: Measure = async (form) => [await enqueueOne(form === 'full' ? 300 : 40), await enqueueMany(1000)];

/** The jobs stand behind one whose agent never gets ready, so that they stay pending. */
async function enqueueOne(runs: number): Promise<Figure> {
  const queues = [await Queue.fill(1000), await Queue.fill(10)] as const;
  const took: [number[], number[]] = [[], []];
  const floor: number[] = [];
  try {
    for (let i = 0; i < runs; i++) {
      floor.push(await queues[0].twoWrites());
      for (const at of [0, 1] as const) took[at].push(await queues[at].enqueue());
    }
  } finally {
    for (const queue of queues) await queue.stop();
  }
  return {
    name: 'enqueue with 1,000 pending jobs, p99',
    unit: 'ms',
    us: quantile(took[0], 0.99),
    alternative: { name: 'with 10 pending jobs', value: quantile(took[1], 0.99) },
    floor: quantile(floor, 0.99),
    goals: [
      { at: 'most', value: 10, of: 'value', reached: 30 },
      { at: 'most', value: 3, of: 'ratio to the alternative' },
    ],
    runs,
    spread: spreadOf(took[0]),
    note: `from the call that sends to the reply on disk; p50 ${quantile(took[0], 0.5).toFixed(1)} ms, with 10 ${quantile(took[1], 0.5).toFixed(1)} ms; floor: p99 of two small files written to this disk one after the other (request, then queue and reply), p50 ${quantile(floor, 0.5).toFixed(1)} ms`,
  };
}

async function enqueueMany(requests: number): Promise<Figure> {
  const queue = await Queue.fill(1);
  try {
    const { writes, seconds } = await queue.enqueueAtOnce(requests);
    return {
      name: `writes of the queue for ${requests.toLocaleString('en')} requests at once`,
      unit: 'writes',
      us: writes,
      goals: [{ at: 'most', value: 20, of: 'value' }],
      runs: 1,
      spread: [writes, writes],
      note: `all are in the queue and answered after ${seconds.toFixed(1)} s`,
    };
  } finally {
    await queue.stop();
  }
}

/** A session with pending jobs, and its runner in a process of its own. */
class Queue {
  private constructor(
    private readonly courier: TestCourier,
    private readonly runner: RunnerProcess,
  ) {}

  static async fill(pending: number): Promise<Queue> {
    const sleeper = { type: 'custom' as const, command: 'sleep', args: ['3600'], ready_pattern: 'it never says this' };
    const agent = { default_agent: 'sleeper', start_timeout_s: 3600, agents: { sleeper } };
    const courier = await TestCourier.create({ settings: { version: '1.0', ...agent } });
    const queue = new Queue(courier, await RunnerProcess.start(courier, ['monitor']));
    await queue.enqueueAtOnce(pending + 1);
    const found = (await queue.jobs()).filter((job) => job.status === 'pending').length;
    if (found !== pending) throw new Error(`${found} jobs are pending, not ${pending}`);
    return queue;
  }

  private async jobs() {
    const read = await readJson(QueueFile, this.courier.layout.session('main').queue);
    return read.kind === 'ok' ? read.value.jobs : [];
  }

  /** Milliseconds in which two small files are replaced, the second when the first is on disk: nobody could answer sooner. */
  async twoWrites(): Promise<number> {
    const { root } = this.courier;
    const from = performance.now();
    for (const name of ['first', 'second']) await writeJson(path.join(root, name), { name });
    return performance.now() - from;
  }

  /** Milliseconds from the call that sends a prompt until its reply is there: the job is in the queue then, on disk. It is cancelled again. */
  async enqueue(): Promise<number> {
    const { client, layout } = this.courier;
    const from = performance.now();
    const id = await client.send({ session_id: 'main', requested_by: 'bench', prompt: { text: 'one more' } });
    const done = path.join(layout.done, `${id}.json`);
    for (const limit = from + 60_000; !existsSync(done); ) {
      if (performance.now() > limit) throw new Error(`${id} was not answered`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const took = performance.now() - from;
    if (!(await readLiveJob(layout, 'main', id))) throw new Error(`${id} is not in the queue`);
    await client.request({ action: 'cancel', job_id: id, requested_by: 'bench' });
    return took;
  }

  /** Drops many requests as fast as they can be renamed; counts how often the queue's file is put in place until all are answered. */
  async enqueueAtOnce(requests: number): Promise<{ writes: number; seconds: number }> {
    const { layout } = this.courier;
    const ids = Array.from({ length: requests }, (_, i) => `j-${requests}-${i}`);
    const hidden = (id: string) => path.join(layout.inbox, `.${id}.json`);
    for (const id of ids) {
      const base = { version: '1.0', id, requested_by: 'bench' } as const;
      const request: RequestInput = { ...base, action: 'enqueue', session_id: 'main', prompt: `prompt ${id}` };
      writeFileSync(hidden(id), JSON.stringify(request), { mode: 0o600 });
    }
    const { queue, dir } = layout.session('main');
    let writes = 0;
    const count = (_event: string, name: string | null) => {
      if (name === path.basename(queue)) writes++;
    };
    const watcher = existsSync(dir) ? watch(dir, count) : undefined;
    try {
      const from = performance.now();
      for (const id of ids) renameSync(hidden(id), path.join(layout.inbox, `${id}.json`));
      const answered = () => ids.every((id) => existsSync(path.join(layout.done, `${id}.json`)));
      await waitFor(answered, { timeout: 120_000, what: `the replies to ${requests} requests` });
      return { writes, seconds: (performance.now() - from) / 1000 };
    } finally {
      watcher?.close();
    }
  }

  async stop(): Promise<void> {
    await this.runner.end();
    await this.courier.stop();
  }
}
