import type { Job } from '../../src/core/model/job';

/** A point in time as our files write it. */
export const someTime = '2026-11-22T10:00:00.000Z';

/** A job as it stands in a queue, with what a test wants different. */
export function makeJob(job_id: string, more: Partial<Job> = {}): Job {
  const session_id = more.session_id ?? 'main';
  const folder = `.courier/sessions/active/${session_id}`;
  return {
    job_id,
    session_id,
    agent: 'demo',
    type: 'task',
    mode: 'session',
    status: 'pending',
    prompt_path: `${folder}/prompts/task_${job_id}.md`,
    output_path: `${folder}/output/task_output_${job_id}.md`,
    created_at: someTime,
    attempts: 0,
    ...more,
  };
}
