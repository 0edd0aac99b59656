import type { Job } from '../core/model/job';
import type { SessionView } from '../core/store/snapshot';
import { shortened } from './words';

/** Which jobs are shown; a text is looked for in a job's words and in its session's name. */
export type JobFilter = { kind: 'running' | 'waiting' | 'failed' | 'today' } | { kind: 'text'; text: string };

/** What is offered, as a person reads it. */
export const filterChoices = [
  { kind: 'running', label: 'Running', detail: 'jobs that an agent works on, and those that wait for their turn' },
  { kind: 'waiting', label: 'Waiting for Me', detail: 'jobs and sessions that need an answer' },
  { kind: 'failed', label: 'Failed', detail: 'jobs that failed or timed out' },
  { kind: 'today', label: 'Today', detail: 'jobs that were sent or ended today' },
  { kind: 'text', label: 'Text…', detail: 'a word of the prompt, the file that it came from, or the session' },
] as const;

/** A filter in a word or two, for the view's title. */
export function filterWords(filter: JobFilter): string {
  if (filter.kind === 'text') return `"${shortened(filter.text, 30)}"`;
  return filter.kind === 'waiting' ? 'waiting for me' : filter.kind;
}

/** Whether a job is shown under a filter. `now` is in milliseconds of the wall clock. */
export function fits(filter: JobFilter, job: Job, session: SessionView, now: number): boolean {
  switch (filter.kind) {
    case 'running':
      return job.status === 'running' || job.status === 'pending';
    case 'waiting':
      return job.status === 'running' && job.phase === 'waiting';
    case 'failed':
      return job.status === 'failed' || job.status === 'timeout';
    case 'today':
      return [job.created_at, job.finished_at].some((at) => at !== undefined && isSameDay(at, now));
    case 'text': {
      const text = filter.text.toLowerCase();
      const { name, session_id } = session.metadata;
      const words = [name, session_id, job.title, job.source?.path, job.type, job.job_id, job.message];
      return words.some((word) => word?.toLowerCase().includes(text));
    }
  }
}

/** Whether a session is shown under a filter although none of its jobs is. */
export function fitsAlone(filter: JobFilter, { metadata }: SessionView): boolean {
  if (filter.kind === 'waiting') return metadata.state === 'waiting';
  if (filter.kind !== 'text') return false;
  const text = filter.text.toLowerCase();
  return [metadata.name, metadata.session_id].some((word) => word.toLowerCase().includes(text));
}

function isSameDay(iso: string, now: number): boolean {
  return new Date(iso).toDateString() === new Date(now).toDateString();
}
