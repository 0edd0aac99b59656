import type { Job } from '../core/model/job';
import { inShownOrder } from './nodes';

/** A move as it is asked of the runner: before another job, or to the end of the queue. */
export interface QueueMove {
  job_id: string;
  before: string | undefined;
}

/** Where jobs are dropped: on another job, whose place they take, or at an end of the queue. */
export type DropPlace = { over: string } | 'first' | 'last';

/** Whether a job has not begun. */
export const isWaiting = (job: Job): boolean => job.status === 'pending' || job.status === 'paused';

/** The moves that shift the chosen jobs of a session by one row, up (-1) or down (1) as they are shown; a row at its end stays. */
export function shiftMoves(jobs: readonly Job[], chosen: ReadonlySet<string>, by: -1 | 1): QueueMove[] {
  const shown = inShownOrder(jobs.filter(isWaiting));
  const rows = shown.filter((job) => chosen.has(job.job_id));
  const moves: QueueMove[] = [];
  for (const job of by < 0 ? rows : rows.reverse()) {
    const at = shown.indexOf(job);
    const other = shown[at + by];
    if (!other || chosen.has(other.job_id)) continue;
    shown[at] = other;
    shown[at + by] = job;
    moves.push(moveTo(inShownOrder(shown), job));
  }
  return moves;
}

/** The moves that bring jobs, of this session or others, to where they were dropped; those that were dropped together stay together. */
export function dropMoves(jobs: readonly Job[], dropped: readonly Job[], place: DropPlace): QueueMove[] {
  const waiting = jobs.filter(isWaiting);
  const ids = new Set(dropped.map((job) => job.job_id));
  if (typeof place === 'object' && ids.has(place.over)) return [];
  const shown = inShownOrder(waiting);
  const rest = shown.filter((job) => !ids.has(job.job_id));
  const block = inShownOrder(dropped);
  if (typeof place === 'object') {
    const over = shown.findIndex((job) => job.job_id === place.over);
    const from = shown.findIndex((job) => ids.has(job.job_id));
    // Whatever is pulled past a row takes the place that this row had.
    const pulledPast = from >= 0 && from < over ? 1 : 0;
    const at = rest.findIndex((job) => job.job_id === place.over) + pulledPast;
    rest.splice(at, 0, ...block);
  }
  const queue = inShownOrder(rest);
  if (place === 'first') queue.unshift(...dropped);
  if (place === 'last') queue.push(...dropped);
  // The last first, so that each finds the one that it goes before where it is to be.
  const moved = queue.filter((job) => ids.has(job.job_id)).reverse();
  return moved.map((job) => moveTo(queue, job));
}

function moveTo(queue: readonly Job[], job: Job): QueueMove {
  return { job_id: job.job_id, before: queue[queue.indexOf(job) + 1]?.job_id };
}
