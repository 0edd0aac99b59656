import * as vscode from 'vscode';
import { isFinal, type Job } from '../core/model/job';
import type { SessionState } from '../core/model/session';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import type { JobNode } from './nodes';
import { withoutLinks } from './plainText';
import { jobLabel, jobState } from './words';

/** Something that goes on in a folder: what it is at now, undefined when it is over, and how it is cancelled. */
interface Followed {
  title: string;
  now(): string | undefined;
  cancel(): Promise<unknown>;
}

/** Shows in a notification what something is at, until it is over, is cancelled, or the folder is let go of. */
async function follow(folder: CourierFolder, { title, now, cancel }: Followed): Promise<void> {
  const options = { location: vscode.ProgressLocation.Notification, title: withoutLinks(title), cancellable: true };
  await vscode.window.withProgress(options, async (progress, token) => {
    const own: vscode.Disposable[] = [];
    let cancelled = false;
    await new Promise<void>((resolve) => {
      let shown: string | undefined;
      const look = () => {
        const message = now();
        if (message === undefined) return resolve();
        if (message !== shown) progress.report({ message: withoutLinks(message) });
        shown = message;
      };
      const onCancel = () => {
        cancelled = true;
        resolve();
      };
      own.push(folder.onDidChange(look) as vscode.Disposable, token.onCancellationRequested(onCancel));
      void folder.ended.then(resolve);
      look();
    });
    for (const one of own) one.dispose();
    if (cancelled) await cancel();
  });
}

/** A session that starts goes through these; every other state is the end of its start. */
const starting: readonly SessionState[] = ['created', 'folder_created', 'tmux_started'];

function startWords(state: SessionState | undefined): string {
  if (state === 'folder_created') return t('tmux starts the agent…');
  if (state === 'tmux_started') return t('the agent gets ready…');
  return t('its folder is made…');
}

/** Shows how a session starts, until it is ready or needs a person; Cancel stops it. */
export function showStart(folder: CourierFolder, sessionId: string, name: string): Promise<void> {
  return follow(folder, {
    title: t('Starting "{0}"', name),
    now: () => {
      const state = folder.session(sessionId)?.metadata.state;
      return state === undefined || starting.includes(state) ? startWords(state) : undefined;
    },
    cancel: () => folder.request({ action: 'stop_session', session_id: sessionId }),
  });
}

/** Shows where a job stands until it has ended; Cancel cancels it. */
export function showJob({ folder, job: first }: JobNode): Promise<void> {
  return follow(folder, {
    title: t('Waiting for "{0}"', jobLabel(first)),
    now: () => {
      const job = folder.job(first.job_id);
      return job && isFinal(job.status) ? undefined : placeInQueue(folder, job ?? first);
    },
    cancel: () => folder.request({ action: 'cancel', job_id: first.job_id }),
  });
}

/** Where a job stands, and how many are before it while it waits for its turn. */
function placeInQueue(folder: CourierFolder, job: Job): string {
  const state = jobState(job);
  if (job.status !== 'pending') return `${state}…`;
  const before = folder.session(job.session_id)?.jobs.findIndex(({ job_id }) => job_id === job.job_id) ?? 0;
  return before > 0 ? t('{0}, {1} before it…', state, before) : `${state}…`;
}
