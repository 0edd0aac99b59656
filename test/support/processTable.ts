import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc shows it; zombies are not among them. */
export interface Process {
  pid: number;
  parent: number;
  /** What the program calls itself (at most 15 characters). */
  name: string;
  state: string;
  command: string;
  env: readonly string[];
}

/** The processes whose environment has this variable with this value: what a test started, and all that came of it. */
export function processesWith(variable: string, value: string): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const env = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
        if (!env.includes(`${variable}=${value}`)) return [];
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const end = stat.lastIndexOf(')');
        const [state = '', parent] = stat.slice(end + 2).split(' ');
        if (state === 'Z' || state === 'X') return [];
        const own = stat.slice(stat.indexOf('(') + 1, end);
        return [{ pid: Number(name), parent: Number(parent), name: own, state, command, env }];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

/** How many files a process has open. */
export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
