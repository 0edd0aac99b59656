import { lstatSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { CourierError, hasCode } from '../support/errors';
import { setAside } from './jsonFile';
import type { Layout } from './layout';

/** Whether a folder of `.courier` is there and reached without a symbolic link, so that what is done in it stays in `.courier`. */
export async function isRealFolder(layout: Layout, dir: string): Promise<boolean> {
  try {
    const parts = path.relative(layout.root, dir).split(path.sep);
    return parts.every((_, i) => lstatSync(path.join(layout.root, ...parts.slice(0, i + 1))).isDirectory());
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return false;
    throw error;
  }
}

/** Throws `refused`, naming the folder, unless `isRealFolder`. */
export async function requireRealFolder(layout: Layout, dir: string): Promise<void> {
  if (await isRealFolder(layout, dir)) return;
  throw new CourierError(
    'refused',
    `${dir} is no folder of ${layout.root}: it is missing, or a symbolic link leads out of it; nothing was changed. Look at it, and remove the link.`,
  );
}

/**
 * Sees to it that a folder of `.courier` is there and is reached without a symbolic link: what stands in its way is set aside
 * (a link itself, never what it leads to) and a folder is made. Returns the new paths of what was set aside.
 */
export async function ensureRealFolder(layout: Layout, dir: string, now: number): Promise<string[]> {
  if (await isRealFolder(layout, dir)) return [];
  // One at a time: what another has just made may not be set aside.
  const made = making.then(() => makeRealFolder(layout, dir, now));
  making = made.catch(() => undefined);
  return made;
}

let making: Promise<unknown> = Promise.resolve();

async function makeRealFolder(layout: Layout, dir: string, now: number): Promise<string[]> {
  const aside: string[] = [];
  let at = layout.root;
  for (const part of path.relative(layout.root, dir).split(path.sep)) {
    at = path.join(at, part);
    const stat = await fs.lstat(at).catch(() => undefined);
    if (stat?.isDirectory()) continue;
    if (stat) aside.push(await setAside(at, now));
    // Not its parents: a person who removed all of `.courier` doesn't want parts of it back.
    await fs.mkdir(at, { mode: 0o700 }).catch((error) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
  }
  return aside;
}
