import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { RecoveryAction } from '../../src/core/model/session';
import { identityOf } from '../../src/core/support/processIdentity';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

const mode = (list: string) => `A prompt.\n\ndemo-mode: ${list}\n`;

describe('recovery of a session that a person asks for', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  const create = async (...args: string[]) => {
    courier = await TestCourier.create({
      settings: { version: '1.0', agents: { demo: { args } }, auto_recover: false },
    });
    await courier.runner();
  };
  afterEach(() => courier.stop());

  const completes = async (id: string) => {
    const job = await courier.ended(id);
    assert.equal(job.status, 'completed', job.message);
    return job;
  };
  const ready = () => courier.sessionWhere('is ready', (session) => session.state === 'ready');
  const warm = async () => {
    await completes(await courier.send('first'));
    // The session's file is written beside the job's end, and may come after it.
    return courier.sessionWhere('is ready after a turn', (s) => s.state === 'ready' && s.conversation_id !== undefined);
  };
  const working = async (list = 'slow=60000') => {
    const id = await courier.send(mode(list));
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    return id;
  };
  const recover = async (recovery?: RecoveryAction) => {
    const reply = await courier.client.request({ action: 'recover_session', session_id: 'main', recovery });
    assert.equal(reply?.ok, true, reply?.error);
  };
  const format = '#{pane_id} #{pane_pid} #{session_created} #{pid}';
  const place = async () => {
    const row = await courier.tmux('list-panes', '-t', '=courier_main:', '-F', format);
    const [pane, pid, created, server] = row.trim().split(' ');
    return { pane, pid: Number(pid), created, server };
  };
  const command = async () => fs.readFile(`/proc/${(await place()).pid}/cmdline`, 'utf8');
  const files = () => courier.layout.session('main');
  const evidence = async () => {
    const names = (await fs.readdir(files().logs)).filter((name) => name.endsWith('.txt')).sort();
    return names.map((name) => path.join(files().logs, name));
  };

  it('restart_claude: in the same pane, with the same conversation; what ran ends with that reason, what waits goes on', async () => {
    await create();
    const { conversation_id } = await warm();
    const before = await place();
    const id = await working();
    const next = await courier.send('next');
    await recover('restart_claude');
    const job = await courier.ended(id, 30_000);
    assert.deepEqual([job.status, job.reason, job.attempts], ['failed', 'session_lost', 1]);
    assert.match(job.message ?? '', /ended by Recover Session, restart_claude/);
    await completes(next);
    const after = await place();
    assert.deepEqual([after.pane, after.created], [before.pane, before.created]);
    assert.notEqual(after.pid, before.pid);
    assert.ok((await command()).includes(`--resume\0${conversation_id}`));
    const [file] = await evidence();
    assert.match(path.basename(file!), /^\d{8}T\d{9}_restart_claude\.txt$/);
    assert.equal((await fs.stat(file!)).mode & 0o777, 0o600);
    const text = await fs.readFile(file!, 'utf8');
    assert.match(text, /a person asked for restart_claude/);
    assert.match(text, /working… \(esc to interrupt\)/);
  });

  it('restart_tmux: in a new tmux session, with the same conversation', async () => {
    await create();
    const { conversation_id } = await warm();
    const before = await place();
    const id = await working();
    await recover('restart_tmux');
    const job = await courier.ended(id, 30_000);
    assert.deepEqual([job.status, job.reason], ['failed', 'session_lost']);
    await ready();
    const after = await place();
    assert.notDeepEqual([after.pane, after.server], [before.pane, before.server]);
    assert.ok((await command()).includes(`--resume\0${conversation_id}`));
    await completes(await courier.send('next'));
  });

  it('initialize: starts a session that was never started', async () => {
    await create();
    await completes(await courier.send('alone', { mode: 'fresh' }));
    await courier.sessionWhere('is created', (session) => session.state === 'created');
    await recover('initialize');
    await ready();
  });

  it('recreate: a new conversation, missing folders made, unreadable files set aside; history and prompts stay', async () => {
    await create();
    const { conversation_id } = await warm();
    const [first] = await fs.readdir(files().prompts);
    await fs.rm(files().output, { recursive: true });
    await fs.writeFile(files().queue, '{"version":');
    await recover('recreate');
    await ready();
    assert.ok(!(await command()).includes(conversation_id!));
    assert.deepEqual(await fs.readdir(files().prompts), [first]);
    await completes(await courier.send('next'));
    const names = await fs.readdir(files().dir);
    assert.equal(names.filter((name) => name.startsWith('job_queue.json.unreadable-')).length, 1);
    assert.notEqual((await courier.session())?.conversation_id, conversation_id);
  });

  it('without an action: what health recommends; a session that was stopped is started', async () => {
    await create();
    await warm();
    await courier.client.request({ action: 'stop_session', session_id: 'main' });
    await recover();
    await ready();
    const before = await place();
    await recover();
    await waitFor(async () => (await place()).pid !== before.pid && (await courier.session())?.state === 'ready', {
      what: 'another program in the same place',
    });
    assert.equal((await place()).pane, before.pane);
  });

  it('a start that hangs at a question: begun anew, and the job that waits for it goes with it', async () => {
    await create('--mode', 'trust');
    const id = await courier.send('x');
    const { waiting } = await courier.sessionWhere('waits', (session) => session.waiting !== undefined);
    await recover('restart_claude');
    const again = await courier.sessionWhere(
      'asks anew',
      (session) => session.waiting !== undefined && session.waiting.dialog_id !== waiting!.dialog_id,
    );
    const answer = { target: 'main', dialog_id: again.waiting!.dialog_id, choice: 'yes-i-trust-this-folder' };
    assert.equal((await courier.client.answer(answer))?.ok, true);
    assert.equal((await completes(id)).attempts, 1);
  });

  it('a conversation that is gone: a new one, and that is said until a later turn', async () => {
    await create('--mode', 'forget');
    await warm();
    const { conversation_id } = (await courier.session())!;
    await recover('restart_claude');
    const { notice } = await courier.sessionWhere('is ready', (s) => s.state === 'ready' && s.notice !== undefined);
    assert.ok(notice?.includes(conversation_id!));
    assert.match(await fs.readFile(files().log, 'utf8'), /is not there any more, so a new one was begun/);
    await completes(await courier.send('next'));
    await courier.sessionWhere('says it no more', (session) => session.notice === undefined);
  });

  it('a start that fails for another reason keeps the conversation', async () => {
    await create();
    const { conversation_id } = await warm();
    courier.settings.agents.demo!.args = ['--mode', 'exit-at-once=3'];
    await recover('restart_claude');
    const { message } = await courier.sessionWhere('is in error', (session) => session.state === 'error');
    assert.match(message ?? '', /exit status 3/);
    assert.equal((await courier.session())?.conversation_id, conversation_id);
    courier.settings.agents.demo!.args = [];
    await completes(await courier.send('next'));
    assert.ok((await command()).includes(`--resume\0${conversation_id}`));
  });

  it('a program that outlives the loss of its terminal is ended before the next one begins', async () => {
    courier = await TestCourier.create({
      settings: {
        version: '1.0',
        auto_recover: false,
        default_agent: 'deaf',
        agents: {
          deaf: {
            command: process.execPath,
            args: ['-e', 'process.on("SIGHUP", () => {}); setInterval(() => {}, 1000); console.log("ready>")'],
            ready_pattern: '^ready>',
          },
        },
      },
    });
    await courier.runner();
    await courier.client.request({ action: 'create_session', session_id: 'main' });
    await ready();
    const pids = [(await place()).pid];
    for (const action of ['restart_claude', 'restart_tmux'] as const) {
      await recover(action);
      await courier.sessionWhere('is ready', (session) => session.state === 'ready', 'main', 30_000);
      assert.equal((await identityOf(pids.at(-1)!)).start_time, undefined, 'it is gone, or a zombie');
      pids.push((await place()).pid);
    }
    process.kill(pids.at(-1)!, 'SIGKILL');
  });
});
