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

/** The file that a prompt came from, and where the text that was sent stands in it now; undefined when it isn't there as it was. */
export async function openSourceDocument(
  { folder, job }: JobNode,
  file: string,
): Promise<{ document: vscode.TextDocument; sent: vscode.Range | undefined }> {
  let document: vscode.TextDocument;
  try {
    document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  } catch (cause) {
    const name = job.source?.path ?? file;
    throw new CourierError('no_source', t("{0} can't be opened any more. The prompt and its answer are kept.", name), {
      cause,
    });
  }
  const text = await readPrompt(folder, job).catch(() => '');
  const found = job.source && findSent(document.getText(), text, job.source);
  const sent = found && new vscode.Range(document.positionAt(found.start), document.positionAt(found.end));
  return { document, sent };
}
