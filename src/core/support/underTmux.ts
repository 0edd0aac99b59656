import { readFileSync } from 'node:fs';

/** Whether a process was started under a tmux server (Linux; elsewhere this can't be known, and it is false). */
export function isUnderTmux(pid: number): boolean {
  // A chain of parents is short; the bound is for numbers that are used again while we look.
  for (let at = pid, steps = 0; at > 1 && steps < 64; steps++) {
    const { name, parent } = lineage(at);
    if (name.startsWith('tmux')) return true;
    at = parent;
  }
  return false;
}

/** A process's name and its parent (proc(5)). */
function lineage(pid: number): { name: string; parent: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = stat.lastIndexOf(')');
    return { name: stat.slice(stat.indexOf('(') + 1, end), parent: Number(stat.slice(end + 2).split(' ')[1]) };
  } catch {
    return { name: '', parent: 0 };
  }
}
