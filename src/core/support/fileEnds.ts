import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** The first and the last bytes of a file, as whole lines, and when it was written (milliseconds). */
export interface FileEnds {
  first: string[];
  last: string[];
  mtimeMs: number;
}

/** Reads the lines that stand whole in the first `head` and the last `tail` bytes; undefined for what is no regular file or can't be read. No link is followed. */
export function readEnds(file: string, head: number, tail: number): FileEnds | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size, mtimeMs, ...stat } = fstatSync(fd);
    if ((stat.mode & constants.S_IFMT) !== constants.S_IFREG) return undefined;
    const first = linesAt(fd, 0, Math.min(size, head));
    if (size > head) first.pop();
    const start = Math.max(Math.min(size, head), size - tail);
    // The first row is the end of one that begins before.
    return { first, last: linesAt(fd, start, size - start).slice(1), mtimeMs };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function linesAt(fd: number, start: number, length: number): string[] {
  const buffer = Buffer.alloc(length);
  return buffer.toString('utf8', 0, readSync(fd, buffer, 0, length, start)).split('\n');
}
