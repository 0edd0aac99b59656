import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job } from '../../src/core/model/job';
import { createFolder } from '../../src/core/store/folder';
import { appendHistory, findInHistory, readHistory, readHistoryNow } from '../../src/core/store/history';
import { writeJson } from '../../src/core/store/jsonFile';
import { Layout, type SessionLayout } from '../../src/core/store/layout';
import { appendPicked } from '../../src/core/store/picked';
import { findJob, readSnapshot } from '../../src/core/store/snapshot';
import { UserState } from '../../src/core/store/userState';
import { makeJob, someTime } from '../support/coreFixtures';
import { FakeClock } from '../support/fakeClock';
import { makeTempDir, type TempDir } from '../support/tempDir';

const ids = (jobs: Job[]) => jobs.map((job) => job.job_id);
const ended = (id: string, more: Partial<Job> = {}) =>
  makeJob(id, { status: 'completed', finished_at: someTime, ...more });

describe('history', () => {
  let temp: TempDir;
  let layout: Layout;
  let files: SessionLayout;
  let month: string;
  beforeEach(async () => {
    temp = await makeTempDir();
    layout = new Layout(temp.path);
    files = layout.session('main');
    month = files.historyFile(someTime);
    for (const dir of files.folders) await fs.mkdir(dir, { recursive: true });
  });
  afterEach(() => temp.remove());

  it('gives the newest first, over months, and stops at the limit', async () => {
    for (const [id, finished_at] of [
      ['a', '2026-09-30T23:59:59.999Z'],
      ['b', '2026-10-01T00:00:00.000Z'],
      ['c', '2026-11-01T00:00:00.000Z'],
      ['d', '2026-11-02T00:00:00.000Z'],
    ] as const)
      await appendHistory(files, ended(id, { finished_at }), 1);
    assert.deepEqual(ids(await readHistory(files, 10)), ['d', 'c', 'b', 'a']);
    assert.deepEqual(ids(await readHistory(files, 3)), ['d', 'c', 'b']);
    assert.equal((await findInHistory(files, 'a'))?.job_id, 'a');
    assert.equal(await findInHistory(files, 'x'), undefined);
    assert.equal((await fs.stat(month)).mode & 0o777, 0o600);
  });

  it('reads lines across chunk borders, lines above 64 kB, and letters of several bytes on a border', async () => {
    const long = (n: number) => 'é€😀'.repeat(n);
    const lengths = [1, 5, 7000, 7281, 7282, 7283, 40_000, 3, 21_845];
    for (const [i, n] of lengths.entries()) await appendHistory(files, ended(`j${i}`, { message: long(n) }), 1);
    const read = await readHistory(files, 100);
    assert.deepEqual(ids(read), lengths.map((_, i) => `j${i}`).reverse());
    for (const job of read) assert.equal(job.message, long(lengths[Number(job.job_id.slice(1))]!));
  });

  it('passes over what a crash tore off, and appends after it on a line of its own', async () => {
    await appendHistory(files, ended('a'), 1);
    await fs.appendFile(month, '{"job_id":"torn","session_id"');
    assert.deepEqual(ids(await readHistory(files, 10)), ['a']);
    await appendHistory(files, ended('b'), 1);
    assert.deepEqual(ids(await readHistory(files, 10)), ['b', 'a']);
    await fs.appendFile(month, '\n\nnull\n{"job_id":"../x"}\n');
    await fs.appendFile(month, `${JSON.stringify(makeJob('live', { status: 'running' }))}\n`);
    assert.deepEqual(ids(await readHistory(files, 10)), ['b', 'a']);
  });

  it('takes the last line of a job that stands there twice', async () => {
    await appendHistory(files, ended('a', { message: 'first' }), 1);
    await appendHistory(files, ended('b'), 1);
    await appendHistory(files, ended('a', { message: 'second' }), 1);
    const read = await readHistory(files, 10);
    assert.deepEqual(ids(read), ['a', 'b']);
    assert.equal(read[0]?.message, 'second');
  });

  it('tells which answer was picked, last of all when that was done twice, and keeps the order of the ends', async () => {
    for (const id of ['a', 'b', 'c']) await appendHistory(files, ended(id), 1);
    for (const minute of [1, 2]) await appendPicked(files, ended('a'), Date.parse(someTime) + minute * 60_000);
    await fs.appendFile(month, '{"picked":"b","at":"no time"}\n{"picked":"b"\n');
    const read = await readHistory(files, 10);
    const at = new Date(Date.parse(someTime) + 120_000).toISOString();
    assert.deepEqual(
      read.map(({ job_id, picked_at }) => [job_id, picked_at]),
      [
        ['c', undefined],
        ['b', undefined],
        ['a', at],
      ],
    );
    assert.deepEqual(readHistoryNow(files, 10)?.jobs, read);
    assert.equal((await findInHistory(files, 'a'))?.picked_at, at);
    assert.deepEqual(ids(await readHistory(files, 2)), ['c', 'b'], 'a mark is none of the newest jobs');
  });

  it('shows the newest of 20,000 jobs at once, and finds the oldest soon', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) =>
      JSON.stringify(ended(`j-${i}`, { message: 'm'.repeat(200) })),
    );
    await fs.writeFile(month, `${lines.join('\n')}\n`);
    // Of CPU time: other programs take what they take.
    const spent = async (work: () => Promise<void>) => {
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    const newest = await spent(async () => assert.deepEqual(ids(await readHistory(files, 2)), ['j-19999', 'j-19998']));
    const oldest = await spent(async () => assert.equal((await findInHistory(files, 'j-0'))?.job_id, 'j-0'));
    const all = await spent(async () =>
      assert.equal((await readHistory(files, Number.POSITIVE_INFINITY)).length, 20_000),
    );
    assert.ok(newest < 100, `newest: ${newest} ms`);
    // Reading and checking every line takes longer than that.
    assert.ok(oldest < 400, `oldest: ${oldest} ms`);
    // A third of a second; 10 s when each line is compared with all others.
    assert.ok(all < 4000, `all: ${all} ms`);
  });

  it('is empty without a folder or a file', async () => {
    assert.deepEqual(await readHistory(layout.session('other'), 5), []);
  });
});

