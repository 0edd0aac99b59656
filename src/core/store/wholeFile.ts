import * as fs from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { hasCode } from '../support/errors';

/** Writes a file whole or not at all (temporary file, fsync, rename). A symbolic link in its place is replaced, never followed. */
export async function writeWhole(file: string, text: string, mode = 0o600): Promise<void> {
  if (await isLink(file)) await fs.rm(file, { force: true });
  await writeFileAtomic(file, text, { mode });
}

async function isLink(file: string): Promise<boolean> {
  try {
    return (await fs.lstat(file)).isSymbolicLink();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Whether a name is a temporary file of ours that a crash left behind. */
export const isLeftover = (name: string): boolean => /\.(json|md|conf|sh|js)\.\d{5,}$/.test(name);
