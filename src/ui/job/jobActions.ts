import * as vscode from 'vscode';
import { isFinal, type Job } from '../../core/model/job';
import { type CommandId, commands } from '../contributions';
import { chooseJobs, type JobServices } from '../jobCommands';
import { t } from '../l10n';
import type { JobNode } from '../nodes';
import { registerCommand } from '../notifications';
import { findFile } from '../openFile';
import { showJob } from '../progress';
import type { Screens } from '../screens';
import { type SendServices, sendAll } from '../sendPrompts';
import { chooseSession, type SessionServices } from '../sessionCommands';
import { jobLabel } from '../words';
import { readPrompt } from './answerFiles';
import { compareAnswers } from './compareAnswers';
import { insertAnswer } from './insertAnswer';
import type { PageAction } from './jobPage';
import { JobPanels } from './jobPanels';
import { openSourceDocument, rangeOfSent, sourcePath } from './sourceDocument';

/** What the commands on a job and its answer need. */
export type JobViewServices = SendServices &
  SessionServices &
  JobServices & { screens: Screens; extensionUri: vscode.Uri };

/** Registers the job's own tab, what is done with an answer, and the look at a session's screen. */
export function registerJobView(services: JobViewServices): vscode.Disposable {
  const { folders, log, screens, extensionUri } = services;
  const panels = new JobPanels(extensionUri, folders, log, (action, node) => act(services, action, node));
  const any = () => true;
  const completed = (job: Job) => job.status === 'completed';
  const register = (
    id: CommandId,
    title: string,
    fits: (job: Job) => boolean,
    run: (node: JobNode, selected: unknown) => unknown,
  ) =>
    registerCommand(log, id, async (item, selected) => {
      const [node] = await chooseJobs(services, { item, title, fits });
      if (node) await run(node, selected);
    });
  return vscode.Disposable.from(
    panels,
    register(commands.openJob, t('Open Job'), any, ({ folder, job }) => panels.show(folder, job)),
    register(commands.compareAnswers, t('Compare with'), completed, (node, selected) =>
      compareAnswers(folders, node, selected),
    ),
    register(commands.insertAnswer, t('Insert Answer'), completed, (node) => insertAnswer(node, 'below')),
    register(commands.replaceWithAnswer, t('Replace Selection with Answer'), completed, (node) =>
      insertAnswer(node, 'instead'),
    ),
    register(commands.sendToAnother, t('Send to Another Session'), any, (node) => sendToAnother(services, node)),
    register(
      commands.waitForJob,
      t('Wait for Answer'),
      (job) => !isFinal(job.status),
      (node) => waitFor(services, node),
    ),
    register(commands.copyAnswerPath, t('Copy Path'), completed, copyPath),
    registerCommand(log, commands.showScreen, async (item) => {
      const chosen = await chooseSession(services, item, t('Show Screen'));
      if (chosen) await screens.show(chosen.folder, chosen.session.metadata.session_id);
    }),
  );
}

/** Does what a button of a job's page says. */
async function act(services: JobViewServices, action: PageAction, node: JobNode): Promise<void> {
  const { folder, job } = node;
  const run = (id: string) => vscode.commands.executeCommand(id, node);
  const actions: Record<PageAction, () => unknown> = {
    openPrompt: () => run(commands.openPrompt),
    openAnswer: () => run(commands.openOutput),
    openSource: () => openSource(node),
    showScreen: () => services.screens.show(folder, job.session_id),
    cancel: () => run(commands.cancelJob),
    sendAgain: () => run(commands.retryJob),
    sendToAnother: () => run(commands.sendToAnother),
    compare: () => run(commands.compareAnswers),
    insert: () => run(commands.insertAnswer),
    replace: () => run(commands.replaceWithAnswer),
    copyPath: () => run(commands.copyAnswerPath),
  };
  await actions[action]();
}

/** Sends a job's prompt once more, as it was, to a session that is chosen. */
async function sendToAnother(services: JobViewServices, { folder, job }: JobNode): Promise<void> {
  const text = await readPrompt(folder, job);
  const target = await services.picker.pickTarget(folder);
  if (!target) return;
  const name = jobLabel(job);
  await sendAll(services, folder, target, [{ name, prompt: { text }, source: job.source }]);
}

/** Shows where a job stands until it ends, and then what it came to, as if this window had sent it. */
async function waitFor({ opener }: JobViewServices, node: JobNode): Promise<void> {
  const { folder, job } = node;
  if (!isFinal(folder.job(job.job_id)?.status ?? 'completed')) opener.expect(folder, job.job_id, jobLabel(job));
  await showJob(node);
}

async function copyPath({ folder, job }: JobNode): Promise<void> {
  await vscode.env.clipboard.writeText((await findFile(folder, job.output_path)).fsPath);
  vscode.window.setStatusBarMessage(`$(copy) ${t('The path of the answer was copied')}`, 4000);
}

/** Goes to the lines that a prompt came from, or where they stand now. */
async function openSource(node: JobNode): Promise<void> {
  const file = sourcePath(node);
  if (file === undefined) return;
  const document = await openSourceDocument(node, file);
  const sent = await rangeOfSent(node, document).catch(() => undefined);
  const { start_line = 1, end_line = start_line } = node.job.source ?? {};
  const from = Math.min(start_line - 1, document.lineCount - 1);
  const to = Math.min(end_line - 1, document.lineCount - 1);
  const selection = sent ?? new vscode.Range(from, 0, to, document.lineAt(to).text.length);
  await vscode.window.showTextDocument(document, { selection, preview: true });
}
