import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { openFolder } from '../../src/core/store/folder';
import { systemClock } from '../../src/core/support/clock';
import { waitFor } from '../support/waitFor';
import { fault } from './fault';
import { serverPid, slowly, warm, working } from './working';

const exec = promisify(execFile);
describe('tmux', () => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    fault(`tmux server ended by ${signal} under a job (10)`, { tries: 3 }, async (trial) => {
      const courier = await warm(trial);
      const id = await working(trial, courier, 60_000);
      process.kill(await serverPid(courier), signal);
      const job = await trial.fails(courier, id, 'failed session_lost', /ended|gone|lost/);
      assert.equal(job.attempts, 1);
      await trial.next(courier);
    });

  fault('socket removed under a job (10)', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const id = await working(trial, courier, 2000);
    const before = await courier.tmux('list-panes', '-a', '-F', '#{pid} #{pane_pid}');
    const { socket } = await openFolder(courier.layout, courier.user, systemClock);
    await fs.rm(socket);
    await trial.answersItself(courier, await trial.completes(courier, id));
    await trial.next(courier);
    assert.equal(await courier.tmux('list-panes', '-a', '-F', '#{pid} #{pane_pid}'), before, 'the same server');
  });

  fault('socket folder removed under a job', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const id = await working(trial, courier, 2000);
    const before = await serverPid(courier);
    const { socket } = await openFolder(courier.layout, courier.user, systemClock);
    await fs.rm(path.dirname(socket), { recursive: true });
    await trial.answersItself(courier, await trial.completes(courier, id));
    await trial.next(courier);
    assert.equal(await serverPid(courier), before, 'the same server');
  });

  fault("another server's pane has the id of ours (9)", { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const id = await trial.send(courier, slowly(60_000));
    await courier.jobWhere(id, 'works', ({ phase }) => phase === 'working');
    const { socket } = await openFolder(courier.layout, courier.user, systemClock);
    const pid = await serverPid(courier);
    await courier.tmux('kill-server');
    // A person's own program in the first pane of a new server on the same socket.
    const heard = path.join(courier.root, 'heard');
    const program = ['sh', '-c', `cat >'${heard}'`];
    const start = () =>
      exec('tmux', ['-u', '-S', socket, '-f', '/dev/null', 'new-session', '-d', '-s', 'person', ...program]);
    await waitFor(async () => (await start()) && true, { what: 'a server of the person' });
    assert.notEqual(await serverPid(courier), pid);
    await trial.fails(courier, id, 'failed session_lost', /./);
    await trial.next(courier);
    const typed = await fs.readFile(heard, 'utf8').catch(() => '');
    if (typed !== '') trial.note('wrong', `typed into a person's pane: ${typed}`);
    assert.match(await courier.tmux('list-sessions', '-F', '#{session_name}'), /^person$/m);
  });

  fault('session whose name begins as another one (7)', { tries: 3 }, async (trial) => {
    const courier = await trial.courier();
    await courier.runner();
    await trial.next(courier, { session_id: 'abc' });
    await trial.next(courier, { session_id: 'abc-long' });
    const long = await working(trial, courier, 3000, 'abc-long');
    await courier.tmux('kill-session', '-t', '=courier_abc');
    assert.ok((await courier.client.request({ action: 'stop_session', session_id: 'abc' }))?.ok);
    await trial.answersItself(courier, await trial.completes(courier, long));
    await trial.next(courier, { session_id: 'abc' });
  });

  fault('names that mean something to tmux, a shell or an option (3, 8)', { tries: 6, short: 2 }, async (trial, n) => {
    const names = ['#(touch pwned)', '-f;', '$(touch pwned)', 'a;b', "it's `touch pwned` #{pid}", '~ %% {x}'];
    const folderName = names[n % names.length]!;
    const courier = await trial.courier({}, { folderName });
    await courier.runner();
    await trial.next(courier);
    const renamed = await courier.client.request({ action: 'rename_session', session_id: 'main', name: folderName });
    assert.ok(renamed?.ok, renamed?.error);
    await courier.tmux('kill-server');
    await trial.next(courier);
    const found = [...(await fs.readdir(courier.root)), ...(await fs.readdir(courier.workspace))];
    assert.ok(!found.includes('pwned'), 'it was run');
  });

  fault('screen small, long, and of wide characters (24)', { tries: 3 }, async (trial, n) => {
    const courier = await warm(trial);
    const resize = (columns: number) =>
      courier.tmux('resize-window', '-t', '=courier_main:', '-x', String(columns), '-y', '12');
    await resize([20, 80, 400][n % 3]!);
    const wide = '漢字かな😀é'.repeat(2000);
    const id = await trial.send(courier, `${wide}\n\n# ${wide}\n`);
    if (n % 3 === 0) {
      // The line fills more than the screen: it can't be seen to stand there, and nothing is done blindly.
      await courier.jobWhere(id, 'waits', ({ waiting }) => waiting?.kind === 'not_accepted');
      await resize(100);
    }
    await trial.answersItself(courier, await trial.completes(courier, id));
    await trial.next(courier);
  });
});
