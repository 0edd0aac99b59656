import { type ClaudeBench, withClaude } from '../claudeBench';
import type { Figure, Form } from '../figure';
import { model, prompt } from '../model';
import { median, spreadOf } from '../samples';
import { SeedBench } from '../seed/seedBench';

/** When the model writes, in milliseconds from its first request, so that the CLI's turn takes about 2 s. */
const writeAt = 1850;

/** The seed sequence's time limit after its first look, in seconds: what is not found by then never is. */
const patience = 4;

/** Runs some work with so many sessions of the seed guide's, which are gone afterwards. */
async function withSeeds<T>(bench: ClaudeBench, count: number, work: (seeds: SeedBench[]) => Promise<T>): Promise<T> {
  const started = Array.from({ length: count }, () => SeedBench.create(bench.claude.api.url));
  try {
    return await work(await Promise.all(started));
  } finally {
    for (const one of await Promise.allSettled(started)) if (one.status === 'fulfilled') await one.value.stop();
  }
}

/** What a job of the seed's adds to its turn, in milliseconds; undefined when it never sees the answer. */
async function seedAdds(seed: SeedBench): Promise<number | undefined> {
  const start = performance.now();
  const { completed } = await seed.job(prompt, patience);
  return completed ? performance.now() - start - seed.turnTime() : undefined;
}

/**
 * What is added to a turn of 2 s by us, and by the seed guide's sequence, each in a session of its own that stands ready.
 * The seed's minimum wait is 10 s: when its turn is over and it sleeps on, ours is measured.
 */
export async function measure(form: Form): Promise<Figure[]> {
  const { rounds, atOnce } = form === 'full' ? { rounds: 10, atOnce: 1 } : { rounds: 1, atOnce: 2 };
  const ours: number[] = [];
  const turns: number[] = [];
  const seeds: (number | undefined)[] = [];
  await withClaude(model(writeAt), (bench) =>
    withSeeds(bench, atOnce, async (sessions) => {
      await bench.warm();
      for (let i = 0; i < rounds; i++) {
        for (const seed of sessions) await seed.settled();
        const since = Date.now();
        const running = Promise.all(sessions.map(seedAdds));
        await Promise.all(sessions.map((seed) => Promise.race([seed.turnEnded(since), running])));
        for (const _ of sessions) {
          await bench.settled();
          const job = await bench.send();
          ours.push(job.total - job.turn);
          turns.push(job.turn);
        }
        seeds.push(...(await running));
      }
    }),
  );
  const known = seeds.filter((one) => one !== undefined);
  const lost = seeds.length - known.length;
  return [
    {
      name: 'added to a turn of 2 s, warm session',
      unit: 'ms',
      us: median(ours),
      alternative: { name: 'the seed guide', value: median(known) },
      goals: [{ at: 'most', value: 0.01, of: 'ratio to the alternative' }],
      runs: ours.length,
      spread: spreadOf(ours),
      note:
        `the turn took ${median(turns).toFixed(0)} ms by the CLI’s own receipts; the seed guide lost ${lost} of ${seeds.length}` +
        (form === 'full' ? await quickTurns(3) : ''),
    },
  ];
}

/** Says how many quick turns the seed sequence loses: their answers are there, and it still waits when its time is up. */
function quickTurns(runs: number): Promise<string> {
  return withClaude(
    model(),
    (bench) =>
      withSeeds(bench, 1, async ([seed]) => {
        const turns: number[] = [];
        let lost = 0;
        for (let i = 0; i < runs; i++) {
          await seed!.settled();
          if ((await seedAdds(seed!)) === undefined) lost++;
          turns.push(seed!.turnTime());
        }
        return `, and of ${runs} turns of ${median(turns).toFixed(0)} ms ${lost}`;
      }),
    { runner: false },
  );
}
