import type { Job } from '../core/model/job';
import type { SessionView } from '../core/store/snapshot';
import type { CourierFolder } from './courierFolder';
import { fits, fitsAlone, type JobFilter } from './jobFilter';
import {
  dialogNodes,
  type GroupNode,
  inShownOrder,
  isForeign,
  type LastSeenNode,
  type MoreNode,
  type Node,
  nodeId,
  type SessionNode,
} from './nodes';
import { type Row, rowOf } from './rows';
import type { Finding } from './setupChecks';
import { inFolder, inJob, rootsOf } from './treeRoots';

/** What the tree is made from, as it is now. */
export interface TreeSource {
  folders(): readonly CourierFolder[];
  findings(): readonly Finding[];
  /** Whether a job has ended and nobody has looked at what it came to. */
  isNew(job: Job): boolean;
  /** Milliseconds of the wall clock. */
  now(): number;
}

/** So many finished jobs of a session are shown at first, and so many more at a time. */
export const shownAtOnce = 20;

/**
 * The tree as it was last handed out, so that it can tell which of its rows have to be drawn again. A node stays the same
 * object as long as it is shown: VS Code knows it by that.
 */
export class TreeModel {
  private readonly nodes = new Map<string, Node>();
  private readonly rows = new Map<string, string>();
  private readonly below = new Map<string, readonly Node[]>();
  /** Sessions whose files have changed since their rows were compared. */
  private readonly stale = new Set<Node>();
  /** Finished jobs beyond those of the snapshot, by session. */
  private readonly earlier = new Map<string, { limit: number; jobs: readonly Job[] }>();

  /** Which jobs are shown; when it changes, all is to be drawn again. */
  filter: JobFilter | undefined;

  constructor(private readonly source: TreeSource) {}

  /** A node's row, which counts as drawn from now on. */
  row(node: Node): Row {
    const row = this.rowNow(node);
    this.rows.set(nodeId(node), JSON.stringify(row));
    return row;
  }

  /** What stands below a node, or at the top; it counts as drawn from now on. */
  children(node?: Node): Node[] {
    const nodes = this.look(node);
    this.below.set(idOf(node), nodes);
    return nodes;
  }

  /** What stands at the top now, whatever was drawn. */
  roots(): readonly Node[] {
    return this.look();
  }

  /**
   * What differs from what was drawn: the nodes to be drawn again, each with all that stands below it, or `all`. Of sessions
   * whose files are the same only those are compared that `also` names.
   */
  changes(also: (session: SessionView) => boolean = () => false): Node[] | 'all' {
    const drawn = this.below.get('');
    if (!drawn) return [];
    const now = this.look();
    return isSame(drawn, now) ? now.flatMap((node) => this.changed(node, also)) : 'all';
  }

  /** Shows more finished jobs of a session; `read` gives so many of its newest. */
  async showMore(node: MoreNode, read: (limit: number) => Promise<Job[]>): Promise<void> {
    const key = keyOf(node);
    const limit = this.limit(key) + shownAtOnce;
    this.earlier.set(key, { limit, jobs: await read(limit + 1) });
  }

  private changed(node: Node, also: (session: SessionView) => boolean): Node[] {
    if (node.kind === 'session' && !this.stale.delete(node) && !also(node.session)) return [];
    const id = nodeId(node);
    const drawn = this.below.get(id);
    const now = drawn && this.look(node);
    const row = this.rows.get(id);
    const isOther = row !== undefined && row !== JSON.stringify(this.rowNow(node));
    if (isOther || (drawn && now && !isSame(drawn, now))) return [node];
    return (now ?? []).flatMap((one) => this.changed(one, also));
  }

  private rowNow(node: Node): Row {
    const told = node.kind === 'session' && !node.open ? { ...node, unseen: this.unseenIn(node) } : node;
    return rowOf(told, this.source.now());
  }

  private unseenIn({ session }: SessionNode): Job[] {
    return session.finished.filter((job) => this.source.isNew(job));
  }

  /** What stands below a node now, each as the object that is known already. */
  private look(node?: Node): Node[] {
    const found = node
      ? this.childrenOf(node)
      : rootsOf(this.source.folders(), this.source.findings(), this.source.now());
    const nodes = found.map((one) => this.filtered(one)).flatMap((one) => (one ? this.known(one) : []));
    this.forget(this.below.get(idOf(node)) ?? [], nodes);
    return nodes;
  }

