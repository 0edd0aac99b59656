import type { Job } from '../core/model/job';
import type { RunnerInfo } from '../core/runner/claims';
import type { DeletedSession } from '../core/store/deletedSessions';
import type { FolderSnapshot, SessionView } from '../core/store/snapshot';
import type { Context } from './context';
import { allWaiting } from './findWaiting';
import { commandFor, describeJob, table } from './print';
import { dialogLines } from './progress';

/** How many finished jobs of a session a person is shown. */
const finishedShown = 3;

type Shown = Pick<FolderSnapshot, 'runner' | 'sessions'> & Partial<Pick<FolderSnapshot, 'unmanaged'>>;

/** What `courier status --json` prints. A field may be added within a version; changing or removing one makes a new version. */
export function statusJson({ runner, sessions, unmanaged = [] }: Shown) {
  return {
    version: '1.0',
    runner,
    sessions: sessions.map(({ metadata, jobs }) => ({
      session_id: metadata.session_id,
      name: metadata.name,
      state: metadata.state,
      agent: metadata.agent,
      tmux_session: metadata.tmux_session,
      ...(metadata.waiting ? { waiting: metadata.waiting } : {}),
      ...(metadata.message ? { message: metadata.message } : {}),
      ...(metadata.paused_at ? { paused_at: metadata.paused_at } : {}),
      ...(metadata.notice ? { notice: metadata.notice } : {}),
      jobs,
    })),
    unmanaged: unmanaged.map(({ name, attached, created_at }) => ({ name, attached, created_at })),
  };
}

/** What `courier status` prints for a person. `unread` is how many requests stand in the inbox. */
export function statusLines(context: Pick<Context, 'dir'>, snapshot: Shown, unread: number): string[] {
  const { runner, sessions, unmanaged = [] } = snapshot;
  const lines = [`runner: ${runner ? runnerWords(runner) : 'none is alive'}`];
  if (unread > 0) lines.push(`inbox: ${unread} not read yet`);
  if (sessions.length === 0) lines.push('no sessions');
  for (const session of sessions) lines.push('', ...sessionLines(session));
  if (unmanaged.length > 0) lines.push('', 'unmanaged, on the same tmux server:');
  for (const { name } of unmanaged) lines.push(`  ${name}    end it: ${commandFor(context, 'kill', name, '--yes')}`);
  for (const { target, waiting } of allWaiting(snapshot)) lines.push('', ...dialogLines(context, target, waiting));
  return lines;
}

/** The deleted sessions, if they were asked for. */
export function deletedLines(deleted: readonly DeletedSession[] | undefined): string[] {
  if (!deleted) return [];
  if (deleted.length === 0) return ['', 'no deleted sessions'];
  const rows = deleted.map(({ folder, name, agent, deleted_at, jobs }) => [
    folder,
    deleted_at,
    `"${name}" (${agent}), ${jobs} ${jobs === 1 ? 'job' : 'jobs'}`,
  ]);
  return ['', 'deleted:', ...table(rows).map((line) => `  ${line}`)];
}

function runnerWords({ kind, pid, host }: RunnerInfo): string {
  if (kind === null || pid === null) return 'one is alive, of another version of Tmux Courier';
  return `${kind}, process ${pid} on ${host}`;
}

function sessionLines({ metadata, jobs, finished }: SessionView): string[] {
  const { session_id, name, agent, state, message, notice, paused_at } = metadata;
  const title = name === session_id ? session_id : `${session_id} "${name}"`;
  const rows = [...jobs, ...finished.slice(0, finishedShown)].map(jobRow);
  return [
    `${title}: ${state}${paused_at ? ', paused' : ''} (${agent})${message ? `: ${message}` : ''}`,
    ...(notice ? [`  ${notice}`] : []),
    ...table(rows).map((line) => `  ${line}`),
  ];
}

function jobRow(job: Job): string[] {
  const time = job.finished_at ?? job.started_at ?? job.created_at;
  const oneLine = describeJob(job).replace(/\s+/g, ' ').slice(0, 200);
  return [job.job_id, time, job.mode === 'fresh' ? `${oneLine}, fresh` : oneLine];
}
