import type { Dirent } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { CourierError, hasCode } from '../support/errors';
import type { Layout } from './layout';

/**
 * Refuses a `.courier` folder in which anything is not a plain file or folder (code `adopt_refused`, naming it):
 * a symbolic link could lead our writes out of the folder, and a pipe would hold a reader for ever.
 */
export async function requirePlainTree(layout: Layout): Promise<void> {
  const odd = await oddOnTheWay(layout);
  if (odd) throw refused(odd.file, odd.link);
  await walk(layout.root);
}

/** What stands in the place of `.courier`, or of a folder above it in the workspace, and is no folder. */
export async function oddOnTheWay(layout: Layout): Promise<{ file: string; link: boolean } | undefined> {
  const parts = path.relative(layout.workspace, layout.root).split(path.sep);
  for (const [i] of parts.entries()) {
    const file = path.join(layout.workspace, ...parts.slice(0, i + 1));
    const stat = await fs.lstat(file).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    });
    if (!stat) return undefined;
    if (!stat.isDirectory()) return { file, link: stat.isSymbolicLink() };
  }
  return undefined;
}

async function walk(dir: string): Promise<void> {
  for (const entry of await entriesOf(dir)) {
    const full = path.join(dir, entry.name);
    if (entry.isDirectory()) await walk(full);
    else if (!entry.isFile()) throw refused(full, entry.isSymbolicLink());
  }
}

async function entriesOf(dir: string): Promise<Dirent[]> {
  try {
    return await fs.readdir(dir, { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function refused(file: string, link: boolean): CourierError {
  const what = link ? 'is a symbolic link, which could lead out of it' : 'is no plain file or folder';
  return new CourierError(
    'adopt_refused',
    `The folder can't be adopted: ${file} ${what}. Nothing was changed. Look at it, remove it, and adopt again.`,
  );
}
