import * as fs from 'node:fs/promises';
import * as vscode from 'vscode';
import { CourierError } from '../core/support/errors';
import type { CourierFolder } from './courierFolder';

/** Opens a job's file by its path as the job's record has it, which may lead nowhere but into `.courier`. */
export async function openFile(folder: CourierFolder, relative: string): Promise<void> {
  const uri = await find(folder, relative);
  await vscode.commands.executeCommand('vscode.open', uri, { preview: true });
}

/** Opens an answer beside the code, without taking the keyboard from it. */
export async function openBeside(folder: CourierFolder, relative: string): Promise<void> {
  const uri = await find(folder, relative);
  const here = vscode.window.activeTextEditor?.document.uri.fsPath;
  // Whoever reads an answer gets the next one in the same place.
  const reading = here?.startsWith(folder.layout.root) ?? false;
  await vscode.window.showTextDocument(uri, {
    viewColumn: reading ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside,
    preserveFocus: !reading,
    preview: false,
  });
}

/** Shows an answer as rendered Markdown beside the code. */
export async function openPreview(folder: CourierFolder, relative: string): Promise<void> {
  await vscode.commands.executeCommand('markdown.showPreviewToSide', await find(folder, relative));
}

async function find(folder: CourierFolder, relative: string): Promise<vscode.Uri> {
  const file = folder.layout.resolve(relative);
  if (file === undefined) {
    throw new CourierError('outside', `${relative} leads out of ${folder.layout.root}, so it was not opened.`);
  }
  try {
    await fs.access(file);
  } catch (cause) {
    throw new CourierError('missing', `${relative} is not there (any more). The job's other files are kept.`, {
      cause,
    });
  }
  return vscode.Uri.file(file);
}
