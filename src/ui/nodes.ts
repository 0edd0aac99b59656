import type { Job } from '../core/model/job';
import type { Waiting } from '../core/model/waiting';
import type { SessionView } from '../core/store/snapshot';
import type { CourierFolder } from './courierFolder';

/** What stands in the tree: data only, so that a command gets all that it needs with the item. */
export type Node = FolderNode | ForeignNode | SessionNode | DialogNode | ChoiceNode | JobNode | EmptyNode;

export interface FolderNode {
  kind: 'folder';
  folder: CourierFolder;
}

/** Says that a folder came from elsewhere; its click adopts it. */
export interface ForeignNode {
  kind: 'foreign';
  folder: CourierFolder;
  why: string;
}

export interface SessionNode {
  kind: 'session';
  folder: CourierFolder;
  session: SessionView;
}

/** `target` is the session, or the fresh job, that waits. */
export interface DialogNode {
  kind: 'dialog';
  folder: CourierFolder;
  target: string;
  waiting: Waiting;
}

export interface ChoiceNode {
  kind: 'choice';
  folder: CourierFolder;
  target: string;
  waiting: Waiting;
  choice: Waiting['choices'][number];
}

export interface JobNode {
  kind: 'job';
  folder: CourierFolder;
  session: SessionView;
  job: Job;
}

/** Stands below a session that has had no job: VS Code would keep one without children collapsed when its first job comes. */
export interface EmptyNode {
  kind: 'empty';
  folder: CourierFolder;
  session: SessionView;
}

/** Narrows what VS Code gives a command to a tree node of one kind. */
export function isNode<K extends Node['kind']>(value: unknown, kind: K): value is Extract<Node, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind && 'folder' in value;
}

/** Whether a folder's files are shown only, and nothing in it may be run. */
export function isForeign(folder: CourierFolder): boolean {
  return folder.snapshot?.standing.kind === 'foreign';
}

/** A dialog's text and its choices, as items. */
export function dialogNodes(folder: CourierFolder, target: string, waiting: Waiting): Node[] {
  return [
    { kind: 'dialog', folder, target, waiting },
    ...waiting.choices.map((choice): Node => ({ kind: 'choice', folder, target, waiting, choice })),
  ];
}

/** What a fresh job waits for; a job in a session waits with its session. */
export function ownDialog(job: Job): Waiting | undefined {
  return job.mode === 'fresh' && job.status === 'running' ? job.waiting : undefined;
}
