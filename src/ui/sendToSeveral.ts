import * as vscode from 'vscode';
import { systemClock } from '../core/support/clock';
import { CourierError } from '../core/support/errors';
import { commands } from './contributions';
import { problemOf } from './coreWords';
import type { CourierFolder } from './courierFolder';
import { gather } from './gatherPrompts';
import { t } from './l10n';
import { registerCommand, reportError } from './notifications';
import { withoutIcons } from './plainText';
import { type PromptItem, withPlace } from './promptItem';
import { forEachOf } from './selection';
import { chooseFolder, joined, makeSession, type SendServices, sendAll } from './sendPrompts';
import type { Target } from './sessionPicker';

/** Registers Send to Several Sessions…. */
export function registerSendToSeveral(services: SendServices): vscode.Disposable {
  return registerCommand(services.log, commands.sendToSeveral, (first, second) => sendFrom(services, first, second));
}

/** Gathers one prompt, asks for the sessions, sends; whoever escapes, or chooses none, has sent nothing. */
async function sendFrom(services: SendServices, first: unknown, second: unknown): Promise<void> {
  const { items, refused } = await gather(first, second);
  for (const error of refused) void reportError(services.log, error);
  const [only] = items;
  if (!only) return;
  const folder = await chooseFolder(services, first, only.uri);
  const targets = folder && (await services.picker.pickSeveral(folder));
  if (!folder || !targets) return;
  const [target] = targets;
  if (!target) return;
  const item: PromptItem = items.length === 1 ? only : await joined(items, folder);
  if (targets.length === 1) await sendAll(services, folder, target, [item]);
  else await sendToAll(services, folder, targets, item);
  services.picker.rememberSeveral(
    folder,
    targets.map(({ session_id }) => session_id),
  );
}

/** Sends one prompt to each session, as jobs of one group; what fails for one is named, and all others are sent. */
async function sendToAll(
  { opener }: SendServices,
  folder: CourierFolder,
  targets: readonly Target[],
  item: PromptItem,
): Promise<void> {
  const group_id = `g-${systemClock.random().slice(0, 8)}`;
  const { prompt, source } = withPlace(item, folder.layout.workspace);
  const sent: { id: string; name: string }[] = [];
  const send = async (target: Target) => {
    const { session_id, create } = target;
    const name = create?.name ?? folder.session(session_id)?.metadata.name ?? session_id;
    try {
      await makeSession(folder, target);
      const id = await folder.send({ session_id, agent: create?.agent, prompt, source, group_id });
      sent.push({ id, name: `${item.name} (${name})` });
    } catch (cause) {
      throw new CourierError('not_sent', t('"{0}" was not sent to {1}: {2}', item.name, name, problemOf(cause)), {
        cause,
      });
    }
  };
  try {
    await forEachOf(targets, send);
  } finally {
    opener.expectAll(folder, sent, group_id);
  }
  const said = t('Sent "{0}" to {1} sessions', item.name, sent.length);
  vscode.window.setStatusBarMessage(`$(send) ${withoutIcons(said)}`, 4000);
}
