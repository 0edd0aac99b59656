import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job } from '../../src/core/model/job';
import { createClaim } from '../../src/core/runner/claims';
import { loadSessions } from '../../src/core/runner/loadSessions';
import { CoalescedFile } from '../../src/core/store/coalescedFile';
import { FolderView } from '../../src/core/store/folderView';
import { appendHistory, endEpoch, findInHistory, readHistory } from '../../src/core/store/history';
import { readJson, writeJson } from '../../src/core/store/jsonFile';
import type { SessionLayout } from '../../src/core/store/layout';
import { QueueFile } from '../../src/core/store/queueFile';
import { findJob, readSnapshot } from '../../src/core/store/snapshot';
import { StateReader } from '../../src/core/store/stateReader';
import { CourierError } from '../../src/core/support/errors';
import { ownIdentity } from '../../src/core/support/processIdentity';
import { makeJob, someTime } from '../support/coreFixtures';
import { FakeClock } from '../support/fakeClock';
import { makeRequestContext } from '../support/requestContext';
import { makeTempDir, type TempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

const ended = (id: string, message: string) => makeJob(id, { status: 'completed', finished_at: someTime, message });
const superseded = () => new CourierError('superseded', 'Another has taken it over.');

describe('what a superseded runner wrote', () => {
  let temp: TempDir;
  let context: Awaited<ReturnType<typeof makeRequestContext>>;
  let files: SessionLayout;
  beforeEach(async () => {
    temp = await makeTempDir();
    context = await makeRequestContext(temp.path, new FakeClock());
    context.epoch = 2;
    files = context.layout.session('main');
    for (const dir of files.folders) await fs.mkdir(dir, { recursive: true });
  });
  afterEach(() => temp.remove());

  const stateOf = async (epoch: number, jobs: Job[], more: object = {}) => {
    const metadata = { version: '1.0', session_id: 'main', name: 'main', created_at: someTime, state: 'ready' };
    await writeJson(files.metadata, { ...metadata, tmux_session: null, agent: 'demo', epoch, ...more });
    await writeJson(files.queue, { version: '1.0', epoch, jobs });
  };
  const snapshot = async (states?: StateReader) => {
    const { sessions } = await readSnapshot(context.layout, context.user, context.clock, { historyLimit: 9 }, states);
    const { jobs, finished, metadata } = sessions[0]!;
    return { live: jobs.map((job) => job.job_id), ended: finished.map((job) => job.message), name: metadata.name };
  };

  it('of several ends of a job the highest epoch counts, then the newest, wherever it stands', async () => {
    await stateOf(2, []);
    for (const [message, epoch] of [
      ['by 1', 1],
      ['by 2, first', 2],
      ['by 2, again', 2],
      ['by 1, late', 1],
    ] as const)
      await appendHistory(files, ended('a', message), epoch);
    for (let n = 0; n < 3; n++) await appendHistory(files, ended(`b${n}`, `b${n}`), 2);
    await appendHistory(files, ended('a', 'by 1, much later'), 1);
    for (const limit of [1, 2, 9]) {
      const a = (await readHistory(files, limit)).find((job) => job.job_id === 'a');
      assert.equal(a?.message, 'by 2, again', `the newest ${limit}`);
    }
    assert.equal((await findInHistory(files, 'a'))?.message, 'by 2, again');
    assert.equal((await findJob(context.layout, 'a'))?.message, 'by 2, again');
    assert.deepEqual((await snapshot()).ended.sort(), ['b0', 'b1', 'b2', 'by 2, again']);
  });

  it('a line of version 0.1.0, which tells no epoch, is believed', async () => {
    await stateOf(2, [makeJob('a')]);
    const line = (job: Job) => fs.appendFile(files.historyFile(someTime), `${JSON.stringify(job)}\n`);
    await line(ended('a', 'old'));
    assert.deepEqual(await snapshot(), { live: [], ended: ['old'], name: 'main' });
    assert.equal(endEpoch((await findInHistory(files, 'a'))!), Number.POSITIVE_INFINITY);
  });

  it('ends no job that a newer queue holds, for readers and for the next runner', async () => {
    await stateOf(2, [makeJob('a'), makeJob('b')]);
    await appendHistory(files, ended('a', 'late'), 1);
    await appendHistory(files, ended('b', 'right'), 2);
    assert.deepEqual(await snapshot(), { live: ['a'], ended: ['right'], name: 'main' });
    assert.equal((await findJob(context.layout, 'a'))?.status, 'pending');
    assert.equal((await findJob(context.layout, 'b'))?.status, 'completed');
    context.epoch = 3;
    await loadSessions(context);
    const session = context.sessions.get('main')!;
    assert.deepEqual(
      session.jobs.map((job) => job.job_id),
      ['a'],
    );
    await session.flush();
    await appendHistory(files, ended('a', 'by 2, which sleeps'), 2);
    assert.deepEqual((await snapshot()).live, ['a'], "the queue is the new owner's from its start");
    await session.keepEnd(ended('a', 'by 3'));
    session.removeJob('a');
    await session.flush();
    assert.deepEqual(await snapshot(), { live: [], ended: ['by 3', 'right'], name: 'main' });
  });

  it('an epoch in the queue that no runner has had ends the belief in no history', async () => {
    await stateOf(999, [makeJob('a')]);
    await appendHistory(files, ended('a', 'done'), 1);
    await loadSessions(context);
    assert.deepEqual(context.sessions.get('main')!.jobs, []);
  });

  it("is passed over by who follows the files, and not when the newer one was no runner's", async () => {
    let claimed = 2;
    const states = new StateReader(async () => claimed);
    await stateOf(2, [makeJob('a')], { name: 'by 2' });
    const right = { live: ['a'], ended: [], name: 'by 2' };
    assert.deepEqual(await snapshot(states), right);
    await stateOf(1, [], { name: 'by 1' });
    assert.deepEqual(await snapshot(states), right);
    assert.deepEqual(await snapshot(states), right, 'nor at the next look');
    assert.equal((await findJob(context.layout, 'a', 'main', 9, states))?.job_id, 'a');
    await stateOf(3, [], { name: 'by 3' });
    claimed = 3;
    assert.equal((await snapshot(states)).name, 'by 3');
    await stateOf(999, [], { name: 'forged' });
    await snapshot(states);
    await stateOf(3, [], { name: 'by 3' });
    assert.equal((await snapshot(states)).name, 'by 3');
  });

  it("is passed over by a window's view", async () => {
    const { folder, clock, layout, user } = context;
    const process = await ownIdentity();
    for (const epoch of [1, 2]) await createClaim(folder, { epoch, kind: 'cli', program_version: 't', process }, clock);
    const view = new FolderView(layout, user, clock, { historyLimit: 9, scanEvery: 1000 });
    try {
      await stateOf(2, [makeJob('a')], { name: 'by 2' });
      await view.start();
      await stateOf(1, [], { name: 'by 1' });
      await view.refresh();
      const [session] = view.snapshot!.sessions;
      assert.deepEqual([session!.metadata.name, session!.jobs.length], ['by 2', 1]);
    } finally {
      view.dispose();
    }
  });

  it('in the middle of a write finds nothing to put in place: the successor took it away before it read', async () => {
    await stateOf(1, []);
    // With all of its files there, the successor writes none at first.
    const health = { version: '1.0', state: 'ready', tmux_active: true, claude_ready: true, last_probe: null };
    await writeJson(files.health, { ...health, error_count: 0, epoch: 1 });
    let taken = false;
    let release = () => {};
    let asked = 0;
    const errors: unknown[] = [];
    const guard = async () => {
      if (taken) throw superseded();
      asked++;
      // Stopped right after it found itself to be the owner.
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    };
    const old = new CoalescedFile<QueueFile>(files.queue, context.clock, guard, (error) => errors.push(error));
    old.set({ version: '1.0', epoch: 1, jobs: [makeJob('stale')] });
    await waitFor(() => asked === 1, { what: 'a write that is under way' });
    const temporary = async () => (await fs.readdir(files.dir)).filter((name) => name.startsWith('job_queue.json.'));
    assert.equal((await temporary()).length, 1);
    taken = true;
    await loadSessions(context);
    release();
    await assert.rejects(old.flush(), { code: 'superseded' });
    assert.equal((errors[0] as CourierError).code, 'superseded');
    const jobs = async () => {
      const read = await readJson(QueueFile, files.queue);
      return read.kind === 'ok' && [read.value.epoch, read.value.jobs.length];
    };
    assert.deepEqual(await jobs(), [1, 0]);
    await context.sessions.get('main')!.checkFiles();
    await context.sessions.get('main')!.flush();
    assert.deepEqual(await jobs(), [2, 0]);
    assert.deepEqual(await temporary(), []);
  });

  it('is written over: the owner writes its files again when they are not as it left them', async () => {
    await stateOf(1, [makeJob('a')], { name: 'right' });
    await loadSessions(context);
    const session = context.sessions.get('main')!;
    const mended = async () => {
      await session.checkFiles();
      await session.flush();
      const texts = await Promise.all(
        [files.metadata, files.queue, files.health].map((file) => fs.readFile(file, 'utf8')),
      );
      const [metadata, queue, health] = texts.map((text) => JSON.parse(text));
      assert.deepEqual(
        [metadata.epoch, metadata.name, queue.epoch, queue.jobs[0].job_id, health.epoch],
        [2, 'right', 2, 'a', 2],
      );
      return fs.stat(files.queue);
    };
    const first = await mended();
    assert.equal((await mended()).ino, first.ino, 'and not when they are');
    await stateOf(1, [], { name: 'wrong' });
    await mended();
    await fs.appendFile(files.metadata, '\n');
    await fs.rm(files.health);
    await fs.rm(files.queue);
    await mended();
    await fs.rm(files.dir, { recursive: true });
    await mended();
    await fs.rm(context.layout.root, { recursive: true });
    await session.checkFiles();
    await session.flush();
    await assert.rejects(
      fs.stat(context.layout.root),
      { code: 'ENOENT' },
      'what a person removed as a whole stays away',
    );
  });

  it('a write that failed is tried again with the next look', async () => {
    await stateOf(1, [makeJob('a')]);
    await loadSessions(context);
    const session = context.sessions.get('main')!;
    await session.flush();
    await fs.rm(files.queue);
    await fs.mkdir(path.join(files.queue, 'in-the-way'), { recursive: true });
    session.updateJob('a', { status: 'paused' });
    await assert.rejects(session.flushQueue());
    await fs.rm(files.queue, { recursive: true });
    await session.checkFiles();
    await session.flush();
    const read = await readJson(QueueFile, files.queue);
    assert.ok(read.kind === 'ok' && read.value.jobs[0]?.status === 'paused');
  });
});

describe('appending', () => {
  let temp: TempDir;
  let context: Awaited<ReturnType<typeof makeRequestContext>>;
  beforeEach(async () => {
    temp = await makeTempDir();
    context = await makeRequestContext(temp.path, new FakeClock());
  });
  afterEach(() => temp.remove());

  it('follows no link and waits for no pipe: what stands there is set aside', async () => {
    const files = context.layout.session('main');
    for (const dir of files.folders) await fs.mkdir(dir, { recursive: true });
    const month = files.historyFile(someTime);
    const target = path.join(temp.path, 'mine');
    await fs.writeFile(target, 'mine');
    const put: Record<string, () => Promise<unknown>> = {
      'a link': () => fs.symlink(target, month),
      'a link to nothing': () => fs.symlink(path.join(temp.path, 'nothing'), month),
      'a folder': () => fs.mkdir(month),
      'a pipe': async () => execFileSync('mkfifo', [month]),
    };
    for (const [what, make] of Object.entries(put)) {
      await make();
      const before = await fs.lstat(month);
      assert.deepEqual(await readHistory(files, 9), [], what);
      const job = makeJob('a', { status: 'completed', finished_at: someTime });
      const aside = await appendHistory(files, job, 1);
      assert.equal((await fs.lstat(aside!)).ino, before.ino, what);
      assert.equal((await readHistory(files, 9)).length, 1, what);
      await fs.rm(aside!, { recursive: true });
      await fs.rm(month);
    }
    assert.equal(await fs.readFile(target, 'utf8'), 'mine');
    assert.deepEqual((await fs.readdir(temp.path)).includes('nothing'), false);
  });

  it("a session's log follows none either, and says so", async () => {
    const files = context.layout.session('main');
    for (const dir of files.folders) await fs.mkdir(dir, { recursive: true });
    await writeJson(files.queue, { version: '1.0', epoch: 1, jobs: [] });
    await loadSessions(context);
    const target = path.join(temp.path, 'mine');
    await fs.writeFile(target, 'mine');
    await fs.symlink(target, files.log);
    const session = context.sessions.get('main')!;
    session.log('info', 'a line');
    await session.flush();
    assert.equal(await fs.readFile(target, 'utf8'), 'mine');
    assert.match(await fs.readFile(files.log, 'utf8'), /a line\n$/);
    assert.ok(context.logged.some((message) => message.includes('no regular file')));
  });
});
