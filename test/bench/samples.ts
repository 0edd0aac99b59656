import { readFileSync } from 'node:fs';

/** The value in the middle; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const upper = quantile(
    values.map((value) => -value),
    0.5,
  );
  return (quantile(values, 0.5) - upper) / 2;
}

/** The value below which such a part of all others lies (nearest rank). */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
}

/** The least and the most of some values, as a row has them. */
export function spreadOf(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** A field of /proc/PID/status in megabytes: VmHWM is the most that the process ever held, VmRSS what it holds now. */
export function memoryOf(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line![1]) / 1024;
}
