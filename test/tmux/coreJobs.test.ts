import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job } from '../../src/core/model/job';
import { openToOthers } from '../support/openToOthers';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

const mode = (list: string, text = 'A prompt.') => `${text}\n\ndemo-mode: ${list}\n`;

describe('jobs with the Demo agent', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  const create = async (settings: Parameters<typeof TestCourier.create>[0] = {}) => {
    courier = await TestCourier.create(settings);
    await courier.runner();
  };
  const withArgs = (...args: string[]) => ({ settings: { version: '1.0' as const, agents: { demo: { args } } } });
  afterEach(() => courier.stop());

  const sessions = async () =>
    (await courier.tmux('list-sessions', '-F', '#{session_name}').catch(() => '')).trim().split('\n').filter(Boolean);
  const run = async (text: string, input = {}): Promise<Job> => courier.ended(await courier.send(text, input));

  it('completes a job, and keeps the session for the next', async () => {
    await create();
    const job = await run('# Title\nTODO: one thing\n');
    assert.equal(job.status, 'completed', job.message);
    assert.equal(job.attempts, 1);
    assert.ok(job.accepted_at && job.started_at && job.finished_at && job.prompt_id);
    assert.match(await courier.output(job), /one thing/);
    const pid = await courier.tmux('list-panes', '-a', '-F', '#{pane_pid}');
    const second = await run('again');
    assert.equal(second.status, 'completed', second.message);
    assert.equal(await courier.tmux('list-panes', '-a', '-F', '#{pane_pid}'), pid);
    await courier.sessionWhere('is ready', (session) => session.state === 'ready');
  });

  it('keeps every file 0600 and every folder 0700, in the workspace and in the user state', async () => {
    await create();
    await run('x');
    await run('y', { mode: 'fresh' });
    await run(mode('never-output'));
    const own = [courier.layout.root, courier.user.root, path.join(courier.root, 'run')];
    assert.deepEqual(await openToOthers(...own), []);
  });

  it('runs a fresh job in a tmux session of its own, of which nothing is left', async () => {
    await create();
    const id = await courier.send(mode('slow=1000'), { mode: 'fresh' });
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    assert.deepEqual(await sessions(), [`courier_job_${id}`]);
    assert.equal((await courier.launches()).length, 1);
    const job = await courier.ended(id);
    assert.equal(job.status, 'completed', job.message);
    await waitFor(async () => (await sessions()).length === 0, { what: 'the end of its tmux session' });
    await waitFor(async () => (await courier.launches()).length === 0, { what: 'the end of its launch folder' });
    assert.equal((await courier.session())?.state, 'created');
  });

  it('takes the jobs of a session in their order, one at a time', async () => {
    await create();
    const ids: string[] = [];
    for (const n of [1, 2, 3]) ids.push(await courier.send(mode('slow=150', `job ${n}`)));
    const jobs = await Promise.all(ids.map((id) => courier.ended(id)));
    for (const job of jobs) assert.equal(job.status, 'completed', job.message);
    for (const [i, job] of jobs.slice(1).entries()) assert.ok(job.accepted_at! >= jobs[i]!.finished_at!, job.job_id);
  });

  it('runs no more at once than the setting says, over all sessions', async () => {
    await create({ settings: { version: '1.0', max_concurrent_jobs: 2 } });
    const ids: string[] = [];
    for (const session_id of ['a', 'b', 'c', 'd']) ids.push(await courier.send(mode('slow=400'), { session_id }));
    // By what they themselves say: four files that are read one after the other are of four moments.
    const jobs: Job[] = [];
    for (const id of ids) jobs.push(await courier.ended(id));
    assert.deepEqual(new Set(jobs.map((job) => job.status)), new Set(['completed']));
    const runsAt = (time: string) => jobs.filter((job) => job.started_at! <= time && time < job.finished_at!).length;
    assert.equal(Math.max(...jobs.map((job) => runsAt(job.started_at!))), 2);
  });

  it('shows while it works which tool the agent uses now, and not any more when it has ended', async () => {
    await create();
    const id = await courier.send(mode('slow=400,two-step=60000', 'x'.repeat(200)));
    const reads = await courier.jobWhere(id, 'reads', ({ activity }) => activity !== undefined);
    assert.equal(reads.activity, `Read ${path.join(courier.layout.workspace, reads.prompt_path)}`);
    const writes = await courier.jobWhere(id, 'writes', ({ activity }) => activity?.startsWith('Write ') === true);
    assert.equal(writes.phase, 'working');
    await courier.client.request({ action: 'cancel', job_id: id, requested_by: 'test' });
    assert.equal((await courier.ended(id)).activity, undefined);
  });

  it('waits for an answer written in two steps, and takes one of a single byte', async () => {
    await create();
    const two = await run(mode('two-step=600'));
    assert.equal(two.status, 'completed', two.message);
    assert.match(await courier.output(two), /demo/i);
    const one = await run(mode('one-byte'));
    assert.equal(one.status, 'completed', one.message);
    assert.equal(await courier.output(one), '1');
    const late = await run(mode('late-stop=700'));
    assert.equal(late.status, 'completed', late.message);
    assert.ok(Date.parse(late.finished_at!) - Date.parse(late.accepted_at!) >= 400);
  });

  it('reminds once when a turn left no output; then fails, with the last message kept', async () => {
    await create();
    const reminded = await run(mode('no-output'));
    assert.equal(reminded.status, 'completed', reminded.message);
    assert.ok(reminded.reminded_at);
    assert.equal(reminded.attempts, 1);
    const never = await run(mode('never-output'));
    assert.deepEqual([never.status, never.reason], ['failed', 'no_output']);
    const kept = never.output_path.replace(/\.md$/, '.last-message.md');
    assert.ok(never.message?.includes(kept));
    assert.match(await fs.readFile(path.join(courier.workspace, kept), 'utf8'), /wrote nothing/);
    const next = await run('next');
    assert.equal(next.status, 'completed', next.message);
  });

  it('fails with the text of an API error, and with exit status and last words of a crash; the next job runs', async () => {
    await create();
    const error = await run(mode('api-error'));
    assert.deepEqual([error.status, error.reason], ['failed', 'agent_error']);
    assert.match(error.message ?? '', /API Error: 400/);
    const crash = await run(mode('crash=7'));
    assert.deepEqual([crash.status, crash.reason], ['failed', 'agent_exited']);
    assert.match(crash.message ?? '', /exit status 7[\s\S]*crashed in the middle/);
    const next = await run('next');
    assert.equal(next.status, 'completed', next.message);
  });

  it('times out by silence, interrupts, and runs the next job when the agent is idle', async () => {
    await create();
    const frozen = await run(mode('freeze'), { timeout_s: 1 });
    assert.equal(frozen.status, 'timeout');
    assert.match(frozen.message ?? '', /1 s/);
    const next = await run('next');
    assert.equal(next.status, 'completed', next.message);
    assert.match(await courier.screen(), /Interrupted by you/);
  });

  it('presses Enter again when the first was swallowed, and types nothing twice', async () => {
    await create(withArgs('--mode', 'swallow-enter'));
    const job = await run('x');
    assert.equal(job.status, 'completed', job.message);
    assert.equal(job.attempts, 1);
    const screen = (await courier.tmux('capture-pane', '-p', '-J', '-S', '-200', '-t', '=courier_main:')).replaceAll(
      '\n',
      '',
    );
    assert.equal(screen.split(`Job ${job.job_id}:`).length, 2);
  });

  it('fails a job whose CLI exits at once, with its words', async () => {
    await create(withArgs('--mode', 'exit-at-once=4'));
    const job = await run('x');
    assert.deepEqual([job.status, job.reason], ['failed', 'start_failed']);
    assert.match(job.message ?? '', /exit status 4/);
    await courier.sessionWhere('is in error', (session) => session.state === 'error');
    const fresh = await run('x', { mode: 'fresh' });
    assert.deepEqual([fresh.status, fresh.reason], ['failed', 'start_failed']);
    await waitFor(async () => (await courier.launches()).length === 0, { what: 'no launch folder is left' });
    // Ended last, when its last words have been read and the job's end is on disk.
    const left = async () => (await sessions()).filter((name) => name.includes('job_'));
    await waitFor(async () => (await left()).length === 0, { what: 'no tmux session of the job is left' });
  });

  it('rejects an agent that nobody knows', async () => {
    await create();
    const id = await courier.send('x', { agent: 'nobody' });
    const reply = await courier.client.reply(id, 30_000);
    assert.equal(reply?.ok, false);
    assert.match(reply?.error ?? '', /no agent "nobody"/);
    assert.equal(await courier.session(), undefined);
  });

  it('works in a folder whose name means something to shells and to tmux', async () => {
    await create({ folderName: 'a #(touch pwned) "q" \'s\' é $HOME; x' });
    const job = await run('x');
    assert.equal(job.status, 'completed', job.message);
    assert.deepEqual(await fs.readdir(courier.workspace), ['.courier']);
    assert.deepEqual((await fs.readdir(courier.root)).length, 3);
  });
});
