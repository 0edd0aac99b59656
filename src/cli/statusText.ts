import type { Job } from '../core/model/job';
import type { FolderSnapshot, SessionView } from '../core/store/snapshot';
import type { Context } from './context';
import { allWaiting } from './findWaiting';
import { describeJob, table } from './print';
import { dialogLines } from './progress';

/** How many finished jobs of a session a person is shown. */
const finishedShown = 3;

/** What `courier status --json` prints. A field may be added within a version; changing or removing one makes a new version. */
export function statusJson({ runner, sessions }: Pick<FolderSnapshot, 'runner' | 'sessions'>) {
  return {
    version: '1.0',
    runner: runner && { pid: runner.pid, kind: runner.kind, epoch: runner.epoch, host: runner.host },
    sessions: sessions.map(({ metadata, jobs }) => ({
      session_id: metadata.session_id,
      name: metadata.name,
      state: metadata.state,
      agent: metadata.agent,
      tmux_session: metadata.tmux_session,
      ...(metadata.waiting ? { waiting: metadata.waiting } : {}),
      jobs,
    })),
  };
}

/** What `courier status` prints for a person. `unread` is how many requests stand in the inbox. */
export function statusLines(
  context: Pick<Context, 'dir'>,
  snapshot: Pick<FolderSnapshot, 'runner' | 'sessions'>,
  unread: number,
): string[] {
  const { runner, sessions } = snapshot;
  const lines = [runner ? `runner: ${runner.kind}, process ${runner.pid} on ${runner.host}` : 'runner: none is alive'];
  if (unread > 0) lines.push(`inbox: ${unread} not read yet`);
  if (sessions.length === 0) lines.push('no sessions');
  for (const session of sessions) lines.push('', ...sessionLines(session));
  for (const { target, waiting } of allWaiting(snapshot)) lines.push('', ...dialogLines(context, target, waiting));
  return lines;
}

function sessionLines({ metadata, jobs, finished }: SessionView): string[] {
  const { session_id, name, agent, state, message } = metadata;
  const title = name === session_id ? session_id : `${session_id} "${name}"`;
  const rows = [...jobs, ...finished.slice(0, finishedShown)].map(jobRow);
  return [`${title}: ${state} (${agent})${message ? `: ${message}` : ''}`, ...table(rows).map((line) => `  ${line}`)];
}

function jobRow(job: Job): string[] {
  const time = job.finished_at ?? job.started_at ?? job.created_at;
  const oneLine = describeJob(job).replace(/\s+/g, ' ').slice(0, 200);
  return [job.job_id, time, job.mode === 'fresh' ? `${oneLine}, fresh` : oneLine];
}
