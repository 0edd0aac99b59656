import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { type ClaudeBench, withClaude } from '../claudeBench';
import type { Figure, Form } from '../figure';
import { model, prompt } from '../model';
import { receiptTimes, turnTime } from '../receiptTimes';
import { median, spreadOf } from '../samples';
import { StartTime } from '../startTime';

/** Runs `courier send --wait`, which is its own runner, to its end; milliseconds from its start. */
async function send({ claude: { courier } }: ClaudeBench): Promise<number> {
  await fs.writeFile(path.join(courier.workspace, 'prompt.md'), prompt);
  const start = performance.now();
  const child = spawn(process.execPath, [path.resolve('dist/courier.js'), 'send', '--wait', 'prompt.md'], {
    cwd: courier.workspace,
    env: courier.env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`courier send --wait ended with ${code}`);
  return performance.now() - start;
}

interface Measured {
  total: number[];
  own: number[];
}

async function warm(runs: number): Promise<Measured> {
  const measured: Measured = { total: [], own: [] };
  await withClaude(
    model(),
    async (bench) => {
      await send(bench);
      for (let i = 0; i < runs; i++) {
        await bench.settled();
        measured.total.push(await send(bench));
        measured.own.push(turnTime(receiptTimes(bench.claude.courier)));
      }
    },
    { runner: false },
  );
  return measured;
}

async function fromNothing(runs: number): Promise<Measured> {
  const measured: Measured = { total: [], own: [] };
  for (let i = 0; i < runs; i++) {
    await withClaude(
      model(),
      async (bench) => {
        const start = new StartTime(bench.claude);
        const total = await send(bench);
        measured.total.push(total);
        measured.own.push((await start.times()).took + turnTime(receiptTimes(bench.claude.courier)));
      },
      { runner: false },
    );
  }
  return measured;
}

/** `courier send --wait` with Claude, the start of the command and of its own runner included. */
export async function measure(form: Form): Promise<Figure[]> {
  const row = (name: string, { total, own }: Measured, most: number): Figure => ({
    name: `courier send --wait, ${name}`,
    unit: 'ms',
    us: median(total),
    floor: median(own),
    goals: [{ at: 'most', value: most, of: 'above the floor' }],
    runs: total.length,
    spread: spreadOf(total),
  });
  const rows = [row('warm Claude session', await warm(form === 'full' ? 11 : 3), 300)];
  if (form === 'full') rows.push(row('from nothing', await fromNothing(10), 800));
  return rows;
}
