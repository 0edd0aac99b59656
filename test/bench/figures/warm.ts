import { type MeasuredJob, withClaude } from '../claudeBench';
import { claudePrint } from '../claudePrint';
import type { Figure, Form } from '../figure';
import { model } from '../model';
import { median, spreadOf } from '../samples';

/** One job on a warm Claude session, against the CLI's own turn and against `claude -p`. */
export function measure(form: Form): Promise<Figure[]> {
  const runs = form === 'full' ? 15 : 3;
  return withClaude(model(), async (bench) => {
    await bench.warm();
    await claudePrint(bench.claude, 'file'); // its first start reads the program from disk, as our session's did
    const jobs: MeasuredJob[] = [];
    const print = { file: [] as number[], stdin: [] as number[] };
    for (let i = 0; i < runs; i++) {
      await bench.settled();
      jobs.push(await bench.send());
      await bench.settled();
      print.file.push(await claudePrint(bench.claude, 'file'));
      if (form === 'full') print.stdin.push(await claudePrint(bench.claude, 'stdin'));
    }
    const of = (key: 'total' | 'turn' | 'before' | 'after') => jobs.map((job) => job[key]);
    const ms = (values: number[]) => `${median(values).toFixed(0)} ms`;
    const stdin = () => `; claude -p with the prompt on its standard input, which saves it a step: ${ms(print.stdin)}`;
    return [
      {
        name: 'one job on a warm Claude session, request to completed',
        unit: 'ms',
        us: median(of('total')),
        alternative: { name: 'claude -p', value: median(print.file) },
        floor: median(of('turn')),
        goals: [
          { at: 'most', value: 60, of: 'above the floor' },
          { at: 'most', value: 0.75, of: 'ratio to the alternative' },
        ],
        runs,
        spread: spreadOf(of('total')),
        note:
          `${ms(of('before'))} from the request to the CLI’s receipt for the line, ` +
          `${ms(of('after'))} from the end of its turn${print.stdin.length ? stdin() : ''}`,
      },
    ];
  });
}
