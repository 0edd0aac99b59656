import * as vscode from 'vscode';
import { isFinal, type Job } from '../core/model/job';
import { CourierError } from '../core/support/errors';
import { commands } from './contributions';
import type { FolderService } from './folderService';
import { jobIcon } from './icons';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { pickOne, showInformation } from './messages';
import { isForeign, isNode, type JobNode } from './nodes';
import { registerCommand } from './notifications';
import { openFile } from './openFile';
import type { OutputOpener } from './outputOpener';
import { chosenNodes, forEachOf, type Keys, keyed, selectionArgument } from './selection';
import { themeIcon } from './treeItems';
import { clockTime, jobLabel, jobState } from './words';

/** What the job commands need. */
export interface JobServices extends Keys {
  log: LogChannel;
  folders: FolderService;
  opener: OutputOpener;
}

/** Registers what can be done with jobs, and the two logs. */
export function registerJobCommands(services: JobServices): vscode.Disposable {
  const { log } = services;
  const each =
    (title: string, fits: (job: Job) => boolean, run: (node: JobNode) => Promise<unknown>) =>
    async (item: unknown, items: unknown) =>
      forEachOf(await chooseJobs(services, { item, items, title, fits }), run);
  const open = (title: string, fits: (job: Job) => boolean, file: (job: Job) => string) => async (item: unknown) => {
    const [node] = await chooseJobs(services, { item, title, fits });
    if (node) await openFile(node.folder, file(node.job));
  };
  const live = (job: Job) => !isFinal(job.status);
  const completed = (job: Job) => job.status === 'completed';
  return vscode.Disposable.from(
    registerCommand(log, commands.cancelJob, each(t('Cancel Job'), live, cancel)),
    registerCommand(
      log,
      commands.retryJob,
      each(
        t('Run Again'),
        (job) => isFinal(job.status),
        (node) => retry(services, node),
      ),
    ),
    registerCommand(
      log,
      commands.openOutput,
      open(t('Open Answer'), completed, (job) => job.output_path),
    ),
    registerCommand(
      log,
      commands.openPrompt,
      open(
        t('Open Prompt'),
        () => true,
        (job) => job.prompt_path,
      ),
    ),
    registerCommand(log, commands.openSessionLog, openSessionLog),
    registerCommand(log, commands.showLog, () => log.show()),
  );
}

/** What a command is for: what it was handed, what `fits`, and how it is called where one has to be chosen. */
export interface JobChoice {
  item: unknown;
  items?: unknown;
  title: string;
  fits: (job: Job) => boolean;
}

/** The jobs that a command is for: a tree item's, of several that are selected those that fit, or the one that is chosen. */
export async function chooseJobs(services: JobServices, { item, items, title, fits }: JobChoice): Promise<JobNode[]> {
  const given = chosenNodes('job', await keyed(services, item), item, items);
  if (given === undefined) {
    const one = await choose(services.folders, title, fits);
    return one ? [one] : [];
  }
  // What no longer fits a single one is the runner's to say.
  if (given.length < 2 && item !== selectionArgument) return given;
  const fitting = given.filter((node) => fits(node.job));
  if (fitting.length === 0 && given.length > 0) noneFits(title);
  return fitting;
}

function noneFits(title: string): void {
  void showInformation(t('{0}: there is no job that this fits.', title));
}

/** The job that is chosen among those that fit; undefined when none is. */
async function choose(
  folders: FolderService,
  title: string,
  fits: (job: Job) => boolean,
): Promise<JobNode | undefined> {
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
    noneFits(title);
    return undefined;
  }
  const items = nodes.map((node) => ({
    label: jobLabel(node.job),
    description: `${jobState(node.job)} · ${clockTime(node.job.created_at)} · ${node.session.metadata.name}`,
    iconPath: themeIcon(jobIcon(node.job)),
    node,
  }));
  return (await pickOne(items, { title, matchOnDescription: true }))?.node;
}

async function cancel({ folder, job }: JobNode): Promise<void> {
  await folder.request({ action: 'cancel', job_id: job.job_id });
}

async function retry({ opener }: JobServices, { folder, job }: JobNode): Promise<void> {
  const id = await folder.request({ action: 'retry', job_id: job.job_id });
  opener.expect(folder, id, jobLabel(job));
}

async function openSessionLog(item: unknown): Promise<void> {
  if (!isNode(item, 'session') && !isNode(item, 'job')) {
    throw new CourierError('no_item', t('Choose a session in the Courier view.'));
  }
  const { folder, session } = item;
  await openFile(folder, folder.layout.relative(folder.layout.session(session.metadata.session_id).log));
}
