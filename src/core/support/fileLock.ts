import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';

/**
 * The process that holds a lock by flock(2) on a file; undefined when none does. Linux alone says so (proc_locks(5)): elsewhere, and
 * where the holder's open files may not be seen, it is `unknown`. A process of another container is not seen at all.
 */
export function lockHolder(file: string): number | 'unknown' | undefined {
  try {
    const real = realpathSync(file);
    const { ino } = statSync(real, { bigint: true });
    const locks = readFileSync('/proc/locks', 'utf8').split('\n');
    // The device there is another one than stat's on some file systems: which file it is says the process.
    const pids = locks.flatMap((row) => {
      const [, pid, inode] = /^\d+: FLOCK .* (\d+) \w+:\w+:(\d+) /.exec(row) ?? [];
      return pid && inode === String(ino) ? [Number(pid)] : [];
    });
    const seen = pids.map((pid) => hasOpen(pid, real));
    const at = seen.indexOf(true);
    return at >= 0 ? pids[at] : seen.includes('unknown') ? 'unknown' : undefined;
  } catch {
    return 'unknown';
  }
}

function hasOpen(pid: number, file: string): boolean | 'unknown' {
  try {
    const dir = `/proc/${pid}/fd`;
    return readdirSync(dir).some((fd) => linkOf(`${dir}/${fd}`) === file);
  } catch {
    return 'unknown';
  }
}

function linkOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
