import * as path from 'node:path';
import { isFinal, type Job } from '../model/job';
import type { Layout } from './layout';

/** Whether a job's prompt and output are where those of its session are. It's the files that its agent is told to read and write. */
export function hasOwnFiles(layout: Layout, sessionId: string, job: Job): boolean {
  const { prompts, output } = layout.session(sessionId);
  // Both are typed, and only of our own alphabet.
  const inside = (relative: string, dir: string) =>
    /^[\x20-\x7e]+$/.test(relative) && (layout.resolve(relative)?.startsWith(dir + path.sep) ?? false);
  return inside(job.prompt_path, prompts) && inside(job.output_path, output);
}

/** What of a session's queue is not for its runner to execute. */
export interface Sorted {
  /** Live jobs of this session, each once. */
  live: Job[];
  /** Jobs that had ended already. */
  ended: Job[];
  /** Jobs that name files which aren't their session's. */
  strayed: Job[];
  /** Jobs of other sessions, and those whose id stands there twice. */
  foreign: Job[];
}

/** Sorts what a queue file holds: our own hold live jobs of their session alone, but anybody could have written it. */
export function sortJobs(layout: Layout, sessionId: string, jobs: readonly Job[]): Sorted {
  const sorted: Sorted = { live: [], ended: [], strayed: [], foreign: [] };
  const seen = new Set<string>();
  for (const job of jobs) {
    const kind =
      job.session_id !== sessionId || seen.has(job.job_id)
        ? 'foreign'
        : isFinal(job.status)
          ? 'ended'
          : hasOwnFiles(layout, sessionId, job)
            ? 'live'
            : 'strayed';
    seen.add(job.job_id);
    sorted[kind].push(job);
  }
  return sorted;
}
