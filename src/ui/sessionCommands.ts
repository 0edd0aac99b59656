import * as vscode from 'vscode';
import type { SessionView } from '../core/store/snapshot';
import { CourierError } from '../core/support/errors';
import { freshSessionName } from '../core/tmux/names';
import { commands } from './contributions';
import { translated } from './coreWords';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { confirm, pickOne, showInformation } from './messages';
import { isForeign, isNode } from './nodes';
import { registerCommand } from './notifications';
import { showStart } from './progress';
import { recoverSession } from './recoverCommand';
import { chosenNodes, type Keys, keyed } from './selection';
import { newSessionId, suggestName } from './sessionIds';
import type { SessionPicker } from './sessionPicker';
import type { Terminals } from './terminal';

/** What the session commands need. */
export interface SessionServices extends Keys {
  log: LogChannel;
  folders: FolderService;
  picker: SessionPicker;
  terminals: Terminals;
}

type Chosen = { folder: CourierFolder; session: SessionView };

/** Registers what can be done with a session, and with the folder of one. */
export function registerSessionCommands(services: SessionServices): vscode.Disposable {
  const { log } = services;
  return vscode.Disposable.from(
    registerCommand(log, commands.newSession, (item) => newSession(services, item)),
    registerCommand(log, commands.tryDemo, () => tryDemo(services)),
    registerCommand(log, commands.attach, (item) => attach(services, item)),
    registerCommand(log, commands.stopSession, (item) => stop(services, item)),
    registerCommand(log, commands.recoverSession, (item, action) => recover(services, item, action)),
    registerCommand(log, commands.answer, (item) => answer(item)),
    registerCommand(log, commands.adopt, (item) => adopt(services, item)),
  );
}

/** The session of a tree item, or the one that is chosen; undefined when none is. */
export async function chooseSession(
  services: SessionServices,
  item: unknown,
  title: string,
): Promise<Chosen | undefined> {
  const given = chosenNodes('session', await keyed(services, item), item);
  if (given) return given[0];
  const folder = await services.picker.pickFolder();
  const session = folder && (await services.picker.pickSession(folder, title));
  return session && { folder, session };
}

async function newSession({ picker }: SessionServices, item: unknown): Promise<void> {
  const folder = isNode(item, 'folder') ? item.folder : await picker.pickFolder();
  const target = folder && (await picker.pickNew(folder));
  if (!folder || !target?.create) return;
  await folder.request({ action: 'create_session', session_id: target.session_id, ...target.create });
  picker.remember(folder, target.session_id);
  await showStart(folder, target.session_id, target.create.name);
}

async function tryDemo({ picker }: SessionServices): Promise<void> {
  const folder = await picker.pickFolder();
  if (!folder) return;
  const taken = picker.taken(folder);
  const name = suggestName('demo', taken);
  const session_id = newSessionId(name, taken);
  await folder.request({ action: 'create_session', session_id, agent: 'demo', name });
  picker.remember(folder, session_id);
  await showStart(folder, session_id, name);
  const hint = t('The Demo session is made. Select text in an editor, right-click, and choose Send to Claude Session.');
  // Without a button VS Code cuts a message to one line.
  const [next, command] = vscode.window.activeTextEditor
    ? [t('Send This File'), commands.send]
    : [t('Go to File…'), 'workbench.action.quickOpen'];
  void showInformation(hint, next).then((chosen) => {
    if (chosen) void vscode.commands.executeCommand(command);
  });
}

async function attach(services: SessionServices, item: unknown): Promise<void> {
  if (isNode(item, 'job')) {
    const { folder, job, session } = item;
    const own = job.mode === 'fresh';
    const tmux = own ? freshSessionName(folder.settings, job.job_id) : session.metadata.tmux_session;
    return services.terminals.show(folder, tmux, own ? job.job_id : session.metadata.name);
  }
  if (isNode(item, 'unmanaged')) return services.terminals.show(item.folder, item.tmux.name, item.tmux.name);
  const chosen = await chooseSession(services, item, t('Attach to Session'));
  if (!chosen) return;
  const { tmux_session, name, state } = chosen.session.metadata;
  await services.terminals.show(chosen.folder, state === 'stopped' ? undefined : tmux_session, name);
}

async function stop(services: SessionServices, item: unknown): Promise<void> {
  const chosen = await chooseSession(services, item, t('Stop Session'));
  if (!chosen) return;
  await chosen.folder.request({ action: 'stop_session', session_id: chosen.session.metadata.session_id });
}

async function recover(services: SessionServices, item: unknown, action: unknown): Promise<void> {
  const chosen = await chooseSession(services, item, t('Recover Session'));
  if (chosen) await recoverSession(chosen, action);
}

async function answer(item: unknown): Promise<void> {
  if (!isNode(item, 'choice')) throw new CourierError('no_item', t('Choose an answer in the Courier view.'));
  const { folder, target, waiting, choice } = item;
  if (isForeign(folder))
    throw new CourierError('not_adopted', t('This folder is not adopted, so nothing was answered.'));
  await folder.answer({ target, dialog_id: waiting.dialog_id, choice: choice.id });
}

async function adopt({ folders }: SessionServices, item: unknown): Promise<void> {
  const foreign = folders.all.filter(isForeign);
  const folder = isNode(item, 'folder') ? item.folder : foreign.length > 1 ? await chooseFolder(foreign) : foreign[0];
  if (!folder) {
    if (foreign.length === 0) void showInformation(t('There is no folder to adopt.'));
    return;
  }
  const why = folder.snapshot?.standing.kind === 'foreign' ? `${translated(folder.snapshot.standing.why)}. ` : '';
  const then = t(
    'Sessions and queued jobs that are in it can then be run on this machine. Adopt it only if you trust where it came from.',
  );
  const question = t('Adopt {0} in "{1}"?', folder.settings.directory, folder.name);
  if (await confirm(question, `${why}${then}`, t('Adopt'))) await folder.adopt();
}

async function chooseFolder(folders: readonly CourierFolder[]): Promise<CourierFolder | undefined> {
  const items = folders.map((folder) => ({ label: folder.name, description: folder.layout.workspace, folder }));
  return (await pickOne(items, { title: t('Adopt Folder') }))?.folder;
}
