import { withClaude } from '../claudeBench';
import type { Figure, Form } from '../figure';
import { model } from '../model';
import { median, spreadOf } from '../samples';
import { StartTime } from '../startTime';

/** One job in a folder whose runner has just opened it: no tmux server, no session, no CLI. */
export async function measure(form: Form): Promise<Figure[]> {
  const runs = form === 'full' ? 10 : 3;
  const total: number[] = [];
  const own: number[] = [];
  const parts = { launch: [] as number[], line: [] as number[], after: [] as number[] };
  for (let i = 0; i < runs; i++) {
    await withClaude(model(), async (bench) => {
      const noted = new StartTime(bench.claude);
      const job = await bench.send();
      total.push(job.total);
      const start = await noted.times();
      own.push(start.took + job.turn);
      parts.launch.push(start.launched - job.requested);
      parts.line.push(job.receipts.UserPromptSubmit! - start.started);
      parts.after.push(job.after);
    });
  }
  const ms = (values: number[]) => `${median(values).toFixed(0)} ms`;
  return [
    {
      name: 'one job from nothing (no tmux server), request to completed',
      unit: 'ms',
      us: median(total),
      floor: median(own),
      goals: [{ at: 'most', value: 250, of: 'above the floor' }],
      runs,
      spread: spreadOf(total),
      note:
        `${ms(parts.launch)} until the CLI’s process runs, ${ms(parts.line)} from its SessionStart (its input row comes ` +
        `later) to its receipt for the line, ${ms(parts.after)} from the end of its turn`,
    },
  ];
}
