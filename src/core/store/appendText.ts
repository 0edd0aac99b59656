import { closeSync, constants, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { hasCode } from '../support/errors';
import { setAside } from './jsonFile';

// Neither a link is followed nor a pipe waited for.
const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Appends a line to a file of ours, which is made (0600) if need be; a line that a crash tore off doesn't swallow it. What
 * stands in its place and is no regular file is set aside: its new path is returned then.
 */
export async function appendLine(file: string, line: string, now: number): Promise<string | undefined> {
  if (tryToAppend(file, line)) return undefined;
  const aside = await setAside(file, now);
  if (tryToAppend(file, line)) return aside;
  throw new Error(`${file} is no regular file; nothing was written to it`);
}

/** False when it is no regular file that stands there. */
function tryToAppend(file: string, line: string): boolean {
  let fd: number;
  try {
    fd = openSync(file, flags, 0o600);
  } catch (error) {
    if (hasCode(error, 'ELOOP', 'EISDIR', 'ENXIO')) return false;
    throw error;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return false;
    const last = Buffer.alloc(1);
    const torn = stat.size > 0 && readSync(fd, last, 0, 1, stat.size - 1) === 1 && last[0] !== 10;
    writeFileSync(fd, `${torn ? '\n' : ''}${line}\n`);
    return true;
  } finally {
    closeSync(fd);
  }
}
