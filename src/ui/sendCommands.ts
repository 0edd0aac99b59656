import * as vscode from 'vscode';
import { commands } from './contributions';
import { fromFiles, gather } from './gatherPrompts';
import { t } from './l10n';
import { askLine } from './messages';
import type { SessionNode } from './nodes';
import { registerCommand, reportError } from './notifications';
import { type PromptItem, withInstruction } from './promptItem';
import { askHowMany, chooseFolder, chooseTarget, joined, type SendServices, sendAll } from './sendPrompts';

/** Registers Send to Claude Session and Send with Instruction…. */
export function registerSendCommands(services: SendServices): vscode.Disposable {
  const send =
    (instruct: boolean) =>
    (first: unknown, second: unknown): Promise<void> =>
      sendFrom(services, first, second, instruct);
  return vscode.Disposable.from(
    registerCommand(services.log, commands.send, send(false)),
    registerCommand(services.log, commands.sendWithInstruction, send(true)),
  );
}

/** Gathers, asks, sends; whoever escapes a question has sent nothing. */
async function sendFrom(services: SendServices, first: unknown, second: unknown, instruct: boolean): Promise<void> {
  const { items, refused } = await gather(first, second);
  for (const error of refused) void reportError(services.log, error);
  if (items.length === 0) return;
  const folder = await chooseFolder(services, first, items[0]?.uri);
  const how = folder && (await askHowMany(items.length));
  if (!folder || !how) return;
  const instruction = instruct ? await askInstruction(items) : undefined;
  if (instruct && !instruction) return;
  const target = await chooseTarget(services, first, folder);
  if (!target) return;
  const prompts: PromptItem[] = how === 'together' ? [await joined(items, folder)] : items;
  const ready = instruction ? await Promise.all(prompts.map((item) => withInstruction(item, instruction))) : prompts;
  await sendAll(services, folder, target, ready);
}

/** Sends files to a session, each as a job of its own; what can't be sent is told, and all others are sent. */
export async function sendFiles(
  services: SendServices,
  { folder, session }: SessionNode,
  uris: vscode.Uri[],
): Promise<void> {
  const { items, refused } = await fromFiles(uris);
  for (const error of refused) void reportError(services.log, error);
  if (items.length > 0) await sendAll(services, folder, { session_id: session.metadata.session_id }, items);
}

async function askInstruction(items: PromptItem[]): Promise<string | undefined> {
  const [only] = items;
  const line = await askLine({
    title: t('Send with Instruction'),
    prompt:
      items.length === 1 && only
        ? t('What is to be done with {0}? The line stands before the text.', only.name)
        : t('What is to be done with {0} files? The line stands before the text.', items.length),
    placeHolder: t('Review this for errors'),
  });
  return line?.trim() || undefined;
}
