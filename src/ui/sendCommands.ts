import * as vscode from 'vscode';
import { systemClock } from '../core/support/clock';
import { CourierError } from '../core/support/errors';
import { commands } from './contributions';
import type { CourierFolder } from './courierFolder';
import type { LogChannel } from './logChannel';
import { isNode } from './nodes';
import { registerCommand, reportError } from './notifications';
import type { OutputOpener } from './outputOpener';
import { fromEditor, fromFile, isBlank, type PromptItem, refusal, withInstruction, withPlace } from './promptItem';
import type { SessionPicker, Target } from './sessionPicker';

/** What the send commands need. */
export interface SendServices {
  log: LogChannel;
  picker: SessionPicker;
  opener: OutputOpener;
}

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
  const { log, picker } = services;
  const { items, refused } = await gather(first, second);
  for (const error of refused) void reportError(log, error);
  if (items.length === 0) return;
  const folder = isNode(first, 'session') ? first.folder : await picker.pickFolder(items[0]?.uri);
  if (!folder) return;
  if (folder.snapshot?.standing.kind === 'foreign') throw notAdopted(folder);
  const instruction = instruct ? await askInstruction(items) : undefined;
  if (instruct && !instruction) return;
  const target: Target | undefined = isNode(first, 'session')
    ? { session_id: first.session.metadata.session_id }
    : await picker.pickTarget(folder);
  if (!target) return;
  const ready = instruction ? await Promise.all(items.map((item) => withInstruction(item, instruction))) : items;
  await sendAll(services, folder, target, ready);
}

/** Sends one job for each prompt, in their order, into one session. */
async function sendAll(
  services: SendServices,
  folder: CourierFolder,
  target: Target,
  items: PromptItem[],
): Promise<void> {
  const { session_id, create } = target;
  const group_id = items.length > 1 ? `g-${systemClock.random().slice(0, 8)}` : undefined;
  if (create && create.name !== session_id) await folder.request({ action: 'create_session', session_id, ...create });
  for (const item of items) {
    const { prompt, source } = withPlace(item, folder.layout.workspace);
    const jobId = await folder.send({ session_id, agent: create?.agent, prompt, source, group_id });
    services.opener.expect(folder, jobId, item.name);
  }
  services.picker.remember(folder, session_id);
  const what = items.length === 1 ? `"${items[0]?.name}"` : `${items.length} prompts`;
  vscode.window.setStatusBarMessage(`$(send) Sent ${what} to ${create?.name ?? session_id}`, 4000);
}

/** What a menu, the palette or a key press means: files of the explorer, an editor's tab, or the text editor in front. */
async function gather(first: unknown, second: unknown): Promise<{ items: PromptItem[]; refused: unknown[] }> {
  const uris = Array.isArray(second) ? second.filter((uri) => uri instanceof vscode.Uri) : [];
  if (uris.length > 0) return fromFiles(uris);
  const editor = vscode.window.activeTextEditor;
  const asked = first instanceof vscode.Uri ? first : undefined;
  if (!editor || (asked && asked.toString() !== editor.document.uri.toString())) {
    if (asked) return fromFiles([asked]);
    throw new CourierError('nothing_to_send', 'There is nothing to send: open a text file, or select text in one.');
  }
  // Only a tab's menu says which editor group it belongs to, and a tab stands for the whole file.
  const tab = typeof second === 'object' && second !== null && 'groupId' in second;
  const item = fromEditor(editor, tab);
  return isBlank(item) ? { items: [], refused: [refusal(item.name, 'is empty')] } : { items: [item], refused: [] };
}

async function fromFiles(uris: vscode.Uri[]): Promise<{ items: PromptItem[]; refused: unknown[] }> {
  const results = await Promise.allSettled(uris.map(fromFile));
  return {
    items: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    refused: results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
  };
}

async function askInstruction(items: PromptItem[]): Promise<string | undefined> {
  const what = items.length === 1 ? items[0]?.name : `${items.length} files`;
  const line = await vscode.window.showInputBox({
    title: 'Send with Instruction',
    prompt: `What is to be done with ${what}? The line stands before the text.`,
    placeHolder: 'Review this for errors',
  });
  return line?.trim() || undefined;
}

function notAdopted(folder: CourierFolder): CourierError {
  const why = folder.snapshot?.standing.kind === 'foreign' ? folder.snapshot.standing.why : '';
  return new CourierError('not_adopted', `${why}, so nothing was sent. Adopt the folder if you trust what it holds.`);
}
