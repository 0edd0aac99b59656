import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import type { Job } from '../../src/core/model/job';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

const mode = (list: string) => `A prompt.\n\ndemo-mode: ${list}\n`;

describe('what needs a person, and what a person ends', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  const create = async (...args: string[]) => {
    const settings = { version: '1.0' as const, accept_timeout_s: 1, agents: { demo: { args } } };
    courier = await TestCourier.create({ settings });
    await courier.runner();
  };
  afterEach(() => courier.stop());

  const waits = (id: string) => courier.jobWhere(id, 'waits', (job) => job.waiting !== undefined);
  const answer = async (target: string, dialog_id: string, choice: string) =>
    (await courier.client.answer({ target, dialog_id, choice }))!;
  const cancel = async (job_id: string) => (await courier.client.request({ action: 'cancel', job_id }))!;
  const completes = async (job: Promise<Job>) => {
    const { status, message } = await job;
    assert.equal(status, 'completed', message);
  };

  it('shows a permission dialog, takes only a choice that is named, and only once', async () => {
    await create();
    const id = await courier.send(mode('permission'));
    const { waiting, phase } = await waits(id);
    assert.deepEqual([waiting!.kind, phase], ['permission', 'waiting']);
    assert.deepEqual(
      waiting!.choices.map((choice) => choice.id),
      ['allow-once', 'deny'],
    );
    const session = await courier.sessionWhere('waits', ({ state }) => state === 'waiting');
    assert.equal(session.waiting?.dialog_id, waiting!.dialog_id);
    assert.match(
      (await answer('main', waiting!.dialog_id, 'maybe')).error ?? '',
      /no choice "maybe"; there is allow-once, deny/,
    );
    assert.equal((await answer('main', 'd-other', 'allow-once')).ok, false);
    assert.equal((await answer('nobody', waiting!.dialog_id, 'allow-once')).ok, false);
    assert.equal((await courier.job(id))?.phase, 'waiting', 'none of these pressed anything');
    assert.deepEqual(await answer('main', waiting!.dialog_id, 'allow-once').then(({ ok }) => ok), true);
    await completes(courier.ended(id));
    assert.equal((await answer('main', waiting!.dialog_id, 'allow-once')).ok, false, 'a late answer presses nothing');
  });

  it('fails a job whose permission was refused, with what the agent said', async () => {
    await create();
    const id = await courier.send(mode('permission'), { mode: 'fresh' });
    const { waiting } = await waits(id);
    assert.equal((await answer(id, waiting!.dialog_id, 'deny')).ok, true);
    const again = await courier.jobWhere(
      id,
      'asks again after the reminder, or has ended',
      (job) => job.status !== 'running' || (job.waiting !== undefined && job.waiting.dialog_id !== waiting!.dialog_id),
    );
    if (again.waiting) await answer(id, again.waiting.dialog_id, 'deny');
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.reason], ['failed', 'no_output']);
  });

  it('holds a job at the trust dialog, and goes on when it is answered', async () => {
    await create('--mode', 'trust');
    const id = await courier.send('x');
    const { waiting } = await courier.sessionWhere('waits', (session) => session.waiting !== undefined);
    assert.equal(waiting?.kind, 'trust');
    assert.equal((await courier.job(id))?.attempts, 0);
    assert.equal((await answer('main', waiting!.dialog_id, 'yes-i-trust-this-folder')).ok, true);
    await completes(courier.ended(id));
  });

  it('cancels a job that waits for its session to start; the session goes on', async () => {
    await create('--mode', 'trust');
    const id = await courier.send('x');
    const { waiting } = await courier.sessionWhere('waits', (session) => session.waiting !== undefined);
    assert.equal((await cancel(id)).ok, true);
    assert.equal((await courier.ended(id)).status, 'cancelled');
    assert.equal((await answer('main', waiting!.dialog_id, 'yes-i-trust-this-folder')).ok, true);
    await courier.sessionWhere('is ready', (session) => session.state === 'ready');
    await completes(courier.ended(await courier.send('y')));
  });

  it('waits when the line is not taken; a cancel takes it back, and the row is free again', async () => {
    await create('--mode', 'ignore-enter');
    const id = await courier.send('x');
    const { waiting, attempts } = await waits(id);
    assert.deepEqual([waiting!.kind, attempts], ['not_accepted', 1]);
    assert.deepEqual(
      waiting!.choices.map((choice) => choice.id),
      ['enter'],
    );
    assert.match(await courier.screen(), new RegExp(`demo> Job ${id}:`));
    assert.equal((await answer('main', waiting!.dialog_id, 'enter')).ok, true);
    assert.equal((await cancel(id)).ok, true);
    assert.equal((await courier.ended(id)).status, 'cancelled');
    await waitFor(async () => /^demo> ?$/m.test(await courier.screen()), {
      what: async () => `an empty input row: ${await courier.screen()}\n${courier.logged.slice(-12).join('\n')}`,
    });
  });

  it('cancels in each phase, and the next job runs', async () => {
    await create();
    const working = await courier.send(mode('slow=30000'));
    const pending = await courier.send('second');
    await courier.jobWhere(working, 'works', (job) => job.phase === 'working');
    assert.equal((await cancel(pending)).ok, true);
    const unbegun = await courier.ended(pending);
    assert.deepEqual([unbegun.status, unbegun.attempts], ['cancelled', 0]);
    assert.equal((await cancel(working)).ok, true);
    assert.equal((await courier.ended(working)).status, 'cancelled');
    const asking = await courier.send(mode('permission'));
    await waits(asking);
    assert.equal((await cancel(asking)).ok, true);
    assert.equal((await courier.ended(asking)).status, 'cancelled');
    const fresh = await courier.send(mode('slow=30000'), { mode: 'fresh' });
    await courier.jobWhere(fresh, 'works', (job) => job.phase === 'working');
    assert.equal((await cancel(fresh)).ok, true);
    assert.equal((await courier.ended(fresh)).status, 'cancelled');
    await completes(courier.ended(await courier.send('next')));
    const sessions = await courier.tmux('list-sessions', '-F', '#{session_name}');
    assert.equal(sessions.trim(), 'courier_main');
  });

  it('runs a job again by retry, as a new one with its prompt', async () => {
    await create();
    const id = await courier.send('TODO: water the plants\n');
    await completes(courier.ended(id));
    const reply = (await courier.client.request({ action: 'retry', job_id: id }))!;
    assert.equal(reply.ok, true);
    const job = await courier.ended(reply.id);
    assert.deepEqual([job.status, job.retry_of], ['completed', id]);
    assert.match(await courier.output(job), /water the plants/);
  });

  it('creates, stops and deletes a session; its jobs end with it, its files stay', async () => {
    await create();
    const made = await courier.client.request({ action: 'create_session', session_id: 'main', name: 'My session' });
    assert.equal(made?.ok, true);
    assert.equal((await courier.sessionWhere('is ready', (session) => session.state === 'ready')).name, 'My session');
    assert.equal((await courier.client.request({ action: 'create_session', session_id: 'main' }))?.ok, false);
    const as = { action: 'create_session', session_id: 'other', subagent: 'reviewer' } as const;
    assert.match((await courier.client.request(as))?.error ?? '', /Demo has no agents of its own/);
    assert.equal(await courier.session('other'), undefined);
    const ids = [await courier.send(mode('slow=30000')), await courier.send('second')];
    await courier.jobWhere(ids[0]!, 'works', (job) => job.phase === 'working');
    assert.equal((await courier.client.request({ action: 'stop_session', session_id: 'main' }))?.ok, true);
    for (const id of ids) assert.equal((await courier.ended(id)).status, 'cancelled');
    await courier.sessionWhere('is stopped', (session) => session.state === 'stopped' && session.tmux_session === null);
    assert.deepEqual(await courier.tmux('list-sessions').catch(() => ''), '');
    await completes(courier.ended(await courier.send('after')));
    assert.equal((await courier.client.request({ action: 'delete_session', session_id: 'main' }))?.ok, true);
    assert.equal(await courier.session(), undefined);
    assert.deepEqual(await fs.readdir(courier.layout.deleted), ['main']);
    assert.equal((await courier.client.request({ action: 'delete_session', session_id: 'main' }))?.ok, false);
    await completes(courier.ended(await courier.send('a new main')));
    assert.equal((await courier.client.request({ action: 'delete_session', session_id: 'main' }))?.ok, true);
    assert.equal((await fs.readdir(courier.layout.deleted)).length, 2);
  });

  it('types nothing into a row that somebody has begun to fill, nor in copy mode, nor with input off', async () => {
    await create();
    await completes(courier.ended(await courier.send('first')));
    await courier.tmux('send-keys', '-t', '=courier_main:', '-l', '--', 'half a thought');
    const typed = await courier.send('x');
    const { waiting } = await waits(typed);
    assert.equal(waiting!.kind, 'input_not_empty');
    assert.match(await courier.screen(), /^demo> half a thought$/m);
    assert.equal((await answer('main', waiting!.dialog_id, 'clear')).ok, true);
    await completes(courier.ended(typed));
    await courier.tmux('copy-mode', '-t', '=courier_main:');
    const scrolled = await courier.send('y');
    const copy = (await waits(scrolled)).waiting!;
    assert.equal(copy.kind, 'copy_mode');
    assert.equal((await answer('main', copy.dialog_id, 'leave')).ok, true);
    await completes(courier.ended(scrolled));
    await courier.tmux('select-pane', '-d', '-t', '=courier_main:');
    const closed = await courier.send('z');
    assert.match((await waits(closed)).waiting!.text, /input/i);
    await courier.tmux('select-pane', '-e', '-t', '=courier_main:');
    await completes(courier.ended(closed));
  });
});
