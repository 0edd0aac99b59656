import { isFinal, type Job } from '../core/model/job';
import type { SessionView } from '../core/store/snapshot';
import type { CourierFolder } from './courierFolder';

/** A job with the session that it stands in. */
export interface GroupMember {
  session: SessionView;
  job: Job;
}

/** One prompt that was sent to several sessions. A job that was run again stands for the one before it. */
export interface JobGroup {
  id: string;
  members: readonly GroupMember[];
  live: readonly GroupMember[];
  answers: readonly GroupMember[];
  failed: readonly GroupMember[];
  /** The one whose answer a person picked last. */
  picked?: GroupMember;
}

/** So many groups that have ended are shown, and none that began longer ago. */
const mostEnded = 5;
const shownForMs = 24 * 3600 * 1000;

/** By session as it was read, since a tree of a thousand is looked at with each change of one. */
const grouped = new WeakMap<SessionView, readonly GroupMember[]>();

function membersIn(session: SessionView): readonly GroupMember[] {
  const known = grouped.get(session);
  if (known) return known;
  const jobs = [...session.jobs, ...session.finished].filter((job) => job.group_id !== undefined);
  const members = jobs.map((job) => ({ session, job }));
  grouped.set(session, members);
  return members;
}

/** The groups of a folder that are shown, newest first: those with live jobs, and the last few that have ended. */
export function groupsOf(folder: Pick<CourierFolder, 'sessions'>, now: number): JobGroup[] {
  const began = ({ members }: JobGroup) => members[0]?.job.created_at ?? '';
  const all = allGroups(folder).sort((a, b) => began(b).localeCompare(began(a)));
  const recent = all.filter((one) => one.live.length === 0 && now - Date.parse(began(one)) < shownForMs);
  const ended = new Set(recent.slice(0, mostEnded));
  return all.filter((one) => one.live.length > 0 || ended.has(one));
}

/** A group as it stands now, shown or not. */
export function groupOf(folder: Pick<CourierFolder, 'sessions'>, id: string): JobGroup | undefined {
  const members = folder.sessions.flatMap(membersIn).filter(({ job }) => job.group_id === id);
  return members.length > 0 ? groupFrom(id, members) : undefined;
}

/** Several files that were sent to one session are of one group, too, and no choice between answers. */
function allGroups({ sessions }: Pick<CourierFolder, 'sessions'>): JobGroup[] {
  const byId = new Map<string, GroupMember[]>();
  for (const member of sessions.flatMap(membersIn)) {
    const { group_id: id = '' } = member.job;
    byId.set(id, [...(byId.get(id) ?? []), member]);
  }
  return [...byId]
    .filter(([, members]) => new Set(members.map(({ job }) => job.session_id)).size > 1)
    .map(([id, members]) => groupFrom(id, members));
}

function groupFrom(id: string, all: readonly GroupMember[]): JobGroup {
  const again = new Set(all.map(({ job }) => job.retry_of));
  const members = all
    .filter(({ job }) => !again.has(job.job_id))
    .sort((a, b) => a.job.created_at.localeCompare(b.job.created_at) || a.job.job_id.localeCompare(b.job.job_id));
  const of = (...statuses: Job['status'][]) => members.filter(({ job }) => statuses.includes(job.status));
  const live = members.filter(({ job }) => !isFinal(job.status));
  const answers = of('completed');
  const [picked] = answers
    .filter(({ job }) => job.picked_at !== undefined)
    .sort((a, b) => b.job.picked_at!.localeCompare(a.job.picked_at!));
  return { id, members, live, answers, failed: of('failed', 'timeout'), picked };
}