describe('snapshot', () => {
  let temp: TempDir;
  let layout: Layout;
  let user: UserState;
  const clock = new FakeClock();
  beforeEach(async () => {
    temp = await makeTempDir();
    await fs.mkdir(path.join(temp.path, 'ws'));
    layout = new Layout(path.join(temp.path, 'ws'));
    user = new UserState(path.join(temp.path, 'user'), path.join(temp.path, 'run'));
    await createFolder(layout, user, clock);
  });
  afterEach(() => temp.remove());

  async function session(id: string, created_at: string, jobs: Job[]): Promise<SessionLayout> {
    const files = layout.session(id);
    for (const dir of files.folders) await fs.mkdir(dir, { recursive: true });
    const metadata = { version: '1.0', session_id: id, name: id, created_at, state: 'ready', tmux_session: null };
    await writeJson(files.metadata, { ...metadata, agent: 'demo', epoch: 1 });
    await writeJson(files.queue, { version: '1.0', epoch: 1, jobs });
    return files;
  }
  const snapshot = () => readSnapshot(layout, user, clock, { historyLimit: 10 });

  it('shows sessions by age, live jobs in queue order, and believes an end over the queue', async () => {
    await session('second', '2026-11-22T10:00:01.000Z', []);
    const files = await session(
      'first',
      someTime,
      ['a', 'b', 'c'].map((id) => makeJob(id, { session_id: 'first' })),
    );
    await appendHistory(files, ended('a', { session_id: 'first' }), 1);
    const { standing, runner, sessions, problems } = await snapshot();
    assert.equal(standing.kind, 'own');
    assert.equal(runner, null);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      sessions.map((s) => s.metadata.session_id),
      ['first', 'second'],
    );
    assert.deepEqual(ids(sessions[0]!.jobs), ['b', 'c']);
    assert.deepEqual(ids(sessions[0]!.finished), ['a']);
    assert.equal((await findJob(layout, 'a'))?.status, 'completed');
    assert.equal((await findJob(layout, 'b', 'first'))?.status, 'pending');
    assert.equal(await findJob(layout, 'b', 'second'), undefined);
  });

  it('names unreadable files and shows all the rest; strange names are no sessions', async () => {
    await session('good', someTime, [makeJob('a', { session_id: 'good' })]);
    const broken = await session('broken', someTime, []);
    await fs.writeFile(broken.queue, '{"version":');
    const odd = await session('odd', someTime, []);
    await fs.rm(odd.metadata);
    await fs.mkdir(odd.metadata);
    await fs.mkdir(path.join(layout.active, 'a b'));
    await fs.writeFile(path.join(layout.active, '.DS_Store'), '');
    const { sessions, problems } = await snapshot();
    assert.deepEqual(sessions.map((s) => s.metadata.session_id).sort(), ['broken', 'good']);
    assert.equal(problems.length, 2);
    assert.ok(problems.some((p) => p.includes(broken.queue)) && problems.some((p) => p.includes(odd.metadata)));
  });
});
