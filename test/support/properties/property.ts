import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { makeTempDir, type TempDir } from '../tempDir';

/** Something that holds for whatever comes; `runs` is how much of that is tried, each told by `onTry`. It throws what fast-check says: seed, path, and the least counterexample. */
export interface Property {
  name: string;
  check(runs: number, onTry?: () => void): Promise<void>;
}

/** A folder in memory, where there is one: thousands of files that are forced to a disk take minutes. */
export function makeFastDir(): Promise<TempDir> {
  return existsSync('/dev/shm') ? makeTempDir('/dev/shm') : makeTempDir();
}

/** How fast-check is run: a hang counts as a failure, and what is printed of large input is cut. */
export async function holds<T>(
  input: fc.Arbitrary<T>,
  runs: number,
  test: (value: T) => Promise<void>,
  onTry: () => void = () => {},
): Promise<void> {
  const property = fc.asyncProperty(input, async (value) => {
    onTry();
    await test(value);
    // Nothing that is read may reach what all objects share.
    if ('polluted' in {}) throw new Error('Object.prototype was changed');
  });
  await fc.assert(property, { numRuns: runs, endOnFailure: false, reporter, timeout: 60_000, ...seeded() });
}

/** A failure is seen again with the seed that it prints. */
function seeded(): { seed?: number } {
  return process.env.FUZZ_SEED ? { seed: Number(process.env.FUZZ_SEED) } : {};
}

function reporter<T>(details: fc.RunDetails<T>): void {
  if (!details.failed) return;
  const show = (value: unknown) =>
    Buffer.isBuffer(value) ? `bytes ${JSON.stringify(value.toString('latin1'))}` : fc.stringify(value);
  const { counterexample, seed, counterexamplePath, numRuns, numShrinks } = details;
  const least = ((counterexample ?? []) as unknown[]).map(show).join(', ').slice(0, 2000);
  const where = `seed ${seed}, path ${counterexamplePath}, after ${numRuns} runs and ${numShrinks} shrinks`;
  throw new Error(`${where}\nleast: ${least}\n${String(details.errorInstance)}`, { cause: details.errorInstance });
}
