import type { Job } from '../core/model/job';
import type { Context } from './context';
import { exitCodes, refusedError } from './exitCodes';
import { followJob } from './followJob';
import { commandFor, describeJob, note, outputPath, print, printJson } from './print';
import type { RunnerKeeper } from './runnerKeeper';

/** Waits for a job's end and reports it; returns the exit code. An interrupt leaves the job as it is. */
export async function waitForJob(
  context: Context,
  keeper: RunnerKeeper,
  jobId: string,
  options: { json?: boolean; session?: string },
): Promise<number> {
  const end = await followJob(context, keeper, jobId, options.session);
  if (end.kind === 'refused') throw refusedError(end.reason);
  if (end.kind === 'ended') return reportEnd(context, end.job, options);
  note(
    [
      `\nNo longer waiting; the job ${jobId} goes on.`,
      `  ${commandFor(context, 'wait', jobId)}    waits for it`,
      `  ${commandFor(context, 'cancel', jobId)}    ends it`,
    ].join('\n'),
  );
  return end.exitCode;
}

/** Prints how a job ended: its output path (or the job, as JSON) on stdout, or the reason on stderr. */
export function reportEnd(context: Context, job: Job, options: { json?: boolean }): number {
  const completed = job.status === 'completed';
  if (options.json) printJson(job);
  else if (completed) print(outputPath(context, job));
  if (!completed) note(`${job.job_id}: ${describeJob(job)}`);
  return completed ? exitCodes.done : exitCodes.failed;
}
