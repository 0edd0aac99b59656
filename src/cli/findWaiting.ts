import type { Waiting } from '../core/model/waiting';
import type { FolderSnapshot } from '../core/store/snapshot';
import { usageError } from './exitCodes';
import { dialogTarget } from './progress';

/** A dialog that waits, and whose it is: a session's, or a fresh job's. */
export interface WaitingTarget {
  target: string;
  waiting: Waiting;
}

/** Every dialog that waits in a folder. */
export function allWaiting(snapshot: Pick<FolderSnapshot, 'sessions'>): WaitingTarget[] {
  const found = new Map<string, WaitingTarget>();
  for (const { metadata, jobs } of snapshot.sessions) {
    if (metadata.waiting) found.set(metadata.session_id, { target: metadata.session_id, waiting: metadata.waiting });
    for (const job of jobs) {
      const target = dialogTarget(job);
      if (job.waiting && !found.has(target)) found.set(target, { target, waiting: job.waiting });
    }
  }
  return [...found.values()];
}

/** The dialog of a session or of a job; a job that runs in its session's conversation waits with the session's. */
export function findWaiting(snapshot: Pick<FolderSnapshot, 'sessions'>, id: string): WaitingTarget {
  const job = snapshot.sessions.flatMap((session) => session.jobs).find((one) => one.job_id === id);
  const target = job ? dialogTarget(job) : id;
  const waiting = allWaiting(snapshot).find((one) => one.target === target);
  if (waiting) return waiting;
  const known = job !== undefined || snapshot.sessions.some((session) => session.metadata.session_id === id);
  throw usageError(known ? `${id} waits for no answer.` : `There is no session or live job ${id}.`);
}

/** The id of the choice that a person named by its id or its label. */
export function findChoice({ target, waiting }: WaitingTarget, named: string): string {
  const label = named.trim().toLowerCase();
  const choice =
    waiting.choices.find((one) => one.id === named) ??
    waiting.choices.find((one) => one.label.trim().toLowerCase() === label);
  if (choice) return choice.id;
  const names = waiting.choices.map((one) => one.id).join(', ');
  throw usageError(
    `${target} has no choice "${named}". There ${names ? `are: ${names}` : 'are none: attach, and answer there'}.`,
  );
}
