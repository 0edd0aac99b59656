import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { makeTempDir } from '../../support/tempDir';
import { withDemo } from '../demoBench';
import type { Figure, Form } from '../figure';
import { cpuOf } from '../processes';
import { median, spreadOf } from '../samples';

/** How many tmux programs a runner starts for a job: counted by a program in tmux's place, in a run that is not timed. */
async function tmuxCalls(count: number): Promise<number> {
  const { path: dir, remove } = await makeTempDir();
  try {
    const [program, log] = [path.join(dir, 'tmux'), path.join(dir, 'calls')];
    await fs.writeFile(program, `#!/bin/sh\necho call >> '${log}'\nexec tmux "$@"\n`, { mode: 0o755 });
    const calls = async () => (await fs.readFile(log, 'utf8')).split('\n').length - 1;
    return await withDemo(
      async (bench) => {
        const before = await calls();
        await bench.jobs(count);
        return ((await calls()) - before) / count;
      },
      { tmux_path: program },
    );
  } finally {
    await remove();
  }
}

/** Many jobs of the Demo agent, which answers at once, in one session: jobs a second, and what they cost the runner. */
export async function measure(form: Form): Promise<Figure[]> {
  const { rounds, count } = form === 'full' ? { rounds: 10, count: 100 } : { rounds: 3, count: 40 };
  const rate: number[] = [];
  const cpu: number[] = [];
  const children: number[] = [];
  await withDemo(async (bench) => {
    for (let i = 0; i < rounds; i++) {
      const before = cpuOf(bench.runner.pid);
      const start = performance.now();
      await bench.jobs(count);
      rate.push((count * 1000) / (performance.now() - start));
      await bench.completions.ready();
      const after = cpuOf(bench.runner.pid);
      cpu.push((after.own - before.own) / count);
      children.push((after.children - before.children) / count);
    }
  });
  return [
    {
      name: `${count} jobs of the Demo agent in one session`,
      unit: 'jobs/s',
      us: median(rate),
      goals: [{ at: 'least', value: 15, of: 'value' }],
      runs: rounds,
      spread: spreadOf(rate),
    },
    {
      name: 'the runner’s CPU for each of them',
      unit: 'ms',
      us: median(cpu),
      goals: [{ at: 'most', value: 12, of: 'value' }],
      runs: rounds,
      spread: spreadOf(cpu),
      note:
        `and ${median(children).toFixed(1)} ms in the programs that it starts` +
        (form === 'full' ? `; ${(await tmuxCalls(20)).toFixed(1)} of them are tmux` : ''),
    },
  ];
}
