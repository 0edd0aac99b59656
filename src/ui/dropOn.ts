import * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import { CourierError } from '../core/support/errors';
import { filesType, jobsType } from './dragAndDrop';
import { t } from './l10n';
import { moveAll } from './moveCommands';
import { isForeign, isNode, type JobNode, type Node } from './nodes';
import { type DropPlace, dropMoves, isWaiting } from './queueMoves';
import { sendFiles } from './sendCommands';
import type { SendServices } from './sendPrompts';

/** Does what dropping something on a row of the tree is for: jobs are moved, files are sent. */
export async function dropOn(
  services: SendServices,
  target: Node | undefined,
  data: vscode.DataTransfer,
): Promise<void> {
  const session = sessionOf(target);
  if (!session) throw new CourierError('no_item', t('Drop it onto a session, or onto a job of one; nothing was done.'));
  const { folder, session_id } = session;
  if (isForeign(folder)) throw new CourierError('not_adopted', t('This folder is not adopted, so nothing was done.'));
  const dragged: unknown = data.get(jobsType)?.value;
  if (Array.isArray(dragged) && dragged.length > 0) {
    const nodes = dragged.filter((node): node is JobNode => isNode(node, 'job'));
    if (nodes.some((node) => node.folder.layout.root !== folder.layout.root))
      throw new CourierError('other_folder', t('A job stays in its workspace folder, so nothing was moved.'));
    const jobs = inQueueOrder(nodes);
    return moveAll(folder, session_id, dropMoves(folder.session(session_id)?.jobs ?? [], jobs, placeOf(target)));
  }
  const list = (await data.get(filesType)?.asString()) ?? '';
  const uris = list.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  const own = folder.session(session_id);
  if (uris.length > 0 && own)
    await sendFiles(
      services,
      { kind: 'session', folder, session: own },
      uris.map((uri) => vscode.Uri.parse(uri, true)),
    );
}

/** The session that something is dropped on, or into whose rows. */
function sessionOf(target: Node | undefined) {
  if (!target?.folder) return undefined;
  const { folder } = target;
  if ('session' in target) return { folder, session_id: target.session.metadata.session_id };
  const only = folder.sessions.length === 1 ? folder.sessions[0] : undefined;
  const dialog = isNode(target, 'dialog') || isNode(target, 'choice') ? folder.session(target.target) : undefined;
  const found = dialog ?? (isNode(target, 'folder') ? only : undefined);
  return found && { folder, session_id: found.metadata.session_id };
}

function placeOf(target: Node | undefined): DropPlace {
  if (!isNode(target, 'job')) return 'last';
  if (isWaiting(target.job)) return { over: target.job.job_id };
  return target.job.status === 'running' ? 'first' : 'last';
}

/** Jobs as they are now, those of one session in the order in which they are to run. */
function inQueueOrder(nodes: readonly JobNode[]): Job[] {
  const ids = new Set(nodes.map((node) => node.job.job_id));
  const folders = [...new Set(nodes.map((node) => node.folder))];
  const live = folders.flatMap((folder) => folder.sessions.flatMap((session) => session.jobs));
  return live.filter((job) => ids.has(job.job_id) && isWaiting(job));
}
