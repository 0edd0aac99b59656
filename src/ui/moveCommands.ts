import * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import { CourierError } from '../core/support/errors';
import { commands } from './contributions';
import type { CourierFolder } from './courierFolder';
import { chooseJobs, type JobServices } from './jobCommands';
import { t } from './l10n';
import { showInformation } from './messages';
import type { JobNode } from './nodes';
import { registerCommand } from './notifications';
import { isWaiting, type QueueMove, shiftMoves } from './queueMoves';
import type { SessionPicker } from './sessionPicker';
import { jobLabel } from './words';

/** Registers what moves jobs that have not begun. */
export function registerMoveCommands(services: JobServices & { picker: SessionPicker }): vscode.Disposable {
  const { log } = services;
  const shift = (title: string, by: -1 | 1) => async (item: unknown, items: unknown) => {
    const nodes = await chooseJobs(services, { item, items, title, fits: isWaiting });
    for (const [folder, session_id, chosen] of bySession(nodes)) {
      const moves = shiftMoves(folder.session(session_id)?.jobs ?? [], new Set(chosen), by);
      await moveAll(folder, session_id, moves);
    }
  };
  return vscode.Disposable.from(
    registerCommand(log, commands.moveJobUp, shift(t('Move Up'), -1)),
    registerCommand(log, commands.moveJobDown, shift(t('Move Down'), 1)),
    registerCommand(log, commands.moveJob, (item, items) => toSession(services, item, items)),
  );
}

async function toSession(
  services: JobServices & { picker: SessionPicker },
  item: unknown,
  items: unknown,
): Promise<void> {
  const title = t('Move to Session');
  const nodes = await chooseJobs(services, { item, items, title, fits: isWaiting });
  const folder = nodes[0]?.folder;
  if (!folder) return;
  if (folder.sessions.length < 2) {
    void showInformation(t('There is no other session. "Courier: New Session…" makes one.'));
    return;
  }
  const target = await services.picker.pickSession(folder, title);
  if (!target) return;
  const { session_id } = target.metadata;
  const moves = nodes.map(({ job }): QueueMove => ({ job_id: job.job_id, before: undefined }));
  await moveAll(folder, session_id, moves);
}

/** Moves jobs into a session's queue, or within it, one after the other. An editor that shows a prompt in its old place is closed. */
export async function moveAll(folder: CourierFolder, session_id: string, moves: readonly QueueMove[]): Promise<void> {
  const jobs = moves.flatMap(({ job_id }) => folder.job(job_id) ?? []);
  const leaving = jobs.filter((job) => job.session_id !== session_id);
  for (const job of leaving) requireSaved(folder, job);
  for (const { job_id, before } of moves)
    await folder.request({ action: 'move', job_id, session_id, ...(before === undefined ? {} : { before }) });
  const old = new Set(leaving.map((job) => folder.layout.resolve(job.prompt_path)));
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const shown = tabs.filter(({ input }) => input instanceof vscode.TabInputText && old.has(input.uri.fsPath));
  if (shown.length > 0) await vscode.window.tabGroups.close(shown, true);
}

/** Its prompt file goes to another place: what is not saved would be left behind. */
function requireSaved(folder: CourierFolder, job: Job): void {
  const file = folder.layout.resolve(job.prompt_path);
  if (vscode.workspace.textDocuments.some((document) => document.isDirty && document.uri.fsPath === file))
    throw new CourierError(
      'unsaved',
      t(
        'The prompt of "{0}" has changes that are not saved. Save or undo them, then move it; nothing was moved.',
        jobLabel(job),
      ),
    );
}

/** The ids of some jobs by folder and session. */
function bySession(nodes: readonly JobNode[]): [folder: CourierFolder, session: string, jobs: string[]][] {
  const found: [CourierFolder, string, string[]][] = [];
  for (const { folder, job } of nodes) {
    const own = found.find(([one, session]) => one === folder && session === job.session_id);
    if (own) own[2].push(job.job_id);
    else found.push([folder, job.session_id, [job.job_id]]);
  }
  return found;
}
