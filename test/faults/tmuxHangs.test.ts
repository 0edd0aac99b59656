import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from '../support/waitFor';
import { fault } from './fault';
import { serverPid, warm, working } from './working';

const exec = promisify(execFile);

describe('tmux that hangs', () => {
  fault('tmux hangs while a job works', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const id = await working(trial, courier, 4000);
    const pid = await serverPid(courier);
    process.kill(pid, 'SIGSTOP');
    trial.atEnd(() => process.kill(pid, 'SIGCONT'));
    // Its receipts come past tmux, and say all that is needed.
    await trial.answersItself(courier, await trial.completes(courier, id));
    process.kill(pid, 'SIGCONT');
    await trial.next(courier);
  });

  fault('tmux hangs when a job is sent', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const pid = await serverPid(courier);
    process.kill(pid, 'SIGSTOP');
    trial.atEnd(() => process.kill(pid, 'SIGCONT'));
    const id = await trial.send(courier, 'Sent to a tmux that hangs.');
    const job = await courier.jobWhere(id, 'waits', ({ waiting }) => waiting !== undefined);
    assert.match(job.waiting?.text ?? '', /tmux gives no answer/);
    process.kill(pid, 'SIGCONT');
    await trial.answersItself(courier, await trial.completes(courier, id));
    await trial.next(courier);
  });

  fault('tmux hangs between looking and typing', { tries: 4 }, async (trial, n) => {
    const courier = await warm(trial);
    const pid = await serverPid(courier);
    trial.atEnd(() => process.kill(pid, 'SIGCONT'));
    const id = await trial.send(courier, 'Typed to a tmux that hangs.');
    const found = await courier.jobWhere(id, 'is on its way', ({ status, phase }) =>
      n % 2 ? phase === 'sending' || status === 'completed' : status !== 'pending',
    );
    process.kill(pid, 'SIGSTOP');
    if (found.status === 'running')
      // Longer than any call of tmux may take.
      await waitFor(() => courier.logged.some((line) => line.includes('gave no answer')), { timeout: 15_000 }).catch(
        () => undefined,
      );
    process.kill(pid, 'SIGCONT');
    const ended = await courier.ended(id, 15_000).catch(() => undefined);
    if (ended) await trial.answersItself(courier, await trial.completes(courier, id));
    else {
      // Nobody can say whether tmux typed the line of a call that it never answered: a person decides.
      assert.equal((await courier.job(id))?.waiting?.kind, 'not_accepted');
      assert.ok((await courier.client.request({ action: 'cancel', job_id: id }))?.ok);
      assert.equal((await courier.ended(id)).status, 'cancelled');
      assert.equal(trial.taken(courier, id), 0);
    }
    await trial.next(courier);
  });

  const hanging = { tries: 3, simulated: 'a tmux program that answers no call from then on' };
  fault('tmux upgraded while its server runs: calls hang (28)', hanging, async (trial) => {
    const program = await fs.mkdtemp(path.join(process.env.TMPDIR ?? '/tmp', 'tc-'));
    trial.atLast(() => fs.rm(program, { recursive: true }));
    const tmux_path = path.join(program, 'tmux');
    const upgraded = path.join(program, 'upgraded');
    const real = (await exec('which', ['tmux'])).stdout.trim();
    await fs.writeFile(
      tmux_path,
      `#!/bin/sh\n[ -e '${upgraded}' ] && [ "$1" != -V ] && exec sleep 60\nexec ${real} "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const courier = await warm(trial, { tmux_path, auto_recover: false });
    // A client in control mode that stands is of the server's own version, and goes on; it ends.
    const clients = async () => (await courier.tmux('list-clients', '-F', '#{client_pid}')).split('\n').filter(Boolean);
    const [client] = await waitFor(async () => ((await clients()).length === 1 ? clients() : undefined), {
      what: 'a client in control mode',
    });
    await fs.writeFile(upgraded, '');
    process.kill(Number(client), 'SIGKILL');
    await waitFor(async () => (await clients()).length === 0, { what: 'its end' });
    const id = await trial.send(courier, 'After an upgrade.');
    const job = await courier.jobWhere(id, 'waits', ({ waiting }) => waiting !== undefined);
    assert.match(job.waiting?.text ?? '', /tmux gives no answer.*version/);
    const other = await trial.send(courier, 'Of a session that is not there yet.', { session_id: 'other' });
    await trial.fails(courier, other, 'failed start_failed', /tmux .*gave no answer|tmux gave no answer/);
    assert.equal((await courier.client.request({ action: 'cancel', job_id: id }, 30_000))?.ok, true);
    assert.equal((await courier.ended(id)).status, 'cancelled');
    await fs.rm(upgraded);
    await trial.next(courier);
    await trial.next(courier, { session_id: 'other' });
  });
});
