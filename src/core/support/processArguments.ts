import { readdirSync, readFileSync } from 'node:fs';
import { linkAt, type Seen } from './fileLock';

/** What a process was started with (Linux); undefined where that can't be known, or it is gone. */
export function argumentsOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return undefined;
  }
}

/** The processes in a folder whose arguments are such; not sure without /proc, and where one's folder may not be seen. */
export function processesIn(folder: string, isMeant: (args: readonly string[]) => boolean): Seen {
  const seen: Seen = { pids: [], sure: true };
  let names: string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    names = [];
  }
  if (names.length === 0) return { pids: [], sure: false };
  for (const name of names) {
    const pid = Number(name);
    if (!isMeant(argumentsOf(pid) ?? [])) continue;
    const cwd = linkAt(`/proc/${pid}/cwd`);
    if (cwd === folder) seen.pids.push(pid);
    // It may be gone by now, or another user's.
    else if (cwd === undefined && argumentsOf(pid)) seen.sure = false;
  }
  return seen;
}
