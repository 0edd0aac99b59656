import type { Job } from '../core/model/job';
import type { SessionView } from '../core/store/snapshot';
import { translated } from './coreWords';
import { t } from './l10n';
import { shortened } from './words';

/** Which jobs are shown; a text is looked for in a job's words and in its session's name. */
export type JobFilter = { kind: 'running' | 'waiting' | 'failed' | 'today' } | { kind: 'text'; text: string };

/** What is offered, as a person reads it. */
export function filterChoices(): { kind: JobFilter['kind']; label: string; detail: string }[] {
  return [
    {
      kind: 'running',
      label: t('Running'),
      detail: t('jobs that an agent works on, and those that wait for their turn'),
    },
    { kind: 'waiting', label: t('Waiting for Me'), detail: t('jobs and sessions that need an answer') },
    { kind: 'failed', label: t('Failed'), detail: t('jobs that failed or timed out') },
    { kind: 'today', label: t('Today'), detail: t('jobs that were sent or ended today') },
    {
      kind: 'text',
      label: t('Text…'),
      detail: t('a word of the prompt, the file that it came from, or the session'),
    },
  ];
}

const kindWords: Record<Exclude<JobFilter['kind'], 'text'>, () => string> = {
  running: () => t('running'),
  waiting: () => t('waiting for me'),
  failed: () => t('failed'),
  today: () => t('today'),
};

/** A filter in a word or two, for the view's title. */
export function filterWords(filter: JobFilter): string {
  return filter.kind === 'text' ? `"${shortened(filter.text, 30)}"` : kindWords[filter.kind]();
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
      const words = [name, session_id, job.title, job.source?.path, job.type, job.job_id, translated(job.message)];
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
