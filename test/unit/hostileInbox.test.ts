import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { loadSessions } from '../../src/core/runner/loadSessions';
import { mostAtOnce, takeRequests } from '../../src/core/runner/takeRequests';
import { readReply } from '../../src/core/store/inbox';
import { systemClock } from '../../src/core/support/clock';
import { makeFastDir } from '../support/properties/property';
import { makeRequestContext } from '../support/requestContext';
import type { TempDir } from '../support/tempDir';

/** A short run for each commit, and a long one. */
const many = process.env.FAULT_FORM === 'full' ? 10_000 : 2000;

describe('a hostile program in the inbox', function () {
  this.timeout(120_000);
  let temp: TempDir;
  let context: Awaited<ReturnType<typeof makeRequestContext>>;
  let outside: string;
  let canary: string;
  beforeEach(async () => {
    temp = await makeFastDir();
    context = await makeRequestContext(temp.path, systemClock);
    outside = path.join(temp.path, 'outside');
    canary = path.join(outside, 'canary.json');
    await fs.mkdir(outside);
    await fs.writeFile(canary, 'untouched');
  });
  afterEach(async () => {
    try {
      assert.deepEqual(await fs.readdir(outside), ['canary.json'], 'something was written outside');
      assert.equal(await fs.readFile(canary, 'utf8'), 'untouched');
    } finally {
      await Promise.all([...context.sessions.values()].map((session) => session.flush().catch(() => undefined)));
      await temp.remove();
    }
  });

  const inInbox = (name: string) => path.join(context.layout.inbox, name);
  const enqueue = (id: string, more: object = {}) => ({
    ...{ version: '1.0', id, action: 'enqueue', session_id: 'main', agent: 'demo', prompt: 'x' },
    ...more,
  });
  const drop = (id: string, more: object = {}) =>
    fs.writeFile(inInbox(`${id}.json`), JSON.stringify(enqueue(id, more)));
  const names = async () => (await fs.readdir(context.layout.inbox)).filter((name) => name.endsWith('.json'));
  const jobs = () => context.sessions.get('main')?.jobs.map((job) => job.job_id) ?? [];

  /** A good request is done, whatever stands beside it. */
  async function stillWorks(id = 'j-good'): Promise<void> {
    await drop(id);
    await takeRequests(context);
    assert.equal((await readReply(context.layout, id))?.ok, true, context.logged.join('\n'));
    assert.ok(jobs().includes(id));
  }

  it('puts things there that are no files: links, pipes, sockets, folders, devices of names', async () => {
    await fs.symlink(canary, inInbox('link.json'));
    await fs.symlink(path.join(outside, 'nothing'), inInbox('dangling.json'));
    await fs.symlink('/dev/zero', inInbox('endless.json'));
    await fs.symlink(inInbox('loop.json'), inInbox('loop.json'));
    execFileSync('mkfifo', [inInbox('pipe.json'), inInbox('pipe.md')]);
    await fs.mkdir(inInbox('folder.json'));
    await fs.mkdir(inInbox('deep.json/a/b'), { recursive: true });
    for (const file of ['pipe.md', 'folder.json', 'done', 'link.json'])
      await drop(`j-${file.replace('.', '-')}`, { prompt: undefined, prompt_file: file });
    await stillWorks();
    assert.deepEqual(await names(), []);
    assert.deepEqual(jobs(), ['j-good']);
  });

  it('hard-links a file of its victim: the file is what it was', async () => {
    const mine = path.join(temp.path, 'mine');
    await fs.writeFile(mine, JSON.stringify(enqueue('j-hard')));
    await fs.link(mine, inInbox('j-hard.json'));
    await fs.writeFile(path.join(temp.path, 'secret'), 'secret');
    await fs.link(path.join(temp.path, 'secret'), inInbox('s.md'));
    await drop('j-secret', { prompt: undefined, prompt_file: 's.md' });
    await stillWorks();
    assert.equal(await fs.readFile(mine, 'utf8'), JSON.stringify(enqueue('j-hard')));
    assert.equal(await fs.readFile(path.join(temp.path, 'secret'), 'utf8'), 'secret');
  });

  it('uses names that lead elsewhere, or break lines', async () => {
    const odd = [
      '..json',
      '...json',
      'a\nb.json',
      '-rf.json',
      '$(touch x).json',
      'a b.json',
      '\u202e.json',
      `${'n'.repeat(200)}.json`,
    ];
    for (const name of odd) await fs.writeFile(inInbox(name), JSON.stringify(enqueue('j-x')));
    await fs.writeFile(
      Buffer.concat([Buffer.from(inInbox('')), Buffer.from([0x2f, 0xff, 0xfe]), Buffer.from('.json')]),
      '{}',
    );
    for (const [i, session_id] of ['../../x', '/etc', 'a/b', '', '.', 'x\n', 'main\0'].entries())
      await drop(`j-id-${i}`, { session_id });
    for (const [i, prompt_file] of ['../folder.json', '/etc/passwd', 'x/../../y', '.j-1.json'].entries())
      await drop(`j-file-${i}`, { prompt: undefined, prompt_file });
    await stillWorks();
    assert.deepEqual(jobs(), ['j-good']);
    assert.deepEqual(await fs.readdir(context.layout.active), ['main']);
    assert.ok(
      context.logged.every((line) => !line.includes('could not be taken') || line.includes('\ufffd')),
      context.logged.join('\n'),
    );
  });

  it('puts links in the place of the folders that replies go to: they are set aside, and nothing is written behind them', async () => {
    const { inbox, done, rejected, active } = context.layout;
    for (const dir of [done, rejected, inbox]) {
      await fs.rm(dir, { recursive: true });
      await fs.symlink(outside, dir);
      await drop('j-bad', { session_id: '..' }).catch(() => undefined);
      await fs.rm(path.join(outside, 'j-bad.json'), { force: true });
      await takeRequests(context);
      await stillWorks(`j-${path.basename(dir)}`);
      assert.ok((await fs.lstat(dir)).isDirectory());
      assert.ok(
        context.logged.some((line) => line.includes(`${dir} was no folder`)),
        context.logged.join('\n'),
      );
    }
    await fs.rm(active, { recursive: true });
    await fs.symlink(outside, active);
    const refused = 'j-refused';
    await drop(refused);
    await takeRequests(context);
    assert.match((await readReply(context.layout, refused))?.error ?? '', /symbolic link/);
    // As the runner's slow look does.
    for (const session of context.sessions.values()) await session.checkFiles();
    assert.ok((await fs.lstat(active)).isDirectory());
    await stillWorks('j-active');
  });

  it('puts folders and files in the place of replies: they are set aside, and others are answered', async () => {
    const { done, rejected } = context.layout;
    for (let i = 0; i < 40; i++) await drop(`j-${i}`);
    await fs.mkdir(path.join(done, 'j-3.json/x'), { recursive: true });
    await fs.mkdir(path.join(rejected, 'r-bad.error.json/x'), { recursive: true });
    await fs.writeFile(inInbox('r-bad.json'), '{');
    await fs.symlink(canary, path.join(done, 'j-4.json'));
    await fs.writeFile(path.join(done, 'j-5.json'), '{"version":"2.0"}');
    await takeRequests(context);
    assert.deepEqual(await names(), []);
    for (let i = 0; i < 40; i++) assert.equal((await readReply(context.layout, `j-${i}`))?.ok, true, `j-${i}`);
    assert.equal((await readReply(context.layout, 'r-bad'))?.ok, false);
    assert.equal(await takeRequests(context), 0);
  });

  it('asks again under the same id for what another file of the inbox is then: nothing but that prompt is removed', async () => {
    await fs.writeFile(inInbox('p.md'), 'prompt');
    await drop('j-1', { prompt: undefined, prompt_file: 'p.md' });
    await takeRequests(context);
    await fs.mkdir(inInbox('p.md'));
    await drop('j-1', { prompt: undefined, prompt_file: 'done' });
    await drop('j-2');
    await takeRequests(context);
    assert.deepEqual(jobs(), ['j-1', 'j-2']);
    assert.ok((await fs.stat(context.layout.done)).isDirectory());
    assert.deepEqual(await names(), []);
  });

  it(`leaves ${many} files there: all are answered in bounded time`, async () => {
    const text = JSON.stringify(enqueue('j-none', { session_id: '..' }));
    for (let at = 0; at < many; at += 500)
      await Promise.all(
        Array.from({ length: 500 }, (_, i) => fs.writeFile(inInbox(`bad-${at + i}.json`), i % 2 ? text : '{')),
      );
    const begun = performance.now();
    let rounds = 0;
    let firstBegan = Number.POSITIVE_INFINITY;
    while ((await takeRequests(context, () => (firstBegan = Math.min(firstBegan, performance.now() - begun)))) > 0)
      rounds++;
    const seconds = (performance.now() - begun) / 1000;
    assert.ok(seconds < 60, `${seconds} s`);
    assert.ok(firstBegan < 10_000, `jobs could begin only after ${firstBegan} ms`);
    assert.equal(rounds, many / mostAtOnce, 'jobs may begin after each thousand');
    assert.equal((await fs.readdir(context.layout.rejected)).length, 2 * many);
    await stillWorks();
  });

  it('leaves a request, and a prompt, of 100 MB: the one is refused unread, the other is copied', async () => {
    await (await fs.open(inInbox('huge.json'), 'w')).close();
    await fs.truncate(inInbox('huge.json'), 100 * 1024 * 1024);
    await fs.writeFile(inInbox('huge.md'), '');
    await fs.truncate(inInbox('huge.md'), 100 * 1024 * 1024);
    await drop('j-huge', { prompt: undefined, prompt_file: 'huge.md' });
    const before = process.memoryUsage().rss;
    await takeRequests(context);
    assert.ok(process.memoryUsage().rss - before < 80 * 1024 * 1024);
    assert.match((await readReply(context.layout, 'huge'))?.error ?? '', /larger than 32 MB/);
    assert.deepEqual(jobs(), ['j-huge']);
    await stillWorks();
  });

  it('names agents that every object has, and programs: only those of the user are known', async () => {
    for (const [i, agent] of ['constructor', 'toString', 'hasOwnProperty', 'sh', 'custom'].entries())
      await drop(`j-${i}`, { agent });
    for (const [i, more] of [{ command: '/bin/sh' }, { args: ['-c', 'id'] }, { env: { PATH: outside } }].entries())
      await drop(`j-ok-${i}`, more);
    await takeRequests(context);
    for (let i = 0; i < 5; i++)
      assert.match((await readReply(context.layout, `j-${i}`))?.error ?? '', /There is no agent/);
    assert.deepEqual(jobs(), ['j-ok-0', 'j-ok-1', 'j-ok-2']);
    for (const job of context.sessions.get('main')!.jobs)
      assert.ok(!('command' in job || 'args' in job || 'env' in job));
  });

  it('replaces the files of a session by links, and its folders, while it is run: they are set aside, and written anew', async () => {
    await stillWorks();
    const session = context.sessions.get('main')!;
    await session.flush();
    const { files } = session;
    for (const file of [files.metadata, files.queue, files.health]) {
      await fs.rm(file);
      await fs.symlink(canary, file);
    }
    await session.checkFiles();
    await session.flush();
    for (const dir of [path.dirname(files.health), files.historyDir, files.dir]) {
      await fs.rm(dir, { recursive: true });
      await fs.symlink(outside, dir);
      session.rewrite();
      await session.keepEnd({ ...session.jobs[0]!, status: 'cancelled', finished_at: '2026-11-22T10:00:00.000Z' });
      await session.flush();
      assert.ok((await fs.lstat(dir)).isDirectory(), dir);
    }
    context.sessions.clear();
    await loadSessions(context);
    assert.ok(context.sessions.has('main'));
  });
});
