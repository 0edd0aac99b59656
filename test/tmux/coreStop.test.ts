import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { findTmux } from '../../src/core/tmux/findTmux';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

describe('a runner that is stopped', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  afterEach(() => courier.stop());

  it('while it starts an agent: starts none any more once it has given the folder back', async () => {
    courier = await TestCourier.create({ settings: { version: '1.0', start_timeout_s: 60 } });
    const file = (name: string) => path.join(courier.root, name);
    // A tmux that is slow to start a server, which it says, and does when it is told to.
    const lines = [
      '#!/bin/sh',
      `case "$*" in *start-server*) : >'${file('begun')}'`,
      `  until [ -e '${file('go')}' ]; do sleep 0.05; done; sleep 0.3;;`,
      'esac',
      `exec '${await findTmux('tmux')}' "$@"`,
    ];
    await fs.writeFile(file('tmux'), `${lines.join('\n')}\n`, { mode: 0o755 });
    courier.settings.tmux_path = file('tmux');
    const runner = await courier.runner();
    const id = await courier.send('x');
    await waitFor(() => fs.access(file('begun')).then(() => true), { what: 'the start of a server' });
    const stopped = runner.stop();
    await fs.writeFile(file('go'), '');
    await stopped;
    const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'ppid=,command='], { encoding: 'utf8' });
    const calls = stdout.split('\n').filter((line) => line.includes(courier.root) && line.includes('start-server'));
    assert.deepEqual(
      calls.filter((line) => Number.parseInt(line, 10) === process.pid),
      [],
    );
    await courier.runner();
    assert.equal((await courier.ended(id)).status, 'completed');
    assert.equal((await courier.tmux('list-sessions', '-F', '#S')).trim(), 'courier_main');
  });
});

describe('a runner that begins', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  afterEach(() => courier.stop());

  it('while the one before it still makes a tmux session of the same name: ends that one, and starts its own', async () => {
    courier = await TestCourier.create();
    const file = (name: string) => path.join(courier.root, name);
    const tmux = await findTmux('tmux');
    // What was on its way when the runner before was stopped: done after the new one saw no server, and before it starts one.
    const before = `new-session -d -s courier_main sleep 987654 ';' set-option -p -t =courier_main: @courier_launch l-before`;
    const lines = [
      '#!/bin/sh',
      `case "$*" in *start-server*)`,
      `  [ -e '${file('made')}' ] || '${tmux}' "$1" "$2" "$3" "$4" "$5" ${before}; : >'${file('made')}';;`,
      'esac',
      `exec '${tmux}' "$@"`,
    ];
    await fs.writeFile(file('tmux'), `${lines.join('\n')}\n`, { mode: 0o755 });
    courier.settings.tmux_path = file('tmux');
    await courier.runner();
    const job = await courier.ended(await courier.send('x'));
    assert.deepEqual([job.status, job.message, job.attempts], ['completed', undefined, 1]);
    await fs.access(file('made'));
    const panes = await courier.tmux('list-panes', '-a', '-F', '#S #{pane_start_command}');
    assert.match(panes.trim(), /^courier_main .*demo-agent[^\n]*$/);
  });
});
