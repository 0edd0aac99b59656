import * as v from 'valibot';
import type { Job } from '../../src/core/model/job';
import type { SessionState } from '../../src/core/model/session';
import { Layout } from '../../src/core/store/layout';
import { Settings } from '../../src/core/store/settings';
import type { SessionView } from '../../src/core/store/snapshot';
import type { CourierFolder } from '../../src/ui/courierFolder';
import type { TreeSource } from '../../src/ui/treeModel';
import { makeJob, someTime } from './coreFixtures';

/** A question as a session shows it. */
export const someDialog = {
  dialog_id: 'd1',
  kind: 'trust' as const,
  text: ' Do you trust the files in this folder?\n ❯ 1. Yes, proceed\n   2. No, exit',
  choices: [
    { id: 'yes', label: 'Yes, proceed' },
    { id: 'no', label: 'No, exit' },
  ],
};

/** The time at which a test's tree is looked at: two minutes and ten seconds after `someTime`. */
export const someNow = Date.parse(someTime) + 130_000;

/** A job with the times that its status has. */
export function treeJob(id: string, status: Job['status'], more: Partial<Job> = {}): Job {
  const started = status === 'pending' || status === 'paused' ? {} : { started_at: someTime };
  const at = new Date(Date.parse(someTime) + 12_000).toISOString();
  const ended = ['completed', 'failed', 'timeout', 'cancelled'].includes(status) ? { finished_at: at } : {};
  return makeJob(id, { status, ...started, ...ended, ...more });
}

/** A session of this state with its jobs, live ones in queue order, finished ones newest first. */
export function treeSession(
  state: SessionState,
  jobs: Job[] = [],
  finished: Job[] = [],
  more: Partial<SessionView['metadata']> = {},
): SessionView {
  const metadata = {
    version: '1.0' as const,
    session_id: 'main',
    name: more.session_id ?? 'main',
    created_at: someTime,
    state,
    tmux_session: 'courier_main',
    agent: 'demo',
    epoch: 1,
    ...(state === 'waiting' ? { waiting: someDialog } : {}),
    ...more,
  };
  return { metadata, jobs, finished };
}

/** As much of a folder as the tree looks at. */
export function treeFolder(
  name: string,
  sessions: readonly SessionView[],
  kind: 'own' | 'foreign' = 'own',
): CourierFolder & { sessions: readonly SessionView[]; listed: readonly SessionView[] } {
  const workspace = `/home/dev/${name}`;
  const standing = kind === 'own' ? { kind } : { kind, why: 'it came with a clone' };
  const shape = {
    name,
    sessions,
    listed: sessions,
    unmanaged: [],
    lastSeen: [],
    layout: new Layout(workspace),
    settings: v.parse(Settings, { version: '1.0' }),
    workspaceFolder: { uri: `file://${workspace}`, name, index: 0 },
    snapshot: { standing, sessions },
  };
  return shape as never;
}

/** Puts another state of its sessions into such a folder. */
export function retell(folder: CourierFolder, sessions: readonly SessionView[]): void {
  Object.assign(folder, { sessions, listed: sessions, snapshot: { ...folder.snapshot, sessions } });
}

/** What a tree over these folders is made from. */
export function treeSource(...folders: CourierFolder[]): TreeSource & { new: Set<string>; time: number } {
  const source = {
    new: new Set<string>(),
    time: someNow,
    folders: () => folders,
    findings: () => [],
    isNew: (job: Job) => source.new.has(job.job_id),
    now: () => source.time,
  };
  return source;
}
