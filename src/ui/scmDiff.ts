import * as path from 'node:path';
import * as vscode from 'vscode';
import { CourierError } from '../core/support/errors';
import { stagedDiff } from '../core/support/gitDiff';
import { fenced } from '../core/templates/fence';
import { commands } from './contributions';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import { askLine } from './messages';
import { registerCommand } from './notifications';
import { chooseFolder, chooseTarget, type SendServices, sendAll } from './sendPrompts';

/** Registers Send Staged Changes…, for the Source Control view and the palette. */
export function registerScmCommands(services: SendServices): vscode.Disposable {
  return registerCommand(services.log, commands.sendStagedChanges, (item) => sendStaged(services, item));
}

async function sendStaged(services: SendServices, item: unknown): Promise<void> {
  const place = placeOfScm(item);
  const folder = await chooseFolder(services, undefined, place);
  if (!folder) return;
  const diff = await stagedDiff(directoryOf(place, folder));
  if (diff.trim() === '') {
    const words = t('Nothing is staged, so nothing was sent. Stage what is to be looked at first.');
    throw new CourierError('nothing_to_send', words);
  }
  const instruction = await askLine({
    title: t('Send Staged Changes'),
    prompt: t('What is to be done with them? The line stands before the changes.'),
    value: t('Review these staged changes. Do not change any file.'),
  });
  if (!instruction?.trim()) return;
  const target = await chooseTarget(services, undefined, folder);
  if (!target) return;
  const name = t('staged changes');
  await sendAll(services, folder, target, [
    { name, prompt: { text: `${instruction.trim()}\n\n${fenced(diff, 'diff')}` } },
  ]);
}

/** What a menu of the Source Control view was opened on: a repository, or one of its groups, of which only a file tells the repository. */
function placeOfScm(item: unknown): vscode.Uri | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  if ('rootUri' in item && item.rootUri instanceof vscode.Uri) return item.rootUri;
  if (!('resourceStates' in item) || !Array.isArray(item.resourceStates)) return undefined;
  const first: unknown = item.resourceStates[0];
  const uri = typeof first === 'object' && first !== null && 'resourceUri' in first ? first.resourceUri : undefined;
  return uri instanceof vscode.Uri ? vscode.Uri.joinPath(uri, '..') : undefined;
}

function directoryOf(place: vscode.Uri | undefined, folder: CourierFolder): string {
  return place?.scheme === 'file' ? path.resolve(place.fsPath) : folder.layout.workspace;
}
