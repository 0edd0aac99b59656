import * as vscode from 'vscode';
import { DisposableStore } from '../core/support/disposables';
import { sessionsView } from './contributions';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import { dialogNodes, isForeign, type Node, ownDialog, type SessionNode } from './nodes';
import { treeItem } from './treeItems';

/** The tree Sessions → Jobs, below their folders when there is more than one. */
export class SessionTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly folders: FolderService) {
    this.own.add(folders.onDidChange(() => this.changed.fire()));
    const view = this.own.add(
      vscode.window.createTreeView(sessionsView, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.own.add(
      folders.onDidChange(() => {
        const waiting = countWaiting(folders.all);
        view.badge = waiting > 0 ? { value: waiting, tooltip: `${waiting} waiting for an answer` } : undefined;
      }),
    );
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return treeItem(node);
  }

  getChildren(node?: Node): Node[] {
    return node === undefined ? rootsOf(this.folders.all) : childrenOf(node);
  }

  dispose(): void {
    this.own.dispose();
  }
}

/** What stands at the top; nothing when no folder has a session, so that the view shows its welcome. */
export function rootsOf(all: readonly CourierFolder[]): Node[] {
  if (all.every((folder) => folder.sessions.length === 0)) return [];
  const first = all[0];
  return all.length === 1 && first ? inFolder(first) : all.map((folder) => ({ kind: 'folder', folder }));
}

/** What stands below a node. */
export function childrenOf(node: Node): Node[] {
  if (node.kind === 'folder') return inFolder(node.folder);
  if (node.kind === 'session') return inSession(node);
  const waiting = node.kind === 'job' && !isForeign(node.folder) ? ownDialog(node.job) : undefined;
  return node.kind === 'job' && waiting ? dialogNodes(node.folder, node.job.job_id, waiting) : [];
}

function inFolder(folder: CourierFolder): Node[] {
  const standing = folder.snapshot?.standing;
  const sessions = folder.sessions.map((session): Node => ({ kind: 'session', folder, session }));
  return standing?.kind === 'foreign' ? [{ kind: 'foreign', folder, why: standing.why }, ...sessions] : sessions;
}

/** What needs an answer first, then the live jobs, newest first, then those that are finished. */
function inSession({ folder, session }: SessionNode): Node[] {
  const { metadata, jobs, finished } = session;
  const waiting = metadata.state === 'waiting' && !isForeign(folder) ? metadata.waiting : undefined;
  const shown = [...[...jobs].reverse(), ...finished];
  const nodes = [
    ...(waiting ? dialogNodes(folder, metadata.session_id, waiting) : []),
    ...shown.map((job): Node => ({ kind: 'job', folder, session, job })),
  ];
  return nodes.length > 0 ? nodes : [{ kind: 'empty', folder, session }];
}

function countWaiting(folders: readonly CourierFolder[]): number {
  const sessions = folders.filter((f) => f.snapshot?.standing.kind === 'own').flatMap((f) => f.sessions);
  const dialogs = sessions.flatMap((s) => [
    ...(s.metadata.state === 'waiting' && s.metadata.waiting ? [s.metadata.waiting.dialog_id] : []),
    ...s.jobs.flatMap((job) => ownDialog(job)?.dialog_id ?? []),
  ]);
  return new Set(dialogs).size;
}
