import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own (0700), gone after `remove()`. */
export interface TempDir {
  /** Its real path, short enough for a socket in it. */
  path: string;
  remove(): Promise<void>;
}

/** Makes a folder in the system's folder for temporary files, or in another one. */
export async function makeTempDir(parent = tmpdir()): Promise<TempDir> {
  const path = await realpath(await mkdtemp(join(parent, 'tc-')));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}
