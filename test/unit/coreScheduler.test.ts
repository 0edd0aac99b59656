import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import type { Job } from '../../src/core/model/job';
import { createSession, loadSessions } from '../../src/core/runner/loadSessions';
import { startJobs } from '../../src/core/runner/scheduler';
import { Attention } from '../../src/core/sessions/attention';
import { appendHistory } from '../../src/core/store/history';
import { writeJson } from '../../src/core/store/jsonFile';
import { systemClock } from '../../src/core/support/clock';
import { makeJob, someTime } from '../support/coreFixtures';
import { FakeClock } from '../support/fakeClock';
import { makeRequestContext } from '../support/requestContext';
import { makeTempDir, type TempDir } from '../support/tempDir';

let temp: TempDir;
let context: Awaited<ReturnType<typeof makeRequestContext>>;
const make = async (max = 4) => {
  temp = await makeTempDir();
  context = await makeRequestContext(temp.path, systemClock, { version: '1.0', max_concurrent_jobs: max });
};

describe('scheduler', () => {
  beforeEach(() => make(3));
  afterEach(async () => {
    for (const run of context.runs.values()) run.stop({ kind: 'runner' });
    await Promise.all([...context.runs.values()].map((run) => run.done));
    await Promise.all([...context.sessions.values()].map((session) => session.flush()));
    await temp.remove();
  });

  const at = (second: number) => `2026-11-22T10:00:0${second}.000Z`;
  async function queue(session_id: string, jobs: [id: string, second: number, more?: Partial<Job>][]): Promise<void> {
    const session = await createSession(context, session_id, 'demo');
    session.jobs.push(...jobs.map(([id, s, more]) => makeJob(id, { session_id, created_at: at(s), ...more })));
  }
  /** Starts what may start; sessions never become ready here, so that what began stays. */
  const started = () => {
    context.ensureStarted = () => new Promise(() => {});
    startJobs(context);
    return [...context.runs.keys()];
  };

  it('starts the oldest first over all sessions, one of a session, up to the limit', async () => {
    await queue('a', [
      ['a1', 1],
      ['a2', 2],
    ]);
    await queue('b', [
      ['b1', 0],
      ['b2', 5],
    ]);
    await queue('c', [['c1', 4]]);
    await queue('d', [['d1', 3]]);
    assert.deepEqual(started(), ['b1', 'a1', 'd1']);
    assert.deepEqual(started(), ['b1', 'a1', 'd1'], 'no more at once');
    context.runs.delete('a1');
    context.sessions.get('a')!.removeJob('a1');
    assert.deepEqual(started(), ['b1', 'd1', 'a2']);
  });

  it('keeps the order of a session, also of jobs of the same moment, and passes over paused ones', async () => {
    await queue('a', [
      ['p', 0, { status: 'paused' }],
      ['z', 1],
      ['a', 1],
    ]);
    assert.deepEqual(started(), ['z']);
  });

  it('starts fresh jobs beside the session own, and none of a session that is being brought back', async () => {
    await queue('a', [
      ['a1', 0],
      ['f1', 1, { mode: 'fresh' }],
      ['a2', 2],
    ]);
    await queue('b', [['b1', 0]]);
    context.sessions.get('b')!.recovering = Promise.resolve();
    const failing = started();
    assert.deepEqual(failing.slice(0, 2), ['a1', 'f1']);
    assert.ok(!failing.includes('b1') && !failing.includes('a2'));
  });
});

describe('loading sessions', () => {
  beforeEach(() => make());
  afterEach(() => temp.remove());

  async function session(id: string): Promise<ReturnType<typeof context.layout.session>> {
    const files = context.layout.session(id);
    for (const dir of files.folders) await fs.mkdir(dir, { recursive: true });
    const metadata = {
      version: '1.0',
      session_id: id,
      name: 'N',
      created_at: someTime,
      state: 'stopped',
      tmux_session: null,
    };
    await writeJson(files.metadata, { ...metadata, agent: 'demo', epoch: 1 });
    await writeJson(files.queue, { version: '1.0', epoch: 1, jobs: [makeJob('j-1', { session_id: id })] });
    return files;
  }
  const aside = async (dir: string) => (await fs.readdir(dir)).filter((name) => name.includes('.unreadable-'));
  const load = async () => {
    await loadSessions(context);
    return [...context.sessions.keys()].sort();
  };

  it('sets a file aside that can not be read, whatever it is, says so, and loads all others', async () => {
    const files = await Promise.all(['good', 'torn-queue', 'torn-metadata', 'folder', 'other-id'].map(session));
    await fs.writeFile(files[1]!.queue, '{"version":"1.0","jobs":[{"job_id":');
    await fs.writeFile(files[2]!.metadata, '');
    await fs.rm(files[3]!.queue);
    await fs.mkdir(files[3]!.queue);
    await fs.copyFile(files[0]!.metadata, files[4]!.metadata);
    assert.deepEqual(await load(), ['folder', 'good', 'other-id', 'torn-metadata', 'torn-queue']);
    for (const n of [1, 2, 3, 4]) assert.equal((await aside(files[n]!.dir)).length, 1, files[n]!.dir);
    assert.deepEqual(await aside(files[0]!.dir), []);
    assert.equal(context.logged.filter((message) => message.includes('set aside')).length, 4);
    const torn = context.sessions.get('torn-metadata')!;
    assert.deepEqual([torn.metadata.agent, torn.metadata.state, torn.jobs.length], ['demo', 'stopped', 1]);
    assert.equal(context.sessions.get('torn-queue')!.jobs.length, 0);
  });

  it('believes the history over the queue, and removes what a crash in a write left', async () => {
    const files = await session('main');
    await appendHistory(files, makeJob('j-1', { status: 'completed', finished_at: someTime }), 1);
    const left = ['metadata.json.1234567', 'job_queue.json.4099999999', 'state/health.json.777777'];
    for (const name of left) await fs.writeFile(`${files.dir}/${name}`, '{');
    await fs.writeFile(`${files.dir}/notes.txt`, 'mine');
    await load();
    const loaded = context.sessions.get('main')!;
    assert.deepEqual(loaded.jobs, []);
    await loaded.flush();
    assert.deepEqual(
      (await fs.readdir(files.dir)).filter((n) => n.includes('.json.')),
      [],
    );
    assert.deepEqual(await fs.readdir(`${files.dir}/state`), ['health.json']);
    assert.ok(await fs.stat(`${files.dir}/notes.txt`));
  });
});

