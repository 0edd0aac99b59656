import * as path from 'node:path';
import { lastMessagePath } from '../store/layout';
import { writeTextIfDifferent } from '../store/textFile';
import { messageOf } from '../support/errors';
import type { JobRun } from './jobRun';

/** How much of an agent's last words a message may carry, in characters. */
const mostWords = 500;

/** Keeps what the CLI said last beside the place of the missing output; returns a sentence that says where. */
export async function keepLastMessage(run: JobRun, message: string): Promise<string> {
  if (message.trim() === '') return '';
  const relative = lastMessagePath(run.job.output_path);
  try {
    await writeTextIfDifferent(path.join(run.context.layout.workspace, relative), `${message}\n`);
    return ` What the agent said last is kept in ${relative}.`;
  } catch (error) {
    // Its place may be gone, or the disk full: then its words stand here.
    run.context.log.warn(`${run.job.job_id}: ${relative} could not be written: ${messageOf(error)}`);
    return ` What the agent said last: ${message.slice(0, mostWords)}`;
  }
}
