import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { waitFor } from '../support/waitFor';
import { CliWorkspace, type Running } from './cliWorkspace';

/** What these tests look at of a job in `status --json`. */
interface Queued {
  job_id: string;
  status: string;
  prompt_path: string;
}

describe('courier update, move, pause and resume', function () {
  this.timeout(90_000);
  let work: CliWorkspace;
  beforeEach(async () => {
    work = await CliWorkspace.create();
    await work.settings({ default_agent: 'demo' });
  });
  afterEach(() => work.close());

  const run = async (...args: string[]) => {
    const ended = await work.run(args);
    assert.equal(ended.code, 0, ended.stderr);
    return ended;
  };
  const send = async (text: string, ...args: string[]) => {
    const ended = await work.run(['send', ...args, '-'], { input: text });
    assert.equal(ended.code, 0, ended.stderr);
    return ended.stdout.trim();
  };
  const queue = async (id = 'main') => {
    const { sessions } = JSON.parse((await run('status', '--json')).stdout);
    const jobs: Queued[] = sessions.find((one: { session_id: string }) => one.session_id === id)?.jobs ?? [];
    return jobs;
  };
  const ids = async (id?: string) => (await queue(id)).map((job) => job.job_id);

  const saysPaused = ({ printed }: Running) =>
    waitFor(() => printed.stderr.includes('is paused'), {
      timeout: 30_000,
      what: () => `a word, not: ${printed.stderr}`,
    });

  it('work while no runner is alive, and start no job that they are about', async () => {
    const [one, two, three] = [await send('one'), await send('two'), await send('three')];
    await run('pause', '--all');
    assert.deepEqual(await ids(), [one, two, three], 'taken, in their order, and not begun');
    await run('move', three, '--before', one);
    await run('move', one, '--session', 'main');
    assert.deepEqual(await ids(), [three, two, one]);
    await run('pause', two);
    assert.deepEqual(
      (await queue()).map((job) => job.status),
      ['pending', 'paused', 'pending'],
    );
    await work.file('new.md', 'TODO: something new');
    await run('update', three, 'new.md');
    const prompt = (await queue())[0]!.prompt_path;
    assert.match(await fs.readFile(path.join(work.dir, prompt), 'utf8'), /TODO: something new/);
    await run('resume', '--session', 'main');
    const waited = await run('wait', three);
    assert.match(await fs.readFile(path.join(work.dir, waited.stdout.trim()), 'utf8'), /something new/);
    assert.ok((await ids()).includes(two), 'a paused job stays where it is');
  });

  it('says what is held back to who waits for it, and refuses what can not be done, in words', async () => {
    const first = await send('first');
    await run('pause', '--session', 'main');
    const waiting = work.start(['wait', first]);
    await saysPaused(waiting);
    assert.match(waiting.printed.stderr, /courier resume --session main/);
    await run('resume', '--all');
    assert.equal((await waiting.ended).code, 0);
    for (const [args, why] of [
      [['move', first, '--session', 'main'], /is completed already/],
      [['update', first, '-'], /is completed already/],
      [['pause'], /Name one of/],
      [['pause', first, '--all'], /Name one of/],
      [['move', first], /Name --before/],
      [['resume', '--session', 'nobody'], /There is no session "nobody"/],
    ] as const) {
      const { code, stderr } = await work.run([...args], { input: 'x' });
      assert.equal(code, 2, stderr);
      assert.match(stderr, why);
    }
  });

  it('finds a job that was moved while somebody waits for it, and queues a follow-up right behind', async () => {
    const first = await send('first', '--session', 'a');
    const other = await send('other', '--session', 'a');
    await run('pause', '--all');
    const next = await send('next', '--follow', first);
    assert.deepEqual(await ids('a'), [first, other]);
    await run('pause', '--all');
    assert.deepEqual(await ids('a'), [first, next, other], 'the follow-up is right behind');
    await send('there', '--session', 'b');
    await run('pause', '--all');
    const waiting = work.start(['wait', other]);
    await saysPaused(waiting);
    await run('move', other, '--session', 'b');
    await run('resume', '--session', 'b');
    const { code, stdout, stderr } = await waiting.ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /active\/b\/output\//);
    assert.deepEqual(await ids('a'), [first, next]);
  });
});
