import * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import { promptBegin } from '../core/runner/promptFile';
import { commands } from './contributions';
import { problemOf } from './coreWords';
import type { CourierFolder } from './courierFolder';
import { chooseJobs, type JobServices } from './jobCommands';
import { t } from './l10n';
import { showWarning } from './messages';
import { isForeign } from './nodes';
import { registerCommand, reportError } from './notifications';
import { openFile } from './openFile';
import { withoutIcons } from './plainText';
import { isWaiting } from './queueMoves';
import { jobLabel } from './words';

/**
 * Registers Edit Prompt, and what follows from it: a prompt file that is saved while its job waits is taken as it is then, and
 * who has changes of one that begins is told.
 */
export function registerEditPrompt(services: JobServices): vscode.Disposable {
  const { log, folders } = services;
  const told = new Set<string>();
  return vscode.Disposable.from(
    registerCommand(log, commands.editPrompt, async (item) => {
      const title = t('Edit Prompt');
      const [node] = await chooseJobs(services, { item, title, fits: isWaiting });
      if (node) await edit(node.folder, node.job);
    }),
    vscode.workspace.onDidSaveTextDocument((document) => {
      const found = jobOf(folders.all, document);
      if (found) takeSaved(found).catch((error) => reportError(log, error));
    }),
    folders.onDidChange(() => {
      for (const document of vscode.workspace.textDocuments.filter((one) => one.isDirty)) {
        const found = jobOf(folders.all, document);
        if (found?.job.status !== 'running' || told.has(found.job.job_id)) continue;
        told.add(found.job.job_id);
        const label = jobLabel(found.job);
        void showWarning(t('"{0}" has begun. Your changes to its prompt are not saved, and no part of it.', label));
      }
    }),
  );
}

interface Found {
  folder: CourierFolder;
  job: Job;
}

/** The live job whose prompt file a document is. */
function jobOf(all: readonly CourierFolder[], document: vscode.TextDocument): Found | undefined {
  const file = document.uri.scheme === 'file' ? document.uri.fsPath : undefined;
  const folder = all.find((one) => file?.startsWith(one.layout.active) && !isForeign(one));
  const job = folder?.sessions
    .flatMap((session) => session.jobs)
    .find((one) => folder.layout.resolve(one.prompt_path) === file);
  return folder && job && { folder, job };
}

/** Opens the prompt file with the cursor in the prompt; what stands above it tells the agent where to answer. */
function edit(folder: CourierFolder, job: Job): Promise<void> {
  return openFile(folder, job.prompt_path, (document) => {
    const mark = document.getText().indexOf(promptBegin);
    if (mark < 0) return undefined;
    const start = new vscode.Position(document.positionAt(mark).line + 1, 0);
    return new vscode.Range(start, start);
  });
}

/** What was said of the last file that was saved: of the next one it may not be true. */
let said: vscode.Disposable | undefined;

async function takeSaved({ folder, job }: Found): Promise<void> {
  said?.dispose();
  if (!isWaiting(job)) return tellBegun(folder, job);
  try {
    await folder.request({ action: 'update', job_id: job.job_id });
    said = vscode.window.setStatusBarMessage(
      `$(check) ${withoutIcons(t('"{0}" will be sent as saved', jobLabel(job)))}`,
      4000,
    );
  } catch (error) {
    const now = folder.job(job.job_id);
    if (now && !isWaiting(now)) return tellBegun(folder, now);
    const chosen = await showWarning(
      t('The prompt of "{0}" was not taken. {1}', jobLabel(job), problemOf(error)),
      t('Edit Prompt'),
    );
    if (chosen) await edit(folder, job);
  }
}

/** An agent reads its prompt when it likes: another job with what was saved is what can be had. */
async function tellBegun(folder: CourierFolder, job: Job): Promise<void> {
  const message = t('"{0}" has begun. What you saved may have come too late for it.', jobLabel(job));
  const chosen = await showWarning(message, t('Run Again'));
  const session = folder.session(job.session_id);
  if (chosen) await vscode.commands.executeCommand(commands.retryJob, { kind: 'job', folder, session, job });
}
