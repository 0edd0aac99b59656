import type { Job } from '../core/model/job';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import { ownDialog } from './nodes';

/** What the view's badge says: how many wait for an answer, and how many failed that nobody has looked at; undefined for none. */
export function treeBadge(
  folders: readonly CourierFolder[],
  isNew: (job: Job) => boolean,
): { value: number; tooltip: string } | undefined {
  const waiting = countWaiting(folders);
  const failed = folders
    .flatMap((folder) => folder.sessions)
    .reduce((sum, { finished }) => sum + finished.filter((job) => job.status !== 'completed' && isNew(job)).length, 0);
  if (waiting + failed === 0) return undefined;
  const parts = [
    ...(waiting > 0 ? [t('{0} waiting for an answer', waiting)] : []),
    ...(failed > 0 ? [t('{0} failed', failed)] : []),
  ];
  return { value: waiting + failed, tooltip: parts.join(', ') };
}

/** Of each dialog once: a session and its job wait with the same one. */
function countWaiting(folders: readonly CourierFolder[]): number {
  const dialogs = folders.flatMap((folder) =>
    folder.sessions.flatMap((session) => [
      ...(session.metadata.state === 'waiting' && session.metadata.waiting ? [session.metadata.waiting.dialog_id] : []),
      ...session.jobs.flatMap((job) => ownDialog(job)?.dialog_id ?? []),
    ]),
  );
  return new Set(dialogs).size;
}
