import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { isRealFolder } from '../core/store/realFolder';
import { CourierError, hasCode } from '../core/support/errors';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import { clockTime } from './words';

/**
 * Opens a job's file by its path as the job's record has it, which may lead nowhere but into `.courier`. The text editor
 * opens it, whatever its name and the workspace's settings say: a notebook or a preview may do more than show it. `select`
 * says what of it is selected from the start.
 */
export async function openFile(
  folder: CourierFolder,
  relative: string,
  select?: (document: vscode.TextDocument) => vscode.Range | undefined,
): Promise<void> {
  const uri = await findFile(folder, relative);
  const selection = select?.(await vscode.workspace.openTextDocument(uri));
  await vscode.commands.executeCommand('vscode.openWith', uri, 'default', { preview: true, selection });
}

/** Opens an answer beside the code, without taking the keyboard from it. */
export async function openBeside(folder: CourierFolder, relative: string): Promise<void> {
  const uri = await findFile(folder, relative);
  const how = { ...beside(folder), preview: false };
  try {
    // In two thirds of the time that openWith takes until the text is seen (measured, VS Code 1.139).
    await vscode.window.showTextDocument(uri, how);
  } catch {
    // It fails when the person opens something else at that moment, and the editor stands there all the same; and of a file that
    // VS Code keeps from extensions, a binary or a very large one, which it shows in its own way.
    if (!hasTab(uri)) await vscode.commands.executeCommand('vscode.openWith', uri, 'default', how);
  }
}

function hasTab({ fsPath }: vscode.Uri): boolean {
  const isIt = ({ input }: vscode.Tab) => input instanceof vscode.TabInputText && input.uri.fsPath === fsPath;
  return vscode.window.tabGroups.all.some((group) => group.tabs.some(isIt));
}

/** Shows an answer as rendered Markdown beside the code, without taking the keyboard from it: one takes the place of the other. */
export async function openPreview(folder: CourierFolder, relative: string): Promise<void> {
  const uri = await findFile(folder, relative);
  // Not markdown.showPreviewToSide, which takes the keyboard.
  const editor = 'vscode.markdown.preview.editor';
  await vscode.commands.executeCommand('vscode.openWith', uri, editor, { ...beside(folder), preview: true });
}

/** Where an answer is shown. Whoever reads one gets the next one in the same place. */
function beside(folder: CourierFolder): { viewColumn: vscode.ViewColumn; preserveFocus: boolean } {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isFile = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom;
  const reading = isFile && input.uri.fsPath.startsWith(folder.layout.root);
  return { viewColumn: reading ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside, preserveFocus: !reading };
}

/** The URI of a job's file, by its path as the job's record has it; refuses what leads elsewhere, and what is gone. */
export async function findFile(folder: CourierFolder, relative: string): Promise<vscode.Uri> {
  const file = folder.layout.resolve(relative);
  if (file === undefined) {
    throw new CourierError('outside', t('{0} leads out of {1}, so it was not opened.', relative, folder.layout.root));
  }
  try {
    if (!(await fs.lstat(file)).isFile() || !(await isRealFolder(folder.layout, path.dirname(file))))
      throw new CourierError(
        'link',
        t('{0} is no file of its own, but a link or a folder, so it was not opened.', relative),
      );
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT', 'ENOTDIR')) throw cause;
    const own = folder.sessions.find((s) =>
      file.startsWith(folder.layout.session(s.metadata.session_id).dir + path.sep),
    );
    const until = own?.metadata.cleaned_until;
    const why = until
      ? t(
          '{0} is not there any more. Clean Up removed the prompts and answers of jobs that ended up to {1}. What became of the job is still in the history.',
          relative,
          clockTime(until),
        )
      : t("{0} is not there any more. The job's other files are kept.", relative);
    throw new CourierError('missing', why, { cause });
  }
  return vscode.Uri.file(file);
}
