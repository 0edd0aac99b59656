import * as vscode from 'vscode';
import { type DeletedSession, mostJobs, readDeletedSessions } from '../core/store/deletedSessions';
import type { SessionView } from '../core/store/snapshot';
import { CourierError } from '../core/support/errors';
import { registerCleanUpCommand } from './cleanUpCommand';
import { commands } from './contributions';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
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
  const chosen = await chooseSession(services, item, t('Rename Session'));
  if (!chosen) return;
  const { name: value, session_id } = chosen.session.metadata;
  const name = await askLine({
    title: t('Rename Session'),
    prompt: t('Its id stays {0}.', session_id),
    value,
    validateInput: (text) =>
      text.trim() === '' || text.trim().length > 100 ? t('A name has 1 to 100 characters.') : undefined,
  });
  if (name === undefined || name.trim() === '' || name.trim() === value) return;
  await chosen.folder.request({ action: 'rename_session', session_id, name });
}

async function remove(services: SessionServices, item: unknown, items: unknown): Promise<void> {
  const nodes = chosenNodes('session', await keyed(services, item), item, items);
  const asked = nodes ? undefined : await chooseSession(services, item, t('Delete Session'));
  const chosen = nodes ?? (asked ? [asked] : []);
  const [first] = chosen;
  if (!first) return;
  const many = chosen.length > 1;
  const live = chosen.reduce((sum, { session }) => sum + session.jobs.length, 0);
  const { directory } = first.folder.settings;
  const question = many
    ? t('Delete {0} sessions?', chosen.length)
    : t('Delete the session "{0}"?', first.session.metadata.name);
  const kept = many
    ? t('Their prompts and answers move to sessions/deleted in {0}; Restore Session brings them back.', directory)
    : t('Its prompts and answers move to sessions/deleted in {0}; Restore Session brings them back.', directory);
  if (!(await confirm(question, `${endedWords(many, live)} ${kept}`, t('Delete')))) return;
  const gone: typeof chosen = [];
  try {
    await forEachOf(chosen, async (one) => {
      await one.folder.request({ action: 'delete_session', session_id: one.session.metadata.session_id });
      gone.push(one);
    });
  } finally {
    // Not awaited: the command is done, and the message may stand for long.
    offerUndo(gone).catch((error) => reportError(services.log, error));
  }
}

/** What becomes of the agents of sessions that are deleted, and of their live jobs. */
function endedWords(many: boolean, live: number): string {
  if (live === 0) return many ? t('Their agents are ended.') : t('Its agent is ended.');
  if (live === 1) {
    return many
      ? t('Their agents are ended, and 1 job that is not finished cancelled.')
      : t('Its agent is ended, and 1 job that is not finished cancelled.');
  }
  return many
    ? t('Their agents are ended, and {0} jobs that are not finished cancelled.', live)
    : t('Its agent is ended, and {0} jobs that are not finished cancelled.', live);
}

/** One message for all that were deleted at once. */
async function offerUndo(gone: readonly { folder: CourierFolder; session: SessionView }[]): Promise<void> {
  const [first] = gone;
  if (!first) return;
  const undo = t('Undo');
  const said =
    gone.length > 1
      ? t('{0} sessions are deleted. Their files are kept.', gone.length)
      : t('"{0}" is deleted. Its files are kept.', first.session.metadata.name);
  if ((await showInformation(said, undo)) !== undo) return;
  await forEachOf(gone, async ({ folder, session: { metadata } }) => {
    const { deleted } = await readDeletedSessions(folder.layout);
    const own = deleted.find(({ session_id }) => session_id === metadata.session_id);
    await folder.request({ action: 'restore_session', session_id: own?.folder ?? metadata.session_id });
  });
}

async function restore(services: SessionServices, item: unknown): Promise<void> {
  const chosen = await chooseDeleted(services, item, t('Restore Session'));
  if (!chosen) return;
  await chosen.folder.request({ action: 'restore_session', session_id: chosen.session.folder });
}

async function purge(services: SessionServices, item: unknown): Promise<void> {
  const chosen = await chooseDeleted(services, item, t('Purge Deleted Session'));
  if (!chosen) return;
  const { name, folder: session_id, jobs } = chosen.session;
  const detail = t("Its prompts and answers ({0}) are removed from the disk. This can't be undone.", jobsOf(jobs));
  if (await confirm(t('Remove the deleted session "{0}" for good?', name), detail, t('Remove for Good')))
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
    void showInformation(t('There is no deleted session.'));
    return undefined;
  }
  const items = deleted.map((session) => ({
    label: session.name || session.session_id,
    description: `${t('deleted {0}', clockTime(session.deleted_at))} · ${jobsOf(session.jobs)} · ${session.agent}`,
    session,
  }));
  const chosen = await pickOne(items, { title, matchOnDescription: true });
  return chosen && { folder, session: chosen.session };
}

function jobsOf(count: number): string {
  if (count === 1) return t('1 job');
  return count >= mostJobs ? t('{0} or more jobs', count) : t('{0} jobs', count);
}

async function killUnmanaged(item: unknown): Promise<void> {
  if (!isNode(item, 'unmanaged'))
    throw new CourierError('no_item', t('Choose an unmanaged session in the Courier view.'));
  const { folder, tmux } = item;
  const detail = t('Courier does not know it. What runs in it is ended with it.');
  if (await confirm(t('End the tmux session "{0}"?', tmux.name), detail, t('End')))
    await folder.request({ action: 'kill_unmanaged', tmux_session: tmux.name });
}
