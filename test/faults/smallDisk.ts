import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeTempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

/** Why a small file system can't be mounted here; false when it can. */
export const noMounts: string | false =
  process.platform === 'linux' && process.getuid?.() === 0 && mayMount() ? false : 'only root may mount a small tmpfs';

/** A file system of a few megabytes, which can be filled up to the last pages, or be made read-only. */
export class SmallDisk {
  private constructor(
    readonly dir: string,
    private readonly remove: () => Promise<void>,
  ) {}

  static async mount(): Promise<SmallDisk> {
    const { path: dir, remove } = await makeTempDir();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=755', 'tmpfs', dir]);
    const disk = new SmallDisk(dir, remove);
    process.once('exit', disk.unmount);
    return disk;
  }

  private get filler(): string {
    return path.join(this.dir, '.filler');
  }

  /** Fills it until only so many pages (4 kB, one for each small file) are left. */
  fill(pagesLeft: number): void {
    const { bavail, bsize } = fs.statfsSync(this.dir);
    fs.appendFileSync(this.filler, Buffer.alloc(Math.max(0, bavail - pagesLeft) * bsize));
  }

  free(): void {
    fs.rmSync(this.filler, { force: true });
  }

  /** Lets nothing be written any more, by nobody, or lets it be written again. */
  async readOnly(on: boolean): Promise<void> {
    const remount = ['-o', `remount,${on ? 'ro' : 'rw'}`, this.dir];
    // Busy as long as any file on it is open for writing.
    const done = () => spawnSync('mount', remount, { stdio: 'ignore' }).status === 0;
    await waitFor(done, { what: `mount ${remount.join(' ')}` });
  }

  async close(): Promise<void> {
    this.unmount();
    process.off('exit', this.unmount);
    await this.remove();
  }

  private readonly unmount = () => execFileSync('umount', ['-l', this.dir], { stdio: 'ignore' });
}

function mayMount(): boolean {
  const dir = fs.mkdtempSync(path.join(process.env.TMPDIR ?? '/tmp', 'tc-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', dir], { stdio: 'ignore' });
    execFileSync('umount', [dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    fs.rmdirSync(dir);
  }
}
