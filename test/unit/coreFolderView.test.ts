import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job } from '../../src/core/model/job';
import { FolderView } from '../../src/core/store/folderView';
import { appendHistory } from '../../src/core/store/history';
import { writeJson } from '../../src/core/store/jsonFile';
import type { FolderSnapshot } from '../../src/core/store/snapshot';
import { systemClock } from '../../src/core/support/clock';
import { makeJob, someTime } from '../support/coreFixtures';
import { makeRequestContext } from '../support/requestContext';
import { makeTempDir, type TempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

describe('the view of a folder', () => {
  let temp: TempDir;
  let context: Awaited<ReturnType<typeof makeRequestContext>>;
  let view: FolderView;
  const seen: FolderSnapshot[] = [];
  const errors: unknown[] = [];
  beforeEach(async () => {
    temp = await makeTempDir();
    context = await makeRequestContext(temp.path, systemClock);
    // A scan that never comes: what is seen is seen by events.
    const options = { historyLimit: 9, scanEvery: 3_600_000, onError: (error: unknown) => errors.push(error) };
    view = new FolderView(context.layout, context.user, systemClock, options);
    view.onDidChange((snapshot) => seen.push(snapshot));
  });
  afterEach(async () => {
    view.dispose();
    seen.length = 0;
    await temp.remove();
    assert.deepEqual(errors.splice(0), []);
  });

  const write = async (id: string, jobs: Job[] = [], more: object = {}) => {
    const files = context.layout.session(id);
    for (const dir of files.folders) await fs.mkdir(dir, { recursive: true });
    const metadata = { version: '1.0', session_id: id, name: id, created_at: someTime, state: 'ready' };
    await writeJson(files.metadata, { ...metadata, tmux_session: null, agent: 'demo', epoch: 1, ...more });
    await writeJson(files.queue, { version: '1.0', epoch: 1, jobs });
  };
  const ids = (snapshot: FolderSnapshot | undefined) => snapshot?.sessions.map((one) => one.metadata.session_id);
  const jobsOf = (id: string) => {
    const found = view.snapshot?.sessions.find(({ metadata }) => metadata.session_id === id);
    return [...(found?.jobs ?? []), ...(found?.finished ?? [])].map((job) => job.job_id);
  };

  it('shows all sessions, oldest first, and names what it can not read', async () => {
    await write('b', [], { created_at: '2026-11-22T09:00:00.000Z' });
    await write('a', [makeJob('j1', { session_id: 'a' })]);
    await appendHistory(context.layout.session('a'), makeJob('j0', { status: 'failed', finished_at: someTime }), 1);
    await fs.writeFile(path.join(context.layout.active, 'stray'), '');
    await fs.symlink(temp.path, path.join(context.layout.active, 'link'));
    await view.start();
    assert.deepEqual(ids(view.snapshot), ['b', 'a']);
    assert.deepEqual(jobsOf('a'), ['j1', 'j0']);
    assert.equal(view.snapshot?.problems.length, 2);
    for (const name of ['stray', 'link'])
      assert.ok(
        view.snapshot?.problems.some((problem) => problem.includes(path.join(context.layout.active, name))),
        name,
      );
  });

  it('reads of many sessions the finished jobs last, but of one at work at once', async () => {
    for (let i = 0; i < 60; i++) await write(`s-${i}`, i === 7 ? [makeJob('j-live', { session_id: 's-7' })] : []);
    const end = (id: string, job: string) =>
      appendHistory(
        context.layout.session(id),
        makeJob(job, { session_id: id, status: 'completed', finished_at: someTime }),
        1,
      );
    for (let i = 0; i < 60; i++) await end(`s-${i}`, `j-${i}`);
    // It ended, and its queue was not written again.
    await end('s-7', 'j-live');
    const finished = (snapshot: FolderSnapshot) =>
      snapshot.sessions.flatMap((one) => one.finished.map((job) => job.job_id)).sort();
    await view.start();
    assert.deepEqual(
      seen.map((one) => [one.partial, one.sessions.length]),
      [
        ['any', 60],
        [undefined, 60],
      ],
    );
    assert.deepEqual(finished(seen[0]!), ['j-7', 'j-live']);
    assert.equal(finished(seen[1]!).length, 61);
    assert.deepEqual(jobsOf('s-7'), ['j-live', 'j-7']);
    assert.deepEqual(jobsOf('s-8'), ['j-8']);
  });

  it('reads the finished jobs last of those at rest alone, when it is known which are, and history tells', async () => {
    for (let i = 0; i < 60; i++) await write(`s-${i}`);
    const end = (id: string, job: string, finished_at = someTime) =>
      appendHistory(context.layout.session(id), makeJob(job, { session_id: id, status: 'completed', finished_at }), 1);
    for (const i of [1, 2, 3, 4]) await end(`s-${i}`, `j-${i}`);
    await view.start();
    const marks = new Map(view.snapshot!.sessions.map((one) => [one.metadata.session_id, one.historyMark!]));
    assert.equal(marks.size, 60);
    view.dispose();
    seen.length = 0;
    // Since then a job ended, another one in another month, and in a session that had none.
    await end('s-2', 'j-new');
    await end('s-3', 'j-later', `2099-01${someTime.slice(7)}`);
    await end('s-5', 'j-first');
    marks.delete('s-4');
    const options = { historyLimit: 9, scanEvery: 3_600_000, atRest: marks };
    view = new FolderView(context.layout, context.user, systemClock, options);
    view.onDidChange((snapshot) => seen.push(snapshot));
    await view.start();
    const finished = (snapshot: FolderSnapshot) =>
      snapshot.sessions.flatMap((one) => one.finished.map((job) => job.job_id)).sort();
    assert.deepEqual(
      seen.map((one) => [one.partial, one.sessions.length]),
      [
        ['atRest', 60],
        [undefined, 60],
      ],
    );
    assert.deepEqual(finished(seen[0]!), ['j-2', 'j-3', 'j-4', 'j-first', 'j-later', 'j-new']);
    assert.deepEqual(finished(seen[1]!), ['j-1', 'j-2', 'j-3', 'j-4', 'j-first', 'j-later', 'j-new']);
  });

  it('misses nothing that happens between its glance at many sessions and the reading of them', async () => {
    for (let i = 0; i < 60; i++) await write(`s-${i}`);
    await write('s-8', [], { epoch: 2, name: 'newer' });
    const rewrite = (id: string, as: string, more: object) => {
      const of = JSON.parse(readFileSync(context.layout.session(id).metadata, 'utf8'));
      const { dir, metadata } = context.layout.session(as);
      mkdirSync(dir, { recursive: true });
      writeFileSync(metadata, JSON.stringify({ ...of, session_id: as, ...more }));
    };
    writeFileSync(path.join(context.folder.claims, '0000000002.json'), '{}');
    const stop = view.onDidChange((snapshot) => {
      if (!snapshot.partial) return;
      rewrite('s-5', 's-5', { name: 'another' });
      rewrite('s-5', 's-new', { name: 'new' });
      rmSync(context.layout.session('s-6').dir, { recursive: true });
      // A runner that was superseded wakes up.
      rewrite('s-8', 's-8', { epoch: 1, name: 'older' });
    });
    await view.start();
    stop.dispose();
    const names = view.snapshot!.sessions.map(({ metadata }) => metadata.name).sort();
    assert.equal(names.length, 60);
    for (const name of ['another', 'new', 'newer']) assert.ok(names.includes(name), name);
    assert.ok(!names.includes('s-6'));
    // From here on by events.
    await write('s-9', [], { name: 'later' });
    await waitFor(() => view.snapshot!.sessions.some(({ metadata }) => metadata.name === 'later'));
  });

  it('reads all other finished jobs when those of one of many can not be read, and names it', async () => {
    for (let i = 0; i < 60; i++) await write(`s-${i}`);
    const ended = makeJob('j-1', { session_id: 's-1', status: 'completed', finished_at: someTime });
    await appendHistory(context.layout.session('s-1'), ended, 1);
    const { historyDir, dir } = context.layout.session('s-2');
    await fs.rmdir(historyDir);
    await fs.symlink('history', historyDir);
    await view.start();
    assert.equal(view.snapshot?.partial, undefined);
    assert.deepEqual(jobsOf('s-1'), ['j-1']);
    assert.ok(view.snapshot?.problems.some((problem) => problem.includes(dir)));
  });

  it('keeps what has not changed as the same object', async () => {
    for (const id of ['a', 'b', 'c']) await write(id);
    await view.start();
    const before = view.snapshot!.sessions;
    await write('b', [makeJob('j1', { session_id: 'b' })]);
    await waitFor(() => jobsOf('b').length === 1, { timeout: 30_000, what: 'the job of b' });
    const after = view.snapshot!.sessions;
    assert.deepEqual(
      after.map((one, i) => one === before[i]),
      [true, false, true],
    );
    assert.equal(view.snapshot!.standing, seen[0]!.standing);
    const count = seen.length;
    await view.refresh();
    assert.equal(seen.length, count, 'nothing is told again');
    assert.equal(view.snapshot!.sessions, after);
  });

  it('sees sessions that come and go, and what is written into one that came', async () => {
    await view.start();
    assert.deepEqual(ids(view.snapshot), []);
    await write('new');
    await waitFor(() => ids(view.snapshot)?.length === 1, { timeout: 30_000, what: 'the new session' });
    await write('new', [makeJob('j1', { session_id: 'new' })]);
    await waitFor(() => jobsOf('new').length === 1, { timeout: 30_000, what: 'its job' });
    await fs.rename(context.layout.session('new').dir, path.join(context.layout.deleted, 'new'));
    await waitFor(() => ids(view.snapshot)?.length === 0, { timeout: 30_000, what: 'the session to go' });
  });

  it('reads at a refresh what no event told of, of many sessions in turn', async () => {
    const many = Array.from({ length: 60 }, (_, i) => `s-${String(i).padStart(2, '0')}`);
    for (const id of many) await write(id);
    await view.start();
    const told = seen.length;
    // As with a file system that gives no events: the history's folder is not watched.
    for (const id of many) {
      const ended = makeJob(`j-${id}`, { session_id: id, status: 'completed', finished_at: someTime });
      await appendHistory(context.layout.session(id), ended, 1);
    }
    await view.refresh();
    assert.equal(many.filter((id) => jobsOf(id).length === 1).length, 50);
    await view.refresh();
    assert.equal(many.filter((id) => jobsOf(id).length === 1).length, 60);
    assert.equal(seen.length, told + 2);
  });
});
