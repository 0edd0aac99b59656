import { lstatSync } from 'node:fs';
import * as path from 'node:path';
import type { Layout } from '../store/layout';
import { isRealFolder } from '../store/realFolder';
import type { Clock } from '../support/clock';
import { hasCode } from '../support/errors';

/** What stands at a job's output path. */
export type OutputLook =
  | { kind: 'none' }
  /** Something that may not be taken for the answer: a link, a folder, a file of before the prompt. */
  | { kind: 'refused'; why: string }
  /** `stamp` differs when the file changed; `ageMs` is since its last change. */
  | { kind: 'there'; size: bigint; stamp: string; ageMs: number };

/** Looks at a job's output once. `promptMtime` is the prompt file's own, in nanoseconds, of the same file system. */
export async function lookAtOutput(
  layout: Layout,
  outputPath: string,
  promptMtime: bigint,
  clock: Clock,
): Promise<OutputLook> {
  const file = layout.resolve(outputPath);
  if (!file) return { kind: 'refused', why: `${outputPath} leads out of ${layout.root}` };
  try {
    const stat = lstatSync(file, { bigint: true });
    if (!stat.isFile()) return { kind: 'refused', why: `${outputPath} is no regular file` };
    if (!(await isRealFolder(layout, path.dirname(file))))
      return { kind: 'refused', why: `${outputPath} is behind a symbolic link` };
    if (stat.size === 0n) return { kind: 'none' };
    // A file system's clock moves in steps of some milliseconds: an answer in the prompt's own step is not older.
    if (stat.mtimeNs < promptMtime) return { kind: 'refused', why: `${outputPath} is older than its prompt` };
    const ageMs = Math.max(0, clock.now() - Number(stat.mtimeNs / 1_000_000n));
    return { kind: 'there', size: stat.size, stamp: `${stat.ino} ${stat.size} ${stat.mtimeNs}`, ageMs };
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return { kind: 'none' };
    throw error;
  }
}

/** Waits until the output has not changed for `quietMs`; what it then is. Only for after the turn's end, when nobody should be writing. */
export async function settledOutput(
  look: () => Promise<OutputLook>,
  quietMs: number,
  clock: Clock,
): Promise<OutputLook> {
  let seen = await look();
  while (seen.kind === 'there' && seen.ageMs < quietMs) {
    const pause = quietMs - seen.ageMs;
    await new Promise<void>((resolve) => clock.after(pause, resolve));
    const next = await look();
    // A clock that was set back makes every file look new: two equal looks a quiet time apart are enough.
    if (next.kind === 'there' && next.stamp === seen.stamp) return next;
    seen = next;
  }
  return seen;
}
