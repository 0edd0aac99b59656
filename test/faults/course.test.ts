import fc from 'fast-check';
import { CourseModel, courses } from './courseModel';
import { RealCourse } from './courseReal';
import { isShort } from './fault';
import { addRow } from './row';

const size = isShort ? { runs: 1, commands: 12 } : { runs: 12, commands: 24 };

describe('any course of commands', function () {
  this.timeout(19 * 60_000);

  it(`${size.runs} courses over real agents: each job ends once, as it may, and is typed at most once`, async () => {
    const begun = performance.now();
    const fault =
      'any course of sends, cancels, answers, retries, of pauses and kills of runner and agents, against a model';
    const row = { fault, tried: 0, survived: 0, lost: 0, doubled: 0, wrong: 0 };
    const property = fc.asyncProperty(courses(size.commands), async (course) => {
      row.tried++;
      const real = await RealCourse.make();
      const model = new CourseModel();
      try {
        await fc.asyncModelRun(() => ({ model, real }), course);
        await real.drain(model);
      } finally {
        await real.stop();
      }
      row.survived++;
    });
    const seed = process.env.FUZZ_SEED ? { seed: Number(process.env.FUZZ_SEED) } : {};
    try {
      // A shorter course would be looked for with hours of real agents.
      await fc.assert(property, { numRuns: size.runs, endOnFailure: true, ...seed });
    } finally {
      row.wrong = row.tried - row.survived;
      addRow({ ...row, seconds: (performance.now() - begun) / 1000 });
    }
  });
});
