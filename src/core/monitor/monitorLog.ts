import { constants, fstatSync, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { writeWhole } from '../store/wholeFile';
import { hasCode } from '../support/errors';

/** A log of this size, in bytes, is begun anew; one older part is kept beside it (`monitor.log.1`). */
const rotateAt = 1024 * 1024;

/**
 * Opens a log for appending. What an agent could have put in its place (a link, a second name of another file, a pipe) is
 * moved aside, never followed or written to. Close the handle when the process that logs has it.
 */
export async function openLog(file: string): Promise<fs.FileHandle> {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  for (let tries = 0; ; tries++) {
    try {
      const handle = await fs.open(file, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0o600);
      const stat = await handle.stat();
      if (isPlain(stat)) return handle;
      await handle.close();
    } catch (error) {
      // A link, a folder, a pipe without a reader.
      if (!hasCode(error, 'ELOOP', 'EMLINK', 'EISDIR', 'ENXIO')) throw error;
    }
    if (tries > 2) throw new Error(`${file} is replaced again and again; nothing was logged there`);
    await fs.rename(file, `${file}.aside-${Date.now()}`).catch(() => undefined);
  }
}

/** A regular file of our own with no second name. */
function isPlain(stat: Stats): boolean {
  return stat.isFile() && stat.nlink === 1 && (process.getuid === undefined || stat.uid === process.getuid());
}

/** The log that this process's stderr is, if it is that file: kept small while the process runs. */
export class OwnLog {
  constructor(private readonly file: string) {}

  /** Moves the text to `FILE.1` when there is much of it. Nothing happens when stderr is something else, such as a terminal. */
  async rotate(): Promise<void> {
    const handle = await this.openOwn();
    if (!handle) return;
    try {
      if ((await handle.stat()).size < rotateAt) return;
      await writeWhole(`${this.file}.1`, await handle.readFile('utf8'));
      // stderr appends, so that it goes on at the new end.
      await handle.truncate(0);
    } finally {
      await handle.close();
    }
  }

  private async openOwn(): Promise<fs.FileHandle | undefined> {
    const stderr = fstatSync(2);
    if (!stderr.isFile()) return undefined;
    try {
      const handle = await fs.open(this.file, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stat = await handle.stat();
      if (stat.ino === stderr.ino && stat.dev === stderr.dev) return handle;
      await handle.close();
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ELOOP', 'EMLINK', 'EISDIR', 'ENXIO')) throw error;
    }
    return undefined;
  }
}
