import type { CourierFolder } from './courierFolder';
import { groupsOf } from './jobGroups';
import { dialogNodes, isForeign, type Node, ownDialog } from './nodes';
import type { Finding } from './setupChecks';

/** With more sessions than this in a folder they are closed at first: nobody looks for one among the jobs of all others. */
export const mostOpen = 20;

/**
 * What stands at the top. With no session in any folder it is what the setup lacks, and how to begin all the same; nothing when
 * all is well, so that the view shows its welcome.
 */
export function rootsOf(all: readonly CourierFolder[], findings: readonly Finding[], now: number): Node[] {
  const empty = ({ sessions, unmanaged, lastSeen }: CourierFolder) =>
    sessions.length + unmanaged.length + lastSeen.length === 0;
  if (all.every(empty)) return all.length > 0 ? lackNodes(all, findings) : [];
  const first = all[0];
  const nodes: Node[] =
    all.length === 1 && first ? inFolder(first, now) : all.map((folder) => ({ kind: 'folder', folder }));
  // What is unmanaged keeps the welcome away, which says how to begin.
  return all.every(({ sessions, lastSeen }) => sessions.length + lastSeen.length === 0)
    ? [...nodes, ...startNodes()]
    : nodes;
}

/** What stands below a folder, or at the top when it is the only one. */
export function inFolder(folder: CourierFolder, now: number): Node[] {
  if (folder.lastSeen.length > 0) return folder.lastSeen.map((last): Node => ({ kind: 'lastSeen', folder, ...last }));
  const standing = folder.snapshot?.standing;
  const open = folder.sessions.length <= mostOpen;
  const sessions = folder.sessions.map((session): Node => ({ kind: 'session', folder, session, open }));
  const unmanaged = folder.unmanaged.map((tmux): Node => ({ kind: 'unmanaged', folder, tmux }));
  const foreign: Node[] = standing?.kind === 'foreign' ? [{ kind: 'foreign', folder, why: standing.why }] : [];
  const groups = isForeign(folder) ? [] : groupsOf(folder, now);
  const sent = groups.map((group): Node => ({ kind: 'group', folder, group, open: group.live.length > 0 }));
  return [...foreign, ...sent, ...sessions, ...unmanaged];
}

/** A question and its choices below the fresh job that asks. */
export function inJob({ folder, job }: Extract<Node, { kind: 'job' }>): Node[] {
  const waiting = isForeign(folder) ? undefined : ownDialog(job);
  return waiting ? dialogNodes(folder, job.job_id, waiting) : [];
}

/** The welcome itself says what to do with a folder that is not adopted, and on Windows. */
const toldByWelcome = new Set(['adopted', 'platform']);

function lackNodes(all: readonly CourierFolder[], findings: readonly Finding[]): Node[] {
  if (findings.every(({ check }) => toldByWelcome.has(check.id))) return [];
  const lacks = findings.map((finding): Node => {
    const folder = all.find(({ layout }) => layout.workspace === finding.workspace);
    return { kind: 'setup', folder, finding };
  });
  return [...lacks, ...startNodes()];
}

function startNodes(): Node[] {
  return (['newSession', 'tryDemo', 'getStarted'] as const).map(
    (start): Node => ({ kind: 'start', folder: undefined, start }),
  );
}
