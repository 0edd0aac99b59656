import { readFileSync, readSync } from 'node:fs';

/** Most files of ours fit in here. Nothing waits between a read into it and the text made of it, so that it can be everybody's. */
const shared = Buffer.alloc(64 * 1024);

/**
 * The text of an opened regular file from its start, whose size (in bytes) was just asked for. As `readFileSync` does, in one call
 * to the system for a small file and half of the time: a view reads thousands of them when it opens.
 */
export function openedText(handle: number, size: number): string {
  if (size > shared.length) return readFileSync(handle, 'utf8');
  return shared.toString('utf8', 0, readSync(handle, shared, 0, size, 0));
}
