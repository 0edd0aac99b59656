import * as fs from 'node:fs/promises';
import { hasCode } from '../support/errors';
import { writeWhole } from './wholeFile';

/** Writes a text file (0600) whole or not at all, and not when it holds the text already. */
export async function writeTextIfDifferent(file: string, text: string): Promise<void> {
  try {
    if ((await fs.lstat(file)).isFile() && (await fs.readFile(file, 'utf8')) === text) return;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  await writeWhole(file, text);
}
