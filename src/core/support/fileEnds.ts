import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** The first and the last bytes of a file, as whole lines, and when it was written (milliseconds). */
export interface FileEnds {
  first: string[];
  last: string[];
  mtimeMs: number;
}

/** Reads the lines that stand whole in the first `head` and the last `tail` bytes; undefined for what is no regular file or can't be read. No link is followed. */
export function readEnds(file: string, head: number, tail: number): FileEnds | undefined {
  return reading(file, (fd, size, mtimeMs) => {
    const first = linesAt(fd, 0, Math.min(size, head));
    if (size > head) first.pop();
    const start = Math.max(Math.min(size, head), size - tail);
    // The first row is the end of one that begins before.
    return { first, last: linesAt(fd, start, size - start).slice(1), mtimeMs };
  });
}

/** The text of a file's first bytes, which may end within a line; undefined as with `readEnds`. */
export function readStart(file: string, bytes: number): string | undefined {
  return reading(file, (fd, size) => textAt(fd, 0, Math.min(size, bytes)));
}

function reading<T>(file: string, read: (fd: number, size: number, mtimeMs: number) => T): T | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size, mtimeMs, mode } = fstatSync(fd);
    return (mode & constants.S_IFMT) === constants.S_IFREG ? read(fd, size, mtimeMs) : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const linesAt = (fd: number, start: number, length: number) => textAt(fd, start, length).split('\n');

function textAt(fd: number, start: number, length: number): string {
  const buffer = Buffer.alloc(length);
  return buffer.toString('utf8', 0, readSync(fd, buffer, 0, length, start));
}