  private known(node: Node): Node {
    const id = nodeId(node);
    const known = this.nodes.get(id);
    if (!known) this.nodes.set(id, node);
    if (known?.kind === 'lastSeen' && node.kind === 'session') return this.found(known, node);
    if (node.kind === 'session' && known?.kind === 'session') {
      if (node.session !== known.session) this.stale.add(known);
      // Whether it stands open is a person's matter by now.
      return Object.assign(known, node, { open: known.open });
    }
    if (node.kind === 'group' && known?.kind === 'group') return Object.assign(known, node, { open: known.open });
    return known ? Object.assign(known, node) : node;
  }

  /** What was last seen is there: VS Code knows the session by the same object from now on. */
  private found(known: LastSeenNode, node: SessionNode): SessionNode {
    const bare: Partial<LastSeenNode> = known;
    delete bare.id;
    delete bare.row;
    const session: SessionNode = Object.assign(bare as object, node);
    this.stale.add(session);
    return session;
  }

  private forget(before: readonly Node[], now: readonly Node[]): void {
    if (isSame(before, now)) return;
    const kept = new Set(now);
    for (const node of before) {
      if (kept.has(node)) continue;
      const id = nodeId(node);
      this.forget(this.below.get(id) ?? [], []);
      for (const map of [this.nodes, this.rows, this.below]) map.delete(id);
      this.stale.delete(node);
    }
  }

  /** The node as it is shown under the filter; undefined when it isn't. */
  private filtered(node: Node): Node | undefined {
    const { filter } = this;
    if (filter === undefined) return node;
    // Its jobs are found below their sessions.
    if (node.kind === 'group' || node.kind === 'lastSeen') return undefined;
    if (node.kind !== 'session') return node;
    const { session } = node;
    const now = this.source.now();
    const isShown = fitsAlone(filter, session) || this.jobsOf(node).some((job) => fits(filter, job, session, now));
    // What was looked for stands open, whatever was closed before.
    return isShown ? { ...node, filtered: true, open: true } : undefined;
  }

  private childrenOf(node: Node): Node[] {
    if (node.kind === 'folder') return inFolder(node.folder, this.source.now());
    if (node.kind === 'group') return this.inGroup(node);
    if (node.kind === 'session') return this.inSession(node);
    return node.kind === 'job' ? inJob(node) : [];
  }

  /** What needs an answer first, then the live jobs, newest first, then those that are finished. */
  private inSession(node: SessionNode): Node[] {
    const { folder, session } = node;
    const { metadata, jobs } = session;
    const { filter, source } = this;
    const waiting = metadata.state === 'waiting' && !isForeign(folder) ? metadata.waiting : undefined;
    const all = this.jobsOf(node);
    const limit = jobs.length + this.limit(keyOf(node));
    const shown = all.slice(0, limit).filter((job) => !filter || fits(filter, job, session, source.now()));
    const nodes = [
      ...(waiting ? dialogNodes(folder, metadata.session_id, waiting) : []),
      ...shown.map((job): Node => ({ kind: 'job', folder, session, job, isNew: source.isNew(job) })),
      ...(all.length > limit ? [{ kind: 'more', folder, session } as const] : []),
    ];
    return nodes.length > 0 ? nodes : [{ kind: 'empty', folder, session }];
  }

  private inGroup({ folder, group }: GroupNode): Node[] {
    const isNew = (job: Job) => this.source.isNew(job);
    return group.members.map(
      (member): Node => ({
        ...{ kind: 'job', folder, inGroup: true, isNew: isNew(member.job), isPicked: member === group.picked },
        ...member,
      }),
    );
  }

  private jobsOf(node: SessionNode): Job[] {
    const { jobs, finished } = node.session;
    const known = new Set(finished.map((job) => job.job_id));
    const earlier = this.earlier.get(keyOf(node))?.jobs.filter((job) => !known.has(job.job_id)) ?? [];
    return [...inShownOrder(jobs), ...finished, ...earlier];
  }

  private limit(key: string): number {
    return this.earlier.get(key)?.limit ?? shownAtOnce;
  }
}

const idOf = (node: Node | undefined): string => (node ? nodeId(node) : '');

const keyOf = ({ folder, session }: Pick<SessionNode, 'folder' | 'session'>): string =>
  `${folder.workspaceFolder.uri.toString()}|${session.metadata.session_id}`;

function isSame(before: readonly Node[], now: readonly Node[]): boolean {
  return before.length === now.length && before.every((node, i) => node === now[i]);
}
