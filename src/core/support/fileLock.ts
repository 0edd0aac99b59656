import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';

/** Processes that are known to do something, and whether there are surely no others. */
export interface Seen {
  pids: number[];
  sure: boolean;
}

/**
 * The processes that hold a lock on a file, by flock(2) or of parts of it by fcntl(2). Linux alone says so (proc_locks(5)): elsewhere,
 * and where a holder's open files may not be seen, it is not sure. A process of another container is not seen at all.
 */
export function lockHolders(file: string, kind: 'FLOCK' | 'POSIX'): Seen {
  try {
    const real = realpathSync(file);
    const { ino } = statSync(real, { bigint: true });
    const locks = readFileSync('/proc/locks', 'utf8').split('\n');
    // The device there is another one than stat's on some file systems: which file it is says the process.
    const pids = locks.flatMap((row) => {
      const [, held, pid, inode] = /^\d+: (\w+) .* (\d+) \w+:\w+:(\d+) /.exec(row) ?? [];
      return held === kind && pid && inode === String(ino) ? [Number(pid)] : [];
    });
    const seen = [...new Set(pids)].map((pid) => ({ pid, open: hasOpen(pid, real) }));
    return {
      pids: seen.flatMap(({ pid, open }) => (open === true ? [pid] : [])),
      sure: !seen.some(({ open }) => open === 'unknown'),
    };
  } catch {
    return { pids: [], sure: false };
  }
}

/** The process that holds a lock by flock(2) on a file; undefined when none does, `unknown` where that can't be known. */
export function lockHolder(file: string): number | 'unknown' | undefined {
  const { pids, sure } = lockHolders(file, 'FLOCK');
  return pids[0] ?? (sure ? undefined : 'unknown');
}

function hasOpen(pid: number, file: string): boolean | 'unknown' {
  try {
    const dir = `/proc/${pid}/fd`;
    return readdirSync(dir).some((fd) => linkAt(`${dir}/${fd}`) === file);
  } catch {
    return 'unknown';
  }
}

/** Where a link leads, as far as that may be read. */
export function linkAt(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
