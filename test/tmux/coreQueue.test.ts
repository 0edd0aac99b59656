import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { PlainRequest } from '../../src/core/client';
import type { Job } from '../../src/core/model/job';
import type { RunnerHost } from '../../src/core/runner/runnerHost';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

const slow = (ms: number, text: string) => `${text}\n\ndemo-mode: slow=${ms}\n`;

describe('a queue with the Demo agent', function () {
  this.timeout(90_000);
  let courier: TestCourier;
  let host: RunnerHost;
  beforeEach(async () => {
    courier = await TestCourier.create();
    host = await courier.runner();
  });
  afterEach(() => courier.stop());

  const ask = async (request: PlainRequest) => {
    const reply = await courier.client.request(request, 30_000);
    assert.ok(reply, 'no reply');
    return reply.ok ? undefined : reply.error;
  };
  const full = (job: Job) => path.join(courier.workspace, job.prompt_path);
  /** A job that works until it is cancelled; what is sent after it waits. */
  const hold = async () => {
    const id = await courier.send(slow(600_000, 'hold'));
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    return id;
  };
  const waiting = async (text: string, more = {}) => {
    const id = await courier.send(text, more);
    return courier.jobWhere(id, 'is pending', (job) => job.status === 'pending');
  };
  const order = (jobs: Job[]) =>
    [...jobs].sort((a, b) => a.accepted_at!.localeCompare(b.accepted_at!)).map((job) => job.job_id);

  it('runs jobs in the order into which they were moved, each with the prompt that was saved last', async () => {
    const held = await hold();
    const jobs = [await waiting('TODO: one'), await waiting('TODO: two'), await waiting('TODO: three')];
    const [one, two, three] = jobs.map((job) => job.job_id) as [string, string, string];
    assert.equal(await ask({ action: 'move', job_id: three, before: one }), undefined);
    // As an editor does: the file is written in its place, and nothing else is said.
    const file = full(jobs[1]!);
    await fs.writeFile(file, (await fs.readFile(file, 'utf8')).replace('TODO: two', 'TODO: edited by hand'));
    assert.equal(await ask({ action: 'update', job_id: one, prompt: 'TODO: given anew' }), undefined);
    assert.equal(await ask({ action: 'cancel', job_id: held }), undefined);
    const ended = await Promise.all([one, two, three].map((id) => courier.ended(id)));
    for (const job of ended) assert.deepEqual([job.status, job.attempts], ['completed', 1], job.message);
    assert.deepEqual(order(ended), [three, one, two]);
    assert.match(await courier.output(ended[0]!), /given anew/);
    assert.match(await courier.output(ended[1]!), /edited by hand/);
    assert.equal(ended[1]!.title, 'TODO: edited by hand');
  });

  it('sends nothing for a prompt that lost what it has to hold: it is said, kept, and the next job runs', async () => {
    const held = await hold();
    const [broken, next] = [await waiting('keep these words'), await waiting('next')];
    await fs.writeFile(full(broken), 'keep these words');
    assert.match((await ask({ action: 'update', job_id: broken.job_id })) ?? 'done', /lacks the two marks/);
    assert.equal(await ask({ action: 'cancel', job_id: held }), undefined);
    const ended = await courier.ended(broken.job_id);
    assert.deepEqual([ended.status, ended.reason, ended.attempts], ['failed', 'refused', 0]);
    assert.match(ended.message ?? '', /lacks the two marks[\s\S]*Nothing was sent\./);
    assert.equal(await fs.readFile(full(broken), 'utf8'), 'keep these words');
    assert.equal((await courier.ended(next.job_id)).status, 'completed');
    assert.ok(!(await courier.screen()).includes(broken.job_id), 'nothing was typed');
  });

  it('changes nothing of a job that has begun, whenever that was', async () => {
    const held = await hold();
    for (const request of [
      { action: 'move', job_id: held, session_id: 'main' },
      { action: 'update', job_id: held, prompt: 'late' },
    ] as const)
      assert.match((await ask(request)) ?? 'done', /has begun/);
    // A job begins at any moment of a request's way: what is answered is what was done.
    assert.equal(await ask({ action: 'create_session', session_id: 'other', agent: 'demo' }), undefined);
    for (let i = 0; i < 10; i++) {
      const first = await courier.send(`first ${i}`, { session_id: 'race' });
      const id = await courier.send(`second ${i}`, { session_id: 'race' });
      const refused = await ask({ action: 'move', job_id: id, session_id: 'other' });
      const job = await courier.ended(id);
      await courier.ended(first);
      assert.deepEqual([job.status, job.attempts], ['completed', 1], job.message);
      assert.equal(job.session_id, refused === undefined ? 'other' : 'race', refused);
    }
  });

  it('runs a job that was moved in its new session, and gives its answer there', async () => {
    await hold();
    const job = await waiting('# Move me');
    assert.equal(await ask({ action: 'create_session', session_id: 'b', agent: 'demo' }), undefined);
    assert.equal(await ask({ action: 'move', job_id: job.job_id, session_id: 'b' }), undefined);
    const ended = await courier.ended(job.job_id);
    assert.deepEqual([ended.status, ended.session_id, ended.attempts], ['completed', 'b', 1], ended.message);
    assert.match(ended.output_path, /active\/b\/output\//);
    assert.match(await courier.output(ended), /Move me/);
    assert.match(await fs.readFile(full(ended), 'utf8'), /# Move me/);
    await assert.rejects(fs.access(full(job)), { code: 'ENOENT' });
  });

  it('starts nothing of a paused session, over a change of runners, and lets what runs come to its end', async () => {
    const runs = await courier.send(slow(1500, 'runs'));
    await courier.jobWhere(runs, 'works', (job) => job.phase === 'working');
    assert.equal(await ask({ action: 'pause_session', session_id: 'main' }), undefined);
    const [next, fresh] = [await waiting('next'), await waiting('fresh', { mode: 'fresh' })];
    assert.equal((await courier.ended(runs)).status, 'completed');
    await host.stop();
    const after = await courier.runner();
    await waitFor(() => after.idle, { timeout: 30_000, what: 'it is idle: what is paused is nothing to wait for' });
    // Another session's job goes its whole way meanwhile.
    assert.equal((await courier.ended(await courier.send('other', { session_id: 'b' }))).status, 'completed');
    for (const { job_id } of [next, fresh]) assert.equal((await courier.job(job_id))?.status, 'pending');
    assert.equal(await ask({ action: 'resume_session' }), undefined);
    assert.equal((await courier.ended(next.job_id)).status, 'completed');
    assert.equal((await courier.ended(fresh.job_id)).status, 'completed');
  });

  it('runs a follow-up right behind its job, in the same conversation', async () => {
    const held = await courier.send(slow(2000, 'first'));
    await courier.jobWhere(held, 'works', (job) => job.phase === 'working');
    const other = await waiting('other');
    const follow = await waiting('follow', { follows: held });
    const conversation = (await courier.session())?.conversation_id;
    const ended = await Promise.all([held, follow.job_id, other.job_id].map((id) => courier.ended(id)));
    for (const job of ended) assert.equal(job.status, 'completed', job.message);
    assert.deepEqual(order(ended), [held, follow.job_id, other.job_id]);
    assert.equal(ended[1]!.launch_id, ended[0]!.launch_id);
    assert.equal((await courier.session())?.conversation_id, conversation);
  });
});
