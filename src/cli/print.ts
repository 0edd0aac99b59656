import * as path from 'node:path';
import type { Job } from '../core/model/job';
import { shellWord } from '../core/support/shellWord';
import type { Context } from './context';

/** Prints a line on stdout: what the command was asked for, and nothing else. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a value on stdout as JSON. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Says something to a person, on stderr. */
export function note(text: string): void {
  process.stderr.write(`${plain(text)}\n`);
}

/** A text without the control characters by which a file or a screen could steer the reader's terminal; keeps line ends and tabs. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** Rows of cells as lines with aligned columns. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A `courier` command that a person can copy, for the same folder. */
export function commandFor(context: Pick<Context, 'dir'>, ...args: string[]): string {
  const dir = context.dir === '.' ? [] : ['--dir', context.dir];
  return ['courier', ...args, ...dir].map(shellWord).join(' ');
}

/** The path of a job's output, from where the command was started. */
export function outputPath(context: Pick<Context, 'dir'>, job: Pick<Job, 'output_path'>): string {
  return path.join(context.dir, job.output_path);
}

/** How a job stands, in words: its status with phase or reason, whether its end is inferred, and its message. */
export function describeJob(job: Pick<Job, 'status' | 'phase' | 'reason' | 'message' | 'inferred'>): string {
  const phase = job.reason ?? (job.status === 'running' ? job.phase : undefined);
  const detail = [phase, job.inferred && 'inferred'].filter(Boolean).join(', ');
  const status = detail ? `${job.status} (${detail})` : job.status;
  return job.message ? `${status}: ${job.message}` : status;
}
