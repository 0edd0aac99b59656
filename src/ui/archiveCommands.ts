import * as vscode from 'vscode';
import { type DeletedSession, mostJobs, readDeletedSessions } from '../core/store/deletedSessions';
import { CourierError } from '../core/support/errors';
import { registerCleanUpCommand } from './cleanUpCommand';
import { commands } from './contributions';
import type { CourierFolder } from './courierFolder';
import { askLine, confirm, pickOne, showInformation } from './messages';
import { isForeign, isNode } from './nodes';
import { registerCommand, reportError } from './notifications';
import { chosenNodes, forEachOf, keyed } from './selection';
import { chooseSession, type SessionServices } from './sessionCommands';
import { clockTime } from './words';

/** Registers what names, archives, brings back and clears away. */
export function registerArchiveCommands(services: SessionServices): vscode.Disposable {
  const { log } = services;
  return vscode.Disposable.from(
    registerCommand(log, commands.renameSession, (item) => rename(services, item)),
    registerCommand(log, commands.deleteSession, (item, items) => remove(services, item, items)),
    registerCommand(log, commands.restoreSession, (item) => restore(services, item)),
    registerCommand(log, commands.purgeSession, (item) => purge(services, item)),
    registerCommand(log, commands.killUnmanaged, killUnmanaged),
    registerCleanUpCommand(services),
  );
}

async function rename(services: SessionServices, item: unknown): Promise<void> {
  const chosen = await chooseSession(services, item, 'Rename Session');
  if (!chosen) return;
  const { name: value, session_id } = chosen.session.metadata;
  const name = await askLine({
    title: 'Rename Session',
    prompt: `Its id stays ${session_id}.`,
    value,
    validateInput: (text) =>
      text.trim() === '' || text.trim().length > 100 ? 'A name has 1 to 100 characters.' : undefined,
  });
  if (name === undefined || name.trim() === '' || name.trim() === value) return;
  await chosen.folder.request({ action: 'rename_session', session_id, name });
}

async function remove(services: SessionServices, item: unknown, items: unknown): Promise<void> {
  const nodes = chosenNodes('session', await keyed(services, item), item, items);
  const asked = nodes ? undefined : await chooseSession(services, item, 'Delete Session');
  const chosen = nodes ?? (asked ? [asked] : []);
  const [first] = chosen;
  if (!first) return;
  const many = chosen.length > 1;
  const live = chosen.reduce((sum, { session }) => sum + session.jobs.length, 0);
  const cancelled = live > 0 ? `, and ${jobsOf(live)} that ${live > 1 ? 'are' : 'is'} not finished cancelled` : '';
  const detail = `${many ? 'Their agents are' : 'Its agent is'} ended${cancelled}. ${many ? 'Their' : 'Its'} prompts and answers move to sessions/deleted in ${first.folder.settings.directory}; Restore Session brings them back.`;
  const what = many ? `${chosen.length} sessions` : `the session "${first.session.metadata.name}"`;
  if (!(await confirm(`Delete ${what}?`, detail, 'Delete'))) return;
  await forEachOf(chosen, async ({ folder, session }) => {
    const { name, session_id } = session.metadata;
    await folder.request({ action: 'delete_session', session_id });
    // Not awaited: the command is done, and the message may stand for long.
    offerUndo(folder, name, session_id).catch((error) => reportError(services.log, error));
  });
}

async function offerUndo(folder: CourierFolder, name: string, sessionId: string): Promise<void> {
  const undo = await showInformation(`"${name}" is deleted. Its files are kept.`, 'Undo');
  if (undo !== 'Undo') return;
  const { deleted } = await readDeletedSessions(folder.layout);
  const own = deleted.find((session) => session.session_id === sessionId);
  await folder.request({ action: 'restore_session', session_id: own?.folder ?? sessionId });
}

async function restore(services: SessionServices, item: unknown): Promise<void> {
  const chosen = await chooseDeleted(services, item, 'Restore Session');
  if (!chosen) return;
  await chosen.folder.request({ action: 'restore_session', session_id: chosen.session.folder });
}

async function purge(services: SessionServices, item: unknown): Promise<void> {
  const chosen = await chooseDeleted(services, item, 'Purge Deleted Session');
  if (!chosen) return;
  const { name, folder: session_id, jobs } = chosen.session;
  const detail = `Its prompts and answers (${jobsOf(jobs)}) are removed from the disk. This can't be undone.`;
  if (await confirm(`Remove the deleted session "${name}" for good?`, detail, 'Remove for Good'))
    await chosen.folder.request({ action: 'purge_session', session_id });
}

/** One of the deleted sessions of a folder, with when it was deleted and how many jobs it holds. */
async function chooseDeleted(
  { picker, log }: SessionServices,
  item: unknown,
  title: string,
): Promise<{ folder: CourierFolder; session: DeletedSession } | undefined> {
  const folder = isNode(item, 'folder') ? item.folder : await picker.pickFolder();
  if (!folder) return undefined;
  const { deleted, problems } = await readDeletedSessions(folder.layout);
  for (const problem of problems) log.warn(problem);
  if (deleted.length === 0 || isForeign(folder)) {
    void showInformation('There is no deleted session.');
    return undefined;
  }
  const items = deleted.map((session) => ({
    label: session.name || session.session_id,
    description: `deleted ${clockTime(session.deleted_at)} · ${jobsOf(session.jobs)} · ${session.agent}`,
    session,
  }));
  const chosen = await pickOne(items, { title, matchOnDescription: true });
  return chosen && { folder, session: chosen.session };
}

function jobsOf(count: number): string {
  return `${count}${count >= mostJobs ? ' or more' : ''} ${count === 1 ? 'job' : 'jobs'}`;
}

async function killUnmanaged(item: unknown): Promise<void> {
  if (!isNode(item, 'unmanaged')) throw new CourierError('no_item', 'Choose an unmanaged session in the Courier view.');
  const { folder, tmux } = item;
  const detail = 'Courier does not know it. What runs in it is ended with it.';
  if (await confirm(`End the tmux session "${tmux.name}"?`, detail, 'End'))
    await folder.request({ action: 'kill_unmanaged', tmux_session: tmux.name });
}
