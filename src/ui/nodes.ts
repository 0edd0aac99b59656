import type { Job } from '../core/model/job';
import type { Waiting } from '../core/model/waiting';
import type { SessionView } from '../core/store/snapshot';
import type { TmuxSession } from '../core/store/tmuxSessions';
import type { CourierFolder } from './courierFolder';
import type { JobGroup } from './jobGroups';
import type { Row } from './rows';
import type { Finding } from './setupChecks';

/** What stands in the tree: data only, so that a command gets all that it needs with the item. */
export type Node =
  | FolderNode
  | ForeignNode
  | GroupNode
  | SessionNode
  | LastSeenNode
  | DialogNode
  | ChoiceNode
  | JobNode
  | EmptyNode
  | MoreNode
  | UnmanagedNode
  | SetupNode
  | StartNode;

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
  /** Whether it stands open when it is shown first; a person opens and closes it from then on. */
  open?: boolean;
  /** It is shown since it fits a filter, and then as a node of its own. */
  filtered?: boolean;
  /** Of one that is closed at first: what below it ended, and nobody has looked at. */
  unseen?: readonly Job[];
}

/**
 * A session as it was last shown, until the folder's files have been looked at; it becomes the session's node then, when that is
 * still there. Nothing can be done with it before.
 */
export interface LastSeenNode {
  kind: 'lastSeen';
  folder: CourierFolder;
  id: string;
  row: Row;
}

/** One prompt that was sent to several sessions; below it stand its jobs, which stand below their sessions as well. */
export interface GroupNode {
  kind: 'group';
  folder: CourierFolder;
  group: JobGroup;
  /** Whether it stands open when it is shown first. */
  open: boolean;
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
  /** It ended, and nobody has looked at what it came to. */
  isNew?: boolean;
  /** It stands below its group, and not below its session. */
  inGroup?: boolean;
  /** Its answer is the one that was picked of the group. */
  isPicked?: boolean;
}

/** Stands below a session that has had no job: VS Code would keep one without children collapsed when its first job comes. */
export interface EmptyNode {
  kind: 'empty';
  folder: CourierFolder;
  session: SessionView;
}

/** Shows further finished jobs of a session. */
export interface MoreNode {
  kind: 'more';
  folder: CourierFolder;
  session: SessionView;
}

/** A tmux session on the folder's own server that is none of ours. */
export interface UnmanagedNode {
  kind: 'unmanaged';
  folder: CourierFolder;
  tmux: TmuxSession;
}

/** Something that is not as it should be, while there is no session to show. `folder` is the one that it is about. */
export interface SetupNode {
  kind: 'setup';
  folder: CourierFolder | undefined;
  finding: Finding;
}

/** A way to begin, beside what the setup lacks. */
export interface StartNode {
  kind: 'start';
  folder: undefined;
  start: 'newSession' | 'tryDemo' | 'getStarted';
}

/** What tells a node from every other one in the tree; it never depends on the state, so that a refresh collapses nothing. */
export function nodeId(node: Node): string {
  const kind = node.kind === 'lastSeen' ? 'session' : node.kind;
  const parts = [node.folder?.workspaceFolder.uri.toString() ?? '', kind];
  if (node.kind === 'lastSeen') parts.push(node.id);
  if (node.kind === 'session' || node.kind === 'empty' || node.kind === 'more')
    parts.push(node.session.metadata.session_id);
  if (node.kind === 'session' && node.filtered) parts.push('filtered');
  if (node.kind === 'job') parts.push(node.session.metadata.session_id, node.job.job_id);
  if (node.kind === 'job' && node.inGroup) parts.push('group');
  if (node.kind === 'group') parts.push(node.group.id);
  if (node.kind === 'dialog' || node.kind === 'choice') parts.push(node.target, node.waiting.dialog_id);
  if (node.kind === 'choice') parts.push(node.choice.id);
  if (node.kind === 'unmanaged') parts.push(node.tmux.name);
  if (node.kind === 'setup') parts.push(node.finding.check.id);
  if (node.kind === 'start') parts.push(node.start);
  return parts.join('|');
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

/** A session's live jobs as they stand below it, newest first: what is to run next stands lowest. */
export function inShownOrder(jobs: readonly Job[]): Job[] {
  return [...jobs].reverse();
}
