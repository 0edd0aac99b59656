import { lstatSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { CourierError, hasCode } from '../support/errors';
import { appendLine } from './appendText';

/** A log of this many bytes is put aside as `.1`, and so on; so many old ones are kept. */
const rotateAt = 1024 * 1024;
const keptOld = 3;

/** A log of lines that is rotated. An agent may write beside it: no link in its place, or its folder's, is followed. */
export class LogFile {
  /** `limit` is the size in bytes at which it is rotated. */
  constructor(
    readonly file: string,
    private readonly limit = rotateAt,
  ) {}

  /** Appends a line, as `appendLine` does; one call at a time. */
  async append(line: string, now: number): Promise<string | undefined> {
    const dir = path.dirname(this.file);
    if (!lstatSync(dir).isDirectory())
      throw new CourierError('refused', `${dir} is no folder but a link or a file, so nothing is logged in it.`);
    const stat = lstatSync(this.file, { throwIfNoEntry: false });
    if (stat?.isFile() && stat.size >= this.limit) await this.rotate();
    return appendLine(this.file, line, now);
  }

  /** `.3` goes, `.2` becomes `.3`, `.1` becomes `.2`, and the log becomes `.1`. */
  private async rotate(): Promise<void> {
    const name = (number: number) => (number === 0 ? this.file : `${this.file}.${number}`);
    await fs.rm(name(keptOld), { force: true, recursive: true });
    for (let number = keptOld - 1; number >= 0; number--) {
      try {
        await fs.rename(name(number), name(number + 1));
      } catch (error) {
        if (!hasCode(error, 'ENOENT')) throw error;
      }
    }
  }
}
