import * as fs from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { hasCode } from '../support/errors';

/** Writes a text file whole or not at all, and not when it holds the text already. `mode` is 0600 unless said. */
export async function writeTextIfDifferent(file: string, text: string, mode = 0o600): Promise<void> {
  try {
    if ((await fs.readFile(file, 'utf8')) === text) return;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  await writeFileAtomic(file, text, { mode });
}
