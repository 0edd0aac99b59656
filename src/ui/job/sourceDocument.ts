import * as path from 'node:path';
import * as vscode from 'vscode';
import { findSent } from '../../core/model/provenance';
import { CourierError } from '../../core/support/errors';
import { t } from '../l10n';
import type { JobNode } from '../nodes';
import { readPrompt } from './answerFiles';

/** The path of the file that a prompt came from; undefined when it came from none. An agent can write the record that says so. */
export function sourcePath({ folder, job }: JobNode): string | undefined {
  return job.source?.path === undefined ? undefined : path.resolve(folder.layout.workspace, job.source.path);
}

/** Opens the file that a prompt came from. */
export async function openSourceDocument({ job }: JobNode, file: string): Promise<vscode.TextDocument> {
  try {
    return await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  } catch (cause) {
    const name = job.source?.path ?? file;
    throw new CourierError('no_source', t("{0} can't be opened any more. The prompt and its answer are kept.", name), {
      cause,
    });
  }
}

/** Where the text that was sent stands in its file now; undefined when it isn't there as it was. Throws when the prompt can't be read. */
export async function rangeOfSent(
  { folder, job }: JobNode,
  document: vscode.TextDocument,
): Promise<vscode.Range | undefined> {
  const found = job.source && findSent(document.getText(), await readPrompt(folder, job), job.source);
  return found && new vscode.Range(document.positionAt(found.start), document.positionAt(found.end));
}