describe('attention', () => {
  const dialog = (text: string) => ({
    kind: 'permission' as const,
    text,
    choices: [{ id: 'yes', label: 'Yes', keys: ['1'] }],
  });

  it('gives each dialog an id of its own, and the same one keeps it while it stands', () => {
    const attention = new Attention(new FakeClock(), undefined);
    let changes = 0;
    attention.onDidChange(() => changes++);
    attention.show(dialog('a'));
    const first = attention.waiting!.dialog_id;
    attention.show(dialog('a'));
    assert.deepEqual([attention.waiting!.dialog_id, changes], [first, 1]);
    attention.show(dialog('b'));
    const second = attention.waiting!.dialog_id;
    assert.notEqual(second, first);
    assert.equal(attention.dialog(first), undefined, 'a late answer does not hit the next dialog');
    assert.deepEqual(attention.dialog(second)?.choices[0]?.keys, ['1']);
    attention.clear();
    attention.show(dialog('b'));
    assert.notEqual(attention.waiting!.dialog_id, second, 'the same words later are another dialog');
    assert.equal(JSON.stringify(attention.waiting).includes('keys'), false);
  });

  it('tells what receipts told of by these, also with the same words, and knows it by the words on the screen', () => {
    const attention = new Attention(new FakeClock(), undefined);
    const told = (receipt: string, text = 'Bash: ls') => ({
      ...dialog(text),
      receipt,
      isShownAs: (shown: string) => shown === 'Bash command ls',
    });
    attention.show(dialog('Bash command ls'));
    const first = attention.waiting!.dialog_id;
    attention.show(told('r1'));
    assert.deepEqual([attention.waiting!.dialog_id, attention.waiting!.text], [first, 'Bash: ls']);
    const after = new Attention(new FakeClock(5), attention.waiting);
    after.show(told('r1'));
    assert.equal(after.waiting!.dialog_id, first, 'another runner');
    attention.show(told('r2'));
    assert.notEqual(attention.waiting!.dialog_id, first);
    attention.show(told('r1'));
    assert.equal(attention.waiting!.dialog_id, first);
  });

  it('takes what has the words of a dialog that was answered for the next one, once the screen has moved on', () => {
    const attention = new Attention(new FakeClock(), undefined);
    const page = { kind: 'unknown' as const, text: '--More--', choices: dialog('').choices };
    const look = (screen: string) => {
      attention.noteLook(screen);
      attention.show(page);
      return attention.waiting!.dialog_id;
    };
    const first = look('page 1');
    assert.equal(look('page 1, and a clock'), first, 'nobody has answered it');
    attention.notePressed('page 1')();
    assert.equal(attention.wasPressed, false, 'nothing was pressed after all');
    attention.notePressed('page 1');
    assert.deepEqual([look('page 1'), look('page 1'), attention.wasPressed], [first, first, true]);
    assert.deepEqual([look('page 1, chosen'), attention.wasPressed], [first, true], 'it may be about to go');
    const second = look('page 2');
    assert.notEqual(second, first);
    assert.deepEqual([attention.wasPressed, attention.dialog(first)], [false, undefined]);
    assert.deepEqual([look('page 2'), look('page 2, and a clock')], [second, second]);
  });

  it('keeps the id over a change of runners', () => {
    const before = new Attention(new FakeClock(), undefined);
    before.show(dialog('a'));
    const after = new Attention(new FakeClock(5), before.waiting);
    after.show(dialog('a'));
    assert.equal(after.waiting!.dialog_id, before.waiting!.dialog_id);
    const other = new Attention(new FakeClock(5), before.waiting);
    other.show(dialog('b'));
    other.show(dialog('a'));
    assert.ok(other.waiting!.dialog_id);
  });
});
