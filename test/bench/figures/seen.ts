import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Seen } from '../completions';
import { withDemo } from '../demoBench';
import type { Figure, Form } from '../figure';
import { receiptTimes } from '../receiptTimes';
import { quantile, spreadOf } from '../samples';

interface Delays {
  /** Until the record of the job's end is on disk, and until a client of the folder knows it; in milliseconds. */
  recorded: number[];
  seen: number[];
}

/** The Demo agent's jobs one by one: from the later of output and turn's end to the job's completion. */
async function delays(runs: number): Promise<Delays> {
  const found: Delays = { recorded: [], seen: [] };
  await withDemo(async (bench) => {
    const { courier } = bench;
    const mtime = async (file: string) => (await fs.stat(file)).mtimeMs;
    const ended = async ({ job }: Seen) => {
      const { Stop } = receiptTimes(courier);
      return Math.max(Stop!, await mtime(path.join(courier.workspace, job.output_path)));
    };
    for (let i = 0; i < runs; i++) {
      const seen = await bench.job();
      const end = await ended(seen);
      const history = courier.layout.session('main').historyFile(seen.job.finished_at!);
      found.recorded.push((await mtime(history)) - end);
      found.seen.push(seen.wall - end);
      await bench.completions.ready();
    }
  });
  return found;
}

/** How long it takes until a finished answer is seen as one. */
export async function measure(form: Form): Promise<Figure[]> {
  const { recorded, seen } = await delays(form === 'full' ? 100 : 40);
  const row = (part: number, most: number): Figure => ({
    name: `output written and turn ended → seen as complete, p${part * 100}`,
    unit: 'ms',
    us: quantile(seen, part),
    goals: [{ at: 'most', value: most, of: 'value' }],
    runs: seen.length,
    spread: spreadOf(seen),
    note: `on disk after ${quantile(recorded, part).toFixed(1)} ms; seen is when a client knows it, as a window does`,
  });
  return [row(0.5, 25), row(0.95, 60)];
}
