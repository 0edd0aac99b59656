import type { Job } from '../model/job';

/**
 * The one line that is typed for a job. It begins with a letter (a digit would answer a menu), names the job first, and
 * holds only paths made of our own ids, so that no character of it means anything to a terminal. A `template` stands in its place
 * for a CLI that wants a command of its own: with `{job}`, `{prompt}` and `{output}` for what differs.
 */
export function instructionFor(job: Job, template?: string): string {
  const parts: Record<string, string> = { job: job.job_id, prompt: job.prompt_path, output: job.output_path };
  if (template !== undefined) return plain(template.replace(/\{(job|prompt|output)\}/g, (_, name) => parts[name]!));
  return plain(
    `Job ${job.job_id}: please read the file ${job.prompt_path} now; I wrote it at my editor and want it done. ` +
      `Write your answer to ${job.output_path} and end your turn when that file is complete.`,
  );
}

/** The prompt file that a line of `instructionFor` names; undefined for other lines. */
export function promptPathIn(line: string): string | undefined {
  return /^Job [A-Za-z0-9_-]+: please read the file (.+?\.md) now; I wrote it at my editor/.exec(line)?.[1];
}

/** The line that is typed once when a turn ended and left no answer file. */
export function reminderFor(job: Job): string {
  return plain(
    `Job ${job.job_id}: the answer file ${job.output_path} is not there yet. ` +
      `Please write your answer to the task in ${job.prompt_path} into it now, and then end your turn.`,
  );
}

function plain(line: string): string {
  if (!/^[A-Za-z][\x20-\x7e]*$/.test(line)) throw new Error(`not a line that may be typed: ${JSON.stringify(line)}`);
  return line;
}
