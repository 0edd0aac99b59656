import * as v from 'valibot';
import { Job } from '../model/job';
import { Count } from '../model/values';

/** `job_queue.json`: a session's live jobs in order, and the claim of the runner that wrote it. */
export const QueueFile = v.looseObject({ version: v.literal('1.0'), epoch: Count, jobs: v.array(Job) });
export type QueueFile = v.InferOutput<typeof QueueFile>;
