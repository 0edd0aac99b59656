import * as v from 'valibot';
import { Id } from '../model/ids';
import type { Job } from '../model/job';
import { Time } from '../model/values';
import { appendLine } from './appendText';
import { parseJson } from './jsonFile';
import type { SessionLayout } from './layout';

/** A line of the history that ends no job: it says of one that has ended that a person picked its answer. */
const Picked = v.object({ picked: Id, at: Time });

/** How such a line begins, by which it is told from a job's without reading it. */
const beginning = '{"picked":';

/** Appends that a job's answer was picked (`now` in milliseconds), below the line of its end. */
export async function appendPicked(session: SessionLayout, job: Job, now: number): Promise<void> {
  const line = JSON.stringify({ picked: job.job_id, at: new Date(now).toISOString() });
  await appendLine(session.historyFile(job.finished_at ?? job.created_at), line, now);
}

/** The job whose answer was picked, and when; undefined for any other line. */
export function readPicked(line: string): v.InferOutput<typeof Picked> | undefined {
  if (!line.startsWith(beginning)) return undefined;
  const read = parseJson(Picked, line, 'a line of the history');
  return read.kind === 'ok' ? read.value : undefined;
}
