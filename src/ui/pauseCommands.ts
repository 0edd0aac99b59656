import * as vscode from 'vscode';
import type { SessionView } from '../core/store/snapshot';
import { setContext } from './contextKeys';
import { commands } from './contributions';
import type { CourierFolder } from './courierFolder';
import { chooseJobs, type JobServices } from './jobCommands';
import { t } from './l10n';
import { isForeign } from './nodes';
import { registerCommand } from './notifications';
import { chosenNodes, forEachOf, keyed } from './selection';
import { chooseSession, type SessionServices } from './sessionCommands';

type PauseServices = JobServices & SessionServices;
type Chosen = { folder: CourierFolder; session: SessionView };

/** Registers what pauses jobs, sessions and all sessions, and lets them go on. */
export function registerPauseCommands(services: PauseServices): vscode.Disposable {
  const { log, folders } = services;
  const jobs = (action: 'pause' | 'resume', title: string) => (item: unknown, items: unknown) =>
    changeJobs(services, action, title, item, items);
  const sessions = (action: SessionAction, title: string) => async (item: unknown, items: unknown) => {
    const nodes = chosenNodes('session', await keyed(services, item), item, items);
    const one = nodes ? undefined : await chooseSession(services, item, title);
    await forEachOf(nodes ?? (one ? [one] : []), (chosen) => changeSession(chosen, action));
  };
  const all = (action: SessionAction) => () => {
    const own = folders.all.filter((folder) => folder.sessions.length > 0 && !isForeign(folder));
    return forEachOf(own, (folder) => folder.request({ action }));
  };
  return vscode.Disposable.from(
    registerCommand(log, commands.pauseJob, jobs('pause', t('Pause Job'))),
    registerCommand(log, commands.resumeJob, jobs('resume', t('Resume Job'))),
    registerCommand(log, commands.pauseSession, sessions('pause_session', t('Pause Session'))),
    registerCommand(log, commands.resumeSession, sessions('resume_session', t('Resume Session'))),
    registerCommand(log, commands.pauseAll, all('pause_session')),
    registerCommand(log, commands.resumeAll, all('resume_session')),
    registerCommand(log, commands.togglePause, (item, items) => toggle(services, item, items)),
    folders.onDidChange(() => tellContext(folders.all)),
  );
}

type SessionAction = 'pause_session' | 'resume_session';

async function changeJobs(
  services: JobServices,
  action: 'pause' | 'resume',
  title: string,
  item: unknown,
  items: unknown,
): Promise<void> {
  const from = action === 'pause' ? 'pending' : 'paused';
  const nodes = await chooseJobs(services, { item, items, title, fits: (job) => job.status === from });
  await forEachOf(nodes, ({ folder, job }) => folder.request({ action, job_id: job.job_id }));
}

function changeSession({ folder, session }: Chosen, action: SessionAction): Promise<string> {
  return folder.request({ action, session_id: session.metadata.session_id });
}

/** What a key does: pauses what goes on, and lets go on what is paused, of all that is selected. */
async function toggle(services: PauseServices, item: unknown, items: unknown): Promise<void> {
  const under = await keyed(services, item);
  const sessions = chosenNodes('session', under, item, items) ?? [];
  const jobs = chosenNodes('job', under, item, items) ?? [];
  await forEachOf(sessions, (node) =>
    changeSession(node, node.session.metadata.paused_at ? 'resume_session' : 'pause_session'),
  );
  const waiting = jobs.filter(({ job }) => job.status === 'pending' || job.status === 'paused');
  await forEachOf(waiting, ({ folder, job }) =>
    folder.request({ action: job.status === 'paused' ? 'resume' : 'pause', job_id: job.job_id }),
  );
}

function tellContext(all: readonly CourierFolder[]): void {
  const own = all.filter((folder) => !isForeign(folder)).flatMap((folder) => folder.sessions);
  setContext(
    'courier.hasPaused',
    own.some((session) => session.metadata.paused_at !== undefined),
  );
}
