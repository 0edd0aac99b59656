import { readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/** A mounted file system: where it is, and its type as the kernel calls it. */
export interface Mount {
  folder: string;
  type: string;
}

/**
 * File systems on which another machine (or Windows, below WSL's /mnt) may write without an event here. Those of FUSE are
 * counted in, but for the one that rootless containers stand on.
 */
const eventless =
  /^(nfs|nfs4|9p|drvfs|cifs|smbfs|smb2|smb3|afs|ceph|lustre|gpfs|beegfs|vboxsf|vmhgfs|prl_fs|fuse\.(?!fuse-overlayfs$).+)$/;

/** Whether nothing tells of what others write on a file system of this type. */
export function lacksEvents(type: string): boolean {
  return eventless.test(type);
}

/** The mounts in the text of /proc/self/mountinfo (proc(5)), in their order: a later one covers an earlier one. */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    // The fifth field is the mount point; the number of fields before the separator varies, the type stands after it.
    const [before = '', after] = line.split(' - ');
    const folder = before.split(' ')[4];
    const type = after?.split(' ')[0];
    return folder && type ? [{ folder: plainName(folder), type }] : [];
  });
}

/** Blanks, tabs, newlines and backslashes stand as three octal digits of each byte. */
function plainName(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** The mount that a path is on: the deepest, and of several at one place the last. */
export function mountOf(file: string, mounts: readonly Mount[]): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    const below = mount.folder === '/' || file === mount.folder || file.startsWith(`${mount.folder}/`);
    if (below && mount.folder.length >= (found?.folder.length ?? 0)) found = mount;
  }
  return found;
}

/** The file systems without events that any of these paths is on (Linux; elsewhere this can't be known, and none are found). */
export async function eventlessMounts(files: readonly string[]): Promise<Mount[]> {
  const mounts = readMounts();
  // Most machines have none, and need no look at the paths.
  if (!mounts.some(({ type }) => lacksEvents(type))) return [];
  const found = await Promise.all(files.map(async (file) => mountOf(await realPath(file), mounts)));
  return [...new Set(found)].filter((mount) => mount !== undefined).filter(({ type }) => lacksEvents(type));
}

function readMounts(): Mount[] {
  try {
    // Not of a disk, so that it can't block; waiting for it takes a hundred times as long as reading it.
    return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return [];
  }
}

/** A path with its links resolved, also when its end isn't there yet. */
async function realPath(file: string): Promise<string> {
  try {
    return await fs.realpath(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(await realPath(parent), path.basename(file));
  }
}
