import * as vscode from 'vscode';
import { isFinal, type Job } from '../core/model/job';
import { CourierError } from '../core/support/errors';
import { commands } from './contributions';
import type { FolderService } from './folderService';
import { jobIcon } from './icons';
import type { LogChannel } from './logChannel';
import { isForeign, isNode, type JobNode } from './nodes';
import { registerCommand } from './notifications';
import { openFile } from './openFile';
import type { OutputOpener } from './outputOpener';
import { clockTime, jobLabel, jobState } from './words';

/** What the job commands need. */
export interface JobServices {
  log: LogChannel;
  folders: FolderService;
  opener: OutputOpener;
}

/** Registers what can be done with a job, and the two logs. */
export function registerJobCommands(services: JobServices): vscode.Disposable {
  const { log, folders } = services;
  const open =
    (title: string, fits: (job: Job) => boolean, run: (node: JobNode) => unknown) => async (item: unknown) => {
      const node = await choose(folders, item, title, fits);
      if (node) await run(node);
    };
  const completed = (job: Job) => job.status === 'completed';
  return vscode.Disposable.from(
    registerCommand(
      log,
      commands.cancelJob,
      open('Cancel Job', (job) => !isFinal(job.status), cancel),
    ),
    registerCommand(
      log,
      commands.resumeJob,
      open('Resume Job', (job) => job.status === 'paused', resume),
    ),
    registerCommand(
      log,
      commands.retryJob,
      open(
        'Retry Job',
        (job) => isFinal(job.status),
        (node) => retry(services, node),
      ),
    ),
    registerCommand(
      log,
      commands.openOutput,
      open('Open Answer', completed, (n) => openFile(n.folder, n.job.output_path)),
    ),
    registerCommand(
      log,
      commands.openPrompt,
      open(
        'Open Prompt',
        () => true,
        (n) => openFile(n.folder, n.job.prompt_path),
      ),
    ),
    registerCommand(log, commands.openSessionLog, openSessionLog),
    registerCommand(log, commands.showLog, () => log.show()),
  );
}

/** The job of a tree item, or the one that is chosen among those that fit; undefined when none is. */
async function choose(
  folders: FolderService,
  item: unknown,
  title: string,
  fits: (job: Job) => boolean,
): Promise<JobNode | undefined> {
  if (isNode(item, 'job')) return item;
  const nodes = folders.all
    .filter((folder) => !isForeign(folder))
    .flatMap((folder) => folder.sessions.map((session) => ({ folder, session })))
    .flatMap(({ folder, session }) =>
      [...session.jobs, ...session.finished]
        .filter(fits)
        .map((job): JobNode => ({ kind: 'job', folder, session, job })),
    )
    .sort((a, b) => b.job.created_at.localeCompare(a.job.created_at));
  if (nodes.length === 0) {
    void vscode.window.showInformationMessage(`${title}: there is no job that this fits.`);
    return undefined;
  }
  const items = nodes.map((node) => ({
    label: jobLabel(node.job),
    description: `${jobState(node.job)} · ${clockTime(node.job.created_at)} · ${node.session.metadata.name}`,
    iconPath: jobIcon(node.job),
    node,
  }));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.node;
}

async function cancel({ folder, job }: JobNode): Promise<void> {
  await folder.request({ action: 'cancel', job_id: job.job_id });
}

async function resume({ folder, job }: JobNode): Promise<void> {
  await folder.request({ action: 'resume', job_id: job.job_id });
}

async function retry({ opener }: JobServices, { folder, job }: JobNode): Promise<void> {
  const id = await folder.request({ action: 'retry', job_id: job.job_id });
  opener.expect(folder, id, jobLabel(job));
}

async function openSessionLog(item: unknown): Promise<void> {
  if (!isNode(item, 'session') && !isNode(item, 'job')) {
    throw new CourierError('no_item', 'Choose a session in the Courier view.');
  }
  const { folder, session } = item;
  await openFile(folder, folder.layout.relative(folder.layout.session(session.metadata.session_id).log));
}
