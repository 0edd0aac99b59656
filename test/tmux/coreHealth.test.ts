import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Health, SessionState } from '../../src/core/model/session';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

const mode = (list: string) => `A prompt.\n\ndemo-mode: ${list}\n`;

describe('health of a session', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  const create = async (settings: object = {}) => {
    courier = await TestCourier.create({ settings: { version: '1.0', auto_recover: false, ...settings } });
    return courier.runner();
  };
  afterEach(() => courier.stop());

  const is = (state: SessionState) => courier.sessionWhere(`is ${state}`, (session) => session.state === state);
  const warm = async () => {
    const job = await courier.ended(await courier.send('first'));
    assert.equal(job.status, 'completed', job.message);
    await is('ready');
  };
  const panePid = async () =>
    Number(await courier.tmux('display-message', '-p', '-t', '=courier_main:', '#{pane_pid}'));
  const health = async (): Promise<Health> =>
    JSON.parse(await fs.readFile(courier.layout.session('main').health, 'utf8'));
  const press = (...keys: string[]) => courier.tmux('send-keys', '-t', '=courier_main:', ...keys);
  const type = async (line: string) => {
    await press('-l', '--', line);
    await waitFor(async () => (await courier.screen()).includes(`demo> ${line}`), { what: 'the typed line' });
    await press('Enter');
  };

  const faults: [string, () => Promise<unknown>, Partial<Health>][] = [
    [
      'kill -9 of the CLI',
      async () => process.kill(await panePid(), 'SIGKILL'),
      { action: 'restart_claude', tmux_active: true, reason: 'the agent has ended (signal 9)' },
    ],
    [
      'the end of its tmux session',
      () => courier.tmux('kill-session', '-t', '=courier_main'),
      { action: 'restart_tmux', tmux_active: false, reason: 'its tmux session is gone' },
    ],
    [
      'kill -9 of the tmux server',
      async () => process.kill(Number(await courier.tmux('display-message', '-p', '#{pid}')), 'SIGKILL'),
      { action: 'restart_tmux', tmux_active: false, reason: 'its tmux server is gone' },
    ],
  ];
  for (const [what, happen, expected] of faults)
    it(`sees ${what} within a second, with no scan to help`, async () => {
      await create({ scan_interval_s: 600 });
      await warm();
      // A second session keeps the server up.
      await courier.ended(await courier.send('other', { session_id: 'other' }));
      await happen();
      const from = performance.now();
      await is('lost');
      const took = performance.now() - from;
      assert.ok(took < 1000, `${took} ms`);
      const { state, tmux_active, claude_ready, action, reason, last_probe } = await waitFor(async () => {
        const seen = await health();
        return seen.state === 'lost' && seen;
      });
      assert.deepEqual({ tmux_active, action, reason }, expected);
      assert.deepEqual([state, claude_ready], ['lost', false]);
      assert.ok(Date.parse(last_probe!) > Date.now() - 10_000);
    });

  it('is stopped, not lost, when a person ended the agent in its terminal; nothing starts it but a job', async () => {
    await create({ auto_recover: true, recover_delays_s: [0] });
    await warm();
    await type('/exit');
    const { tmux_session, message } = await is('stopped');
    assert.equal(tmux_session, null);
    assert.match(message ?? '', /ended in its terminal/);
    assert.equal((await health()).recoveries, undefined);
    assert.equal((await courier.ended(await courier.send('next'))).status, 'completed');
  });

  /** Types a line for which the Demo agent works as these modes say; waits for nothing. */
  const typeTurn = async (modes: string) => {
    for (const dir of ['prompts', 'output']) await fs.mkdir(path.join(courier.workspace, dir));
    await fs.writeFile(path.join(courier.workspace, 'prompts', 'mine.md'), mode(modes));
    await type('Read prompts/mine.md and write output/mine.md');
  };

  it('follows a turn that a person types: busy, then ready', async () => {
    await create({ scan_interval_s: 0.2 });
    await warm();
    await typeTurn('slow=700');
    await is('busy');
    await is('ready');
  });

  it('shows a dialog of a turn that a person typed, and takes an answer to it', async () => {
    await create({ scan_interval_s: 0.2 });
    await warm();
    await typeTurn('permission');
    const { waiting } = await courier.sessionWhere('waits', (session) => session.waiting?.kind === 'permission');
    const answer = { target: 'main', dialog_id: waiting!.dialog_id, choice: 'allow-once' };
    const reply = await courier.client.answer(answer);
    assert.equal(reply?.ok, true, `${reply?.error} ${JSON.stringify(waiting)}`);
    await is('ready');
  });

  it('sees that a person interrupted the own turn', async () => {
    await create({ scan_interval_s: 0.2 });
    await warm();
    await typeTurn('slow=60000');
    await is('busy');
    await press('Escape');
    await is('ready');
  });
});

