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
