import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { waitFor } from '../support/waitFor';

/** One step of the times in /proc/PID/stat, in milliseconds (USER_HZ is 100 on every Linux that Node runs on). */
const tick = 10;

const stat = (pid: number): number[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
};

/** CPU time in milliseconds that a process has used itself, and that its ended children have used. */
export function cpuOf(pid: number): { own: number; children: number } {
  const fields = stat(pid);
  return { own: (fields[11]! + fields[12]!) * tick, children: (fields[13]! + fields[14]!) * tick };
}

/** When a process began, in milliseconds since the epoch; good to 10 ms. */
export function startOf(pid: number): number {
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
  return Date.now() - uptime + stat(pid)[19]! * tick;
}

/** Waits until a process does next to nothing: after a turn a CLI is busy for itself for a while. */
export async function quiet(pid: number): Promise<void> {
  let before = Number.NEGATIVE_INFINITY;
  const isQuiet = () => {
    const now = cpuOf(pid).own;
    const used = now - before;
    before = now;
    return used <= tick;
  };
  await waitFor(isQuiet, { interval: 300, timeout: 30_000, what: `process ${pid} to do nothing` });
}

/** Waits until the whole machine does little: a VS Code that has just started is busy for itself for seconds. */
export async function machineAtRest(): Promise<void> {
  const times = () => {
    const all = cpus().map((cpu) => cpu.times);
    const idle = all.reduce((sum, one) => sum + one.idle, 0);
    return { idle, whole: all.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle) };
  };
  let before = times();
  const isAtRest = () => {
    const now = times();
    const part = (now.idle - before.idle) / (now.whole - before.whole || 1);
    before = now;
    return part > 0.85;
  };
  await waitFor(isAtRest, { interval: 1000, timeout: 60_000, what: 'the machine to be at rest' });
}