describe('a lost session', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  const create = async (settings: object = {}) => {
    courier = await TestCourier.create({
      settings: { version: '1.0', recover_delays_s: [0.05, 0.05, 0.05], ...settings },
    });
    return courier.runner();
  };
  afterEach(() => courier.stop());
  const panePid = async () =>
    Number(await courier.tmux('display-message', '-p', '-t', '=courier_main:', '#{pane_pid}'));
  const health = async (): Promise<Health> =>
    JSON.parse(await fs.readFile(courier.layout.session('main').health, 'utf8'));
  const warm = async () => {
    assert.equal((await courier.ended(await courier.send('first'))).status, 'completed');
    return courier.sessionWhere('is ready after a turn', (s) => s.state === 'ready' && s.conversation_id !== undefined);
  };
  const anew = (since: string | undefined) =>
    courier.sessionWhere('is ready anew', (session) => session.state === 'ready' && session.ready_at !== since);

  it('is started again by itself with its conversation, three times in 15 minutes; then a person is asked', async () => {
    let runner = await create();
    let { ready_at, conversation_id } = await warm();
    for (let time = 1; time <= 3; time++) {
      const pid = await panePid();
      process.kill(pid, 'SIGKILL');
      ({ ready_at } = await anew(ready_at));
      const command = await fs.readFile(`/proc/${await panePid()}/cmdline`, 'utf8');
      assert.ok(command.includes(`--resume\0${conversation_id}`));
      assert.equal((await health()).recoveries?.length, time);
      // A new runner counts on.
      await runner.stop();
      runner = await courier.runner();
    }
    process.kill(await panePid(), 'SIGKILL');
    const { message } = await courier.sessionWhere('is given up', (session) => session.state === 'error');
    assert.match(message ?? '', /started again 3 times in 15 minutes.*signal 9.*courier recover main/);
    const logs = await fs.readdir(courier.layout.session('main').logs);
    assert.equal(logs.filter((name) => name.endsWith('_restart_claude.txt')).length, 4);
    assert.equal((await courier.client.request({ action: 'recover_session', session_id: 'main' }))?.ok, true);
    await anew(ready_at);
    assert.deepEqual((await health()).recoveries, []);
  });

  it('is left alone where that is switched off', async () => {
    await create({ auto_recover: false });
    await warm();
    process.kill(await panePid(), 'SIGKILL');
    const { message } = await courier.sessionWhere('is lost', (session) => session.state === 'lost');
    assert.match(message ?? '', /the next job starts it again/);
  });

  it('is tried again when its start fails, and goes on when that works', async () => {
    await create({ agents: { demo: { args: ['--mode', 'exit-at-once=3'] } } });
    await courier.client.request({ action: 'create_session', session_id: 'main' });
    await waitFor(async () => ((await health()).recoveries?.length ?? 0) > 0, { what: 'a first try' });
    courier.settings.agents.demo!.args = [];
    await courier.sessionWhere('is ready', (session) => session.state === 'ready');
  });

  it('comes back with all others after the tmux server was killed', async () => {
    await create();
    const ids = ['main', 'b', 'c'];
    for (const session_id of ids)
      assert.equal((await courier.ended(await courier.send('x', { session_id }))).status, 'completed');
    const before = await Promise.all(ids.map((id) => courier.session(id)));
    process.kill(Number(await courier.tmux('display-message', '-p', '#{pid}')), 'SIGKILL');
    for (const [at, id] of ids.entries())
      await courier.sessionWhere(
        'is ready anew',
        (session) => session.state === 'ready' && session.ready_at !== before[at]!.ready_at,
        id,
      );
  });
});
