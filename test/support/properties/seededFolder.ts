import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job } from '../../../src/core/model/job';
import type { Health, SessionMetadata } from '../../../src/core/model/session';
import { appendHistory } from '../../../src/core/store/history';
import type { SessionLayout } from '../../../src/core/store/layout';
import type { QueueFile } from '../../../src/core/store/queueFile';
import { systemClock } from '../../../src/core/support/clock';
import { makeJob, someTime } from '../coreFixtures';
import { makeRequestContext } from '../requestContext';
import { makeFastDir } from './property';

/** A session's state files with as many of their fields as there are. */
export const stateFiles = {
  metadata: {
    ...{ version: '1.0', session_id: 'main', name: 'Main', created_at: someTime, state: 'waiting', agent: 'demo' },
    ...{ tmux_session: 'courier_main', conversation_id: '4f9f0e4c-3f61-4c3b-8a2c-6f0a3b0f2f11', epoch: 3 },
    waiting: { dialog_id: 'd1', kind: 'permission', text: 'May it?', choices: [{ id: 'yes', label: 'Yes' }] },
    ...{ ready_at: someTime, message: 'm', notice: 'n', updated_at: someTime, cleaned_until: someTime },
    paused_at: someTime,
  } satisfies SessionMetadata,
  health: {
    ...{ version: '1.0', state: 'lost', tmux_active: false, claude_ready: false, last_probe: someTime, error_count: 2 },
    ...{ error: 'e', action: 'restart_tmux', reason: 'r', recoveries: [someTime], epoch: 3 },
  } satisfies Health,
  queue: {
    version: '1.0',
    epoch: 3,
    jobs: [
      makeJob('j-sent', { status: 'running', phase: 'sending', attempts: 1, launch_id: 'l-1', started_at: someTime }),
      makeJob('j-next', {
        ...{ title: 'next', timeout_s: 9, prompt_mtime_ns: '1795341600000000000', group_id: 'g-1' },
        ...{ follows: 'j-sent', moving_to: 'other' },
      }),
      makeJob('j-later', { status: 'paused', mode: 'fresh', source: { path: 'src/a.ts', start_line: 1, end_line: 2 } }),
    ] as Job[],
  } satisfies QueueFile,
} as const;
export type StateKind = keyof typeof stateFiles;

/** A runner's context on a folder with two sessions: `main`, whose files are to be spoilt, and `other`, which none of that may touch. */
export class SeededFolder {
  private constructor(
    readonly context: Awaited<ReturnType<typeof makeRequestContext>>,
    private readonly removeAll: () => Promise<void>,
  ) {}

  static async make(): Promise<SeededFolder> {
    const { path: root, remove } = await makeFastDir();
    const context = await makeRequestContext(root, systemClock);
    context.epoch = 5;
    return new SeededFolder(context, remove);
  }

  get main(): SessionLayout {
    return this.context.layout.session('main');
  }

  get other(): SessionLayout {
    return this.context.layout.session('other');
  }

  /** Puts both sessions there as if nobody had read them yet. */
  async seed(): Promise<void> {
    const { layout, sessions, logged } = this.context;
    sessions.clear();
    logged.length = 0;
    for (const dir of [layout.active, layout.deleted]) {
      await fs.rm(dir, { recursive: true, force: true });
      await fs.mkdir(dir);
    }
    for (const files of [this.main, this.other]) {
      const id = path.basename(files.dir);
      for (const dir of files.folders) await fs.mkdir(dir, { recursive: true });
      const jobs = stateFiles.queue.jobs.map((job) => makeJob(job.job_id, { ...job, session_id: id }));
      const own = id === 'main' ? jobs : [makeJob('j-other', { session_id: id })];
      await fs.writeFile(files.metadata, JSON.stringify({ ...stateFiles.metadata, session_id: id }));
      await fs.writeFile(files.queue, JSON.stringify({ ...stateFiles.queue, jobs: own }));
      await fs.writeFile(files.health, JSON.stringify(stateFiles.health));
      const done = makeJob(`j-done-${id}`, { session_id: id, status: 'completed', finished_at: someTime });
      await appendHistory(files, done, 3);
    }
  }

  async remove(): Promise<void> {
    await Promise.all([...this.context.sessions.values()].map((session) => session.flush().catch(() => undefined)));
    await this.removeAll();
  }
}

/** Whether a folder holds a file of these very bytes, under whatever name; that name. */
export async function whereKept(dir: string, bytes: Buffer): Promise<string | undefined> {
  for (const name of (await fs.readdir(dir)).filter((one) => one.includes('.json'))) {
    const file = path.join(dir, name);
    if ((await fs.lstat(file)).isFile() && (await fs.readFile(file)).equals(bytes)) return file;
  }
  return undefined;
}
