import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job } from '../../src/core/model/job';
import { reminderFor } from '../../src/core/runner/instruction';
import type { RunnerHost } from '../../src/core/runner/runnerHost';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

const mode = (list: string) => `A prompt.\n\ndemo-mode: ${list}\n`;

describe('a runner that goes on where another stopped', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  let first: RunnerHost;
  const create = async (...args: string[]) => {
    const settings = { version: '1.0' as const, accept_timeout_s: 1, agents: { demo: { args } } };
    courier = await TestCourier.create({ settings });
    first = await courier.runner();
  };
  afterEach(() => courier.stop());

  const pids = () => courier.tmux('list-panes', '-a', '-F', '#{session_name} #{pane_pid}');
  const completes = async (id: string): Promise<Job> => {
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.attempts, job.message], ['completed', 1, undefined]);
    return job;
  };
  /** Stops the runner; the agents go on. */
  const change = async () => {
    await first.stop();
    const between = await pids().catch(() => '');
    await courier.runner();
    assert.equal(await pids().catch(() => ''), between, 'the agents go on');
  };

  it('pending: goes on', async () => {
    await create();
    const [a, b] = [await courier.send(mode('slow=500')), await courier.send('b')];
    await courier.jobWhere(a, 'works', (job) => job.phase === 'working');
    await courier.jobWhere(b, 'is pending', (job) => job.status === 'pending');
    await change();
    await completes(a);
    await completes(b);
  });

  for (const [phase, list] of [
    ['accepted or working', 'slow=1500'],
    ['working, half of the answer written', 'two-step=1500'],
    ['working, answer written, turn not ended', 'late-stop=1500'],
  ] as const) {
    for (const kind of ['session', 'fresh'] as const)
      it(`${phase} (${kind}): goes on watching, types nothing`, async () => {
        await create();
        const id = await courier.send(mode(list), { mode: kind });
        await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
        await change();
        const job = await completes(id);
        assert.match(await courier.output(job), /demo/i);
        if (kind === 'fresh')
          await waitFor(async () => (await courier.launches()).length === 0, { what: 'its launch folder is gone' });
        else await completes(await courier.send('next'));
      });
  }

  it('ended while nobody ran it: the end is found', async () => {
    await create();
    const id = await courier.send(mode('slow=300'));
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    await first.stop();
    await waitFor(async () => (await courier.screen()).includes('done: wrote'), { what: 'the end of the turn' });
    await courier.runner();
    await completes(id);
  });

  it('agent ended while nobody ran it: told, and not sent again', async () => {
    await create();
    const id = await courier.send(mode('slow=60000'));
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    await first.stop();
    await courier.tmux('kill-session', '-t', '=courier_main');
    await courier.runner();
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.attempts], ['failed', 1]);
    assert.ok(job.reason === 'session_lost' || job.reason === 'agent_exited', job.reason);
    await completes(await courier.send('next'));
    assert.equal((await courier.launches()).length, 1, 'what the lost launch left is gone');
  });

  it('waiting: the same dialog is shown under the same id, and an answer fits', async () => {
    await create();
    const id = await courier.send(mode('permission'));
    const { waiting } = await courier.jobWhere(id, 'waits', (job) => job.waiting !== undefined);
    await change();
    const after = await courier.jobWhere(id, 'waits', (job) => job.waiting !== undefined);
    assert.equal(after.waiting!.dialog_id, waiting!.dialog_id);
    const answer = { target: 'main', dialog_id: waiting!.dialog_id, choice: 'allow-once' };
    await waitFor(async () => (await courier.client.answer(answer))?.ok, { what: 'the answer is taken' });
    await completes(id);
  });

  it('waiting or at work: shows no other state meanwhile', async () => {
    await create();
    const log = () => fs.readFile(courier.layout.session('main').log, 'utf8');
    const since = async (before: string) =>
      (await log())
        .slice(before.length)
        .split('\n')
        .flatMap((line) => /info (\w+ → \w+|\S+: (?:accepted|working|waiting).*)$/.exec(line)?.[1] ?? []);
    const id = await courier.send(mode('permission'));
    const { waiting } = await courier.jobWhere(id, 'waits', (job) => job.waiting !== undefined);
    await first.stop();
    const before = await log();
    const second = await courier.runner();
    const answer = { target: 'main', dialog_id: waiting!.dialog_id, choice: 'allow-once' };
    await waitFor(async () => (await courier.client.answer(answer))?.ok, {
      what: 'the answer is taken',
      timeout: 30_000,
    });
    await completes(id);
    await courier.sessionWhere('is ready', (session) => session.state === 'ready');
    const moves = (await since(before)).filter((move) => move !== `${id}: working`);
    // A turn that ends at once when it is answered may not be seen at work.
    assert.match(moves.join(', '), /^waiting → (busy, busy → )?ready$/);
    const slow = await courier.send(mode('slow=2000'));
    await courier.jobWhere(slow, 'works', (job) => job.activity !== undefined);
    await second.stop();
    const between = await log();
    await courier.runner();
    await completes(slow);
    await courier.sessionWhere('is ready', (session) => session.state === 'ready');
    assert.deepEqual(await since(between), ['busy → ready']);
  });

  for (const kind of ['session', 'fresh'] as const)
    it(`starting (${kind}): goes on starting`, async () => {
      await create('--mode', 'trust');
      const id = await courier.send('x', { mode: kind });
      const target = kind === 'fresh' ? id : 'main';
      const dialog = async () =>
        kind === 'fresh' ? (await courier.job(id))?.waiting : (await courier.session())?.waiting;
      await waitFor(dialog, { what: 'the trust dialog' });
      await first.stop();
      await courier.runner();
      const choice = 'yes-i-trust-this-folder';
      let reply: Awaited<ReturnType<typeof courier.client.answer>>;
      await waitFor(
        async () => {
          const waiting = await dialog();
          reply = waiting && (await courier.client.answer({ target, dialog_id: waiting.dialog_id, choice }, 5000));
          return reply?.ok;
        },
        {
          what: async () =>
            `the answer is taken: ${JSON.stringify([reply, await dialog(), await courier.job(id)])}\n${courier.logged.slice(-20).join('\n')}`,
          timeout: 30_000,
        },
      );
      await completes(id);
      const alive = (await pids().catch(() => ''))
        .trim()
        .split('\n')
        .filter((row) => !row.startsWith('courier_job_'));
      assert.equal(alive.filter(Boolean).length, kind === 'fresh' ? 0 : 1);
      await waitFor(async () => (await courier.launches()).length === (kind === 'fresh' ? 0 : 1), {
        what: 'no launch is left over',
      });
    });

  const timesOnScreen = async (text: string) =>
    (await courier.tmux('capture-pane', '-p', '-J', '-S', '-200', '-t', '=courier_main:'))
      .replaceAll('\n', '')
      .split(text).length - 1;

  it('sending, and the line is gone without proof that it was taken: failed, never typed again', async () => {
    await create('--mode', 'ignore-enter');
    const id = await courier.send('x');
    await courier.jobWhere(id, 'waits', (job) => job.waiting?.kind === 'not_accepted');
    await first.stop();
    await courier.tmux('send-keys', '-t', '=courier_main:', 'C-u');
    await waitFor(async () => (await timesOnScreen(`Job ${id}:`)) === 0, { what: 'an empty row' });
    await courier.runner();
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.reason, job.attempts], ['failed', 'runner_interrupted', 1]);
    assert.equal(await timesOnScreen(`Job ${id}:`), 0);
  });

  it('sending, and the line still stands in the row: shown as such, never typed again', async () => {
    await create('--mode', 'ignore-enter');
    const id = await courier.send('x');
    await courier.jobWhere(id, 'waits', (job) => job.waiting?.kind === 'not_accepted');
    await first.stop();
    const second = await courier.runner();
    const job = await courier.jobWhere(
      id,
      'waits or has ended',
      (j) => j.status !== 'running' || j.waiting !== undefined,
    );
    assert.ok(job.status === 'failed' || job.waiting?.kind === 'not_accepted', JSON.stringify(job));
    assert.equal(second.role, 'owner');
    assert.equal(await timesOnScreen(`Job ${id}:`), 1);
    assert.equal(job.attempts, 1);
  });

  /** A job whose turn left no answer, as a runner leaves it that is killed while it types the reminder. */
  const reminding = async () => {
    await create();
    const id = await courier.send(mode('no-output,slow=300'));
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    await first.stop();
    await waitFor(async () => (await courier.screen()).includes('wrote nothing'), { what: 'the end of the turn' });
    const file = courier.layout.session('main').queue;
    const queue = JSON.parse(await fs.readFile(file, 'utf8'));
    Object.assign(queue.jobs[0], { phase: 'sending', reminded_at: new Date().toISOString() });
    await fs.writeFile(file, JSON.stringify(queue));
    return { id, line: reminderFor((await courier.job(id))!) };
  };

  it('reminding, and the line still stands in the row: it is submitted, and the answer comes', async () => {
    const { id, line } = await reminding();
    await courier.tmux('send-keys', '-l', '-t', '=courier_main:', '--', line);
    await waitFor(async () => (await timesOnScreen('is not there yet')) === 1, { what: 'the line in the row' });
    await courier.runner();
    await completes(id);
    assert.equal(await timesOnScreen('is not there yet'), 1);
    await completes(await courier.send('next'));
  });

  it('reminding, and the line is gone without proof: failed, said, never typed again', async () => {
    const { id } = await reminding();
    await courier.runner();
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.reason], ['failed', 'no_output']);
    assert.match(job.message ?? '', /typing a reminder, which was not sent again\. What the agent said last is kept/);
    assert.equal(await timesOnScreen('is not there yet'), 0);
    await completes(await courier.send('next'));
  });

  it('sending, and the receipt came after the runner was gone: accepted', async () => {
    await create('--mode', 'ignore-enter');
    const id = await courier.send(mode('slow=100'));
    const { launch_id } = await courier.jobWhere(id, 'waits', (job) => job.waiting?.kind === 'not_accepted');
    await first.stop();
    const job = (await courier.job(id))!;
    const [folder] = await fs.readdir(path.join(courier.user.root, 'folders'));
    const { receipts } = courier.user.folder(folder!).launch(launch_id!);
    const base = { session_id: 'c', cwd: courier.workspace, prompt_id: 'p-1' };
    const submit = { ...base, hook_event_name: 'UserPromptSubmit', prompt: `Job ${id}: please` };
    const stop = { ...base, hook_event_name: 'Stop', last_assistant_message: 'done' };
    await fs.writeFile(path.join(courier.workspace, job.output_path), 'the answer');
    for (const [i, receipt] of [submit, stop].entries())
      await fs.writeFile(path.join(receipts, `9-${i}.json`), JSON.stringify(receipt));
    await courier.runner();
    await completes(id);
  });

  it('a fresh job that has ended, and what it left in tmux stands: ended, and nothing else', async () => {
    await create();
    const job = await completes(await courier.send('x', { mode: 'fresh' }));
    await first.stop();
    const stand = async (name: string, launch: string) => {
      const target = `=courier_job_${name}:`;
      await courier.tmux('new-session', '-d', '-s', `courier_job_${name}`, '--', 'tail', '-f', '/dev/null');
      await courier.tmux('set-option', '-p', '-t', target, '@courier_launch', launch);
    };
    await stand('unknown', job.launch_id!);
    await stand(job.job_id, job.launch_id!);
    await courier.runner();
    const names = async () => (await courier.tmux('list-sessions', '-F', '#{session_name}')).trim();
    await waitFor(async () => (await names()) === 'courier_job_unknown', { what: 'only what nobody knows is left' });
  });

  it('of two runners the second takes over when the first stops, and a job goes on', async () => {
    await create();
    const second = await courier.runner();
    assert.deepEqual([first.role, second.role], ['owner', 'standby']);
    const id = await courier.send(mode('slow=1500'));
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    await first.stop();
    await waitFor(() => second.role === 'owner', { what: 'the second owns the folder' });
    await completes(id);
  });

  it('killed with SIGKILL: the next takes over at once, and the job goes on', async () => {
    await create();
    await first.stop();
    const monitor = spawn(process.execPath, [path.resolve('dist/courier.js'), 'monitor', '--dir', courier.workspace], {
      env: courier.env,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => monitor.on('exit', resolve));
    const id = await courier.send(mode('slow=1500'), { agent: 'demo' });
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    monitor.kill('SIGKILL');
    await ended;
    const next = await courier.runner();
    assert.equal(next.role, 'owner', 'a process that is provably gone needs no waiting');
    await completes(id);
  });

  it('sets unreadable state files aside, and all else goes on', async () => {
    await create();
    await completes(await courier.send('a', { session_id: 'a' }));
    const id = await courier.send(mode('slow=1500'), { session_id: 'b' });
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    await first.stop();
    const files = courier.layout.session('a');
    await fs.writeFile(files.metadata, '{"version":"1.0","session_id"');
    await fs.writeFile(files.queue, '');
    await fs.writeFile(courier.layout.session('b').health, 'null');
    await courier.runner();
    await completes(id);
    await completes(await courier.send('again', { session_id: 'a' }));
    const aside = (await fs.readdir(files.dir)).filter((name) => name.includes('.unreadable-'));
    assert.equal(aside.length, 2);
    assert.ok(courier.logged.some((line) => line.startsWith('error') && line.includes('set aside')));
    assert.equal((await courier.job(id))?.status, 'completed');
  });
});
