import { type BigIntStats, lstatSync, realpathSync, statSync } from 'node:fs';

/**
 * A text for what stands at these paths; another one when any of them is another file or folder, or was written since. Of a
 * link it also tells what it leads to. So that what was read there need not be read again at each look.
 */
export function fileMarks(files: readonly string[]): string {
  return files.map((file) => `${markText(file, lstatSync)} ${markText(file, statSync)}`).join();
}

/** Where a path leads with all links resolved; nothing when that can't be told. */
export function realPlace(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    return '';
  }
}

function markText(file: string, look: (file: string, options: { bigint: true }) => BigIntStats): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = look(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch {
    // Not there, or not to be looked at: whoever reads it says so.
    return '';
  }
}
