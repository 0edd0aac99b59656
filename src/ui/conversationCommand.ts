import * as vscode from 'vscode';
import type { Running } from '../core/agents/agent';
import { type Conversation, isAtRest, listConversations, nameFor } from '../core/conversations';
import type { SessionView } from '../core/store/snapshot';
import { CourierError } from '../core/support/errors';
import { commands, sessionsView } from './contributions';
import { conversationRow } from './conversationRow';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import { confirm, pickOne, showInformation } from './messages';
import { isForeign, isNode } from './nodes';
import { registerCommand } from './notifications';
import { showStart } from './progress';
import type { SessionServices } from './sessionCommands';
import { newSessionId } from './sessionIds';
import type { SessionPicker } from './sessionPicker';

/** Registers Continue a Conversation…, which goes on in a session with what a CLI keeps, whoever began it. */
export function registerConversationCommand(services: SessionServices): vscode.Disposable {
  return registerCommand(services.log, commands.continueConversation, (item) => continueConversation(services, item));
}

async function continueConversation(services: SessionServices, item: unknown): Promise<void> {
  const { picker, log } = services;
  const folder = isNode(item, 'folder') ? item.folder : await picker.pickFolder();
  if (!folder) return;
  if (isForeign(folder))
    throw new CourierError(
      'not_adopted',
      t('This folder is not adopted, so no conversation of it can be gone on with.'),
    );
  const { layout, settings, sessions } = folder;
  const say = (message: string, error: unknown) => log.warn(`${message}: ${error}`);
  // OpenCode takes some seconds for its answer.
  const progress = { location: vscode.ProgressLocation.Window, title: t('Looking for conversations…') };
  const found = await vscode.window.withProgress(progress, () =>
    listConversations({ layout, settings, sessions, say }),
  );
  if (found.length === 0) {
    void showInformation(
      t('There is no conversation of this folder that an agent keeps and that can be gone on with.'),
    );
    return;
  }
  const chosen = await pickOne(found.map(conversationRow), {
    title: t('Continue a Conversation'),
    placeHolder: t('Which one goes on in a session?'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!chosen) return;
  const { ours } = chosen.conversation;
  if (ours?.kind === 'session') return goOnIn(services, folder, ours.session, chosen.conversation);
  if (!(await mayGoOn(chosen.conversation))) return;
  if (ours?.kind === 'deleted') return restore(services, folder, ours);
  return begin(services, folder, chosen.conversation);
}

const places: Record<Extract<Running, { kind: 'yes' }>['where'], (title: string, pid: number) => string> = {
  tmux: (title, pid) => t('{0} has it open in tmux (process {1}).', title, pid),
  terminal: (title, pid) => t('{0} has it open in a terminal (process {1}).', title, pid),
  background: (title, pid) =>
    t('A background process of {0} has it open (process {1}), also for a while after it was closed.', title, pid),
};

/** Asks before a conversation goes on that may be open elsewhere: what is said there and here would not know of each other. */
async function mayGoOn({ stored: { running }, title, agent }: Conversation): Promise<boolean> {
  if (running.kind === 'no') return true;
  const name = title ?? t('without a title');
  const known = running.kind === 'yes';
  const question = known
    ? t('"{0}" still runs elsewhere. Go on with it here?', name)
    : t('It is not known whether "{0}" still runs elsewhere. Go on with it here?', name);
  const detail = [
    known ? places[running.where](agent.title, running.pid) : '',
    t(
      'What is said there from now on is not known here, and the other way round. Close it there first, where it is open.',
    ),
  ];
  return confirm(question, detail.filter(Boolean).join(' '), t('Continue Anyway'));
}

/** A session that has the conversation goes on itself; a second one would be a second program in it. */
async function goOnIn(
  { picker }: SessionServices,
  folder: CourierFolder,
  session: SessionView,
  conversation: Conversation,
): Promise<void> {
  const { session_id, name } = session.metadata;
  if (isAtRest(session)) {
    // Somebody may have gone on with it in a terminal since. That this isn't known is no reason to ask about a session of ours.
    const mayStart = conversation.stored.running.kind !== 'yes' || (await mayGoOn(conversation));
    return mayStart ? start(picker, folder, session_id, name) : undefined;
  }
  picker.remember(folder, session_id);
  await vscode.commands.executeCommand(`${sessionsView}.focus`);
  void showInformation(t('It is in session "{0}" already, which runs.', name));
}

/** Brings a deleted session back under its own id, and starts it. */
async function restore(
  { picker }: SessionServices,
  folder: CourierFolder,
  { folder: deleted, session_id, name }: Extract<Conversation['ours'], { kind: 'deleted' }>,
): Promise<void> {
  await folder.request({ action: 'restore_session', session_id: deleted });
  await start(picker, folder, session_id, name);
}

async function start(picker: SessionPicker, folder: CourierFolder, sessionId: string, name: string): Promise<void> {
  picker.remember(folder, sessionId);
  await folder.request({ action: 'recover_session', session_id: sessionId });
  await vscode.commands.executeCommand(`${sessionsView}.focus`);
  await showStart(folder, sessionId, name);
}

async function begin({ picker }: SessionServices, folder: CourierFolder, conversation: Conversation): Promise<void> {
  const { agent, stored } = conversation;
  const name = nameFor(conversation);
  const session_id = newSessionId(name, picker.taken(folder));
  const request = { action: 'create_session', session_id, agent: agent.id, name } as const;
  await folder.request({ ...request, conversation_id: stored.id });
  picker.remember(folder, session_id);
  await vscode.commands.executeCommand(`${sessionsView}.focus`);
  await showStart(folder, session_id, name);
}
