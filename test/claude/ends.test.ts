import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { installClaude } from '../support/claudeCode';
import { fixture, staysTrue, useClaude } from '../support/claudeCourier';
import { gate } from '../support/gate';
import { answer, byMarker } from '../support/messagesTurns';
import { waitFor } from '../support/waitFor';

describe('Claude Code: ends that nobody wished for', function () {
  this.timeout(120_000);
  const start = useClaude();

  it('sees a killed CLI at once, and goes on with the conversation for the next job', async () => {
    const slow = gate();
    const claude = await start({ script: byMarker({ '[[slow]]': answer('late', slow) }) });
    const { courier, api } = claude;
    await courier.runner();
    // Claude Code writes a conversation down some time after its first turn has begun.
    await claude.warm();
    const id = await courier.send('[[slow]]');
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    process.kill(await claude.pid(), 'SIGKILL');
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.reason], ['failed', 'agent_exited']);
    assert.match(job.message ?? '', /signal 9/);
    assert.match(job.message ?? '', /its last words: [\s\S]*esc to interrupt/);
    await courier.sessionWhere('is lost', (session) => session.state === 'lost');
    slow.open();

    const next = await courier.send('Say hello.');
    assert.equal((await courier.ended(next)).status, 'completed');
    const { conversation_id } = (await courier.session())!;
    const command = await fs.readFile(`/proc/${await claude.pid()}/cmdline`, 'utf8');
    assert.ok(command.split('\0').join(' ').includes(`--resume ${conversation_id}`));
    const conversations = api.turns.map((turn) => turn.conversation);
    assert.deepEqual(new Set(conversations), new Set([conversation_id]));
    assert.deepEqual([claude.taken(id), claude.taken(next)], [1, 1]);
  });

  it('says why a CLI that exits at once could not be started', async () => {
    const claude = await start({
      script: byMarker({}),
      agent: { command: fixture('exitsAtOnce.sh') },
    });
    const { courier } = claude;
    await courier.runner();
    const messages: string[] = [];
    for (const mode of ['session', 'fresh', 'session', 'fresh'] as const) {
      const job = await courier.ended(await courier.send('Say hello.', { mode }));
      assert.deepEqual([job.status, job.reason, job.attempts], ['failed', 'start_failed', 0]);
      assert.match(job.message ?? '', /exit status 3/);
      messages.push(job.message ?? '');
    }
    // tmux itself loses the last words of about every thirtieth program that ends at once (measured, 3.3a).
    assert.ok(
      messages.some((message) => message.includes('I would rather not')),
      messages.join('\n'),
    );
  });

  it('times out a turn that takes longer than the total limit, and takes the next job', async () => {
    const slow = gate();
    const claude = await start({ script: byMarker({ '[[slow]]': answer('late', slow) }) });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('[[slow]]');
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    courier.settings.job_total_timeout_s = 1;
    assert.equal((await courier.ended(id)).status, 'timeout');
    courier.settings.job_total_timeout_s = 0;
    const next = await courier.send('Say hello.');
    assert.equal((await courier.ended(next)).status, 'completed');
    slow.open();
    assert.deepEqual([claude.taken(id), claude.taken(next)], [1, 1]);
  });

  it('times out on the silence of a CLI that is stopped, and gives it no job until it is idle again', async () => {
    const slow = gate();
    const claude = await start({
      script: byMarker({ '[[slow]]': answer('late', slow) }),
      agent: { command: fixture('underAParent.sh'), env: { REAL_CLAUDE: installClaude() } },
    });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('[[slow]]', { timeout_s: 2 });
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    const parent = await claude.pid();
    const pid = Number(await fs.readFile(`/proc/${parent}/task/${parent}/children`, 'utf8'));
    process.kill(pid, 'SIGSTOP');
    const next = await courier.send('Say hello.');
    try {
      const job = await courier.ended(id);
      assert.equal(job.status, 'timeout');
      assert.match(job.message ?? '', /no sign of life for 2 s/);
      assert.equal((await courier.job(next))?.status, 'pending');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    assert.equal((await courier.ended(next)).status, 'completed');
    slow.open();
    assert.deepEqual([claude.taken(id), claude.taken(next)], [1, 1]);
  });

  it('does not type a line again into a CLI that stands still and has not read it yet', async () => {
    const claude = await start({
      script: byMarker({}),
      settings: { accept_timeout_s: 1 },
      agent: { command: fixture('underAParent.sh'), env: { REAL_CLAUDE: installClaude() } },
    });
    const { courier } = claude;
    await courier.runner();
    await claude.warm();
    const parent = await claude.pid();
    const pid = Number(await fs.readFile(`/proc/${parent}/task/${parent}/children`, 'utf8'));
    await claude.idle();
    process.kill(pid, 'SIGSTOP');
    let id: string;
    try {
      id = await courier.send('Say hello.');
      await courier.jobWhere(id, 'waits', (job) => job.waiting?.kind === 'not_accepted');
      const once = async () => (await courier.job(id))?.attempts === 1;
      await staysTrue(once, 3000, 'the line is typed once, and waits to be read');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.attempts, claude.taken(id)], ['completed', 1, 1]);
  });

  it('leaves a working job to the next runner, which completes it and types nothing', async () => {
    const slow = gate();
    const claude = await start({ script: byMarker({ '[[slow]]': answer('Late.\n', slow) }) });
    const { courier } = claude;
    const first = await courier.runner();
    const id = await courier.send('[[slow]]');
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    const pid = await claude.pid();
    await first.stop();
    await courier.runner();
    slow.open();
    const job = await courier.ended(id);
    assert.equal(job.status, 'completed', JSON.stringify(job));
    assert.equal(await courier.output(job), 'Late.\n');
    assert.deepEqual([job.attempts, claude.taken(id)], [1, 1]);
    assert.equal(await claude.pid(), pid);
  });

  it('finds the end of a job that came while no runner was there', async () => {
    const slow = gate();
    const claude = await start({ script: byMarker({ '[[slow]]': answer('Late.\n', slow) }) });
    const { courier } = claude;
    const first = await courier.runner();
    const id = await courier.send('[[slow]]');
    const running = await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    await first.stop();
    slow.open();
    await waitFor(async () => (await courier.output(running)) === 'Late.\n', { what: 'the answer' });
    await waitFor(async () => /^❯\s*$/m.test(await courier.screen()), { what: 'the end of the turn' });
    const next = await courier.send('Say hello.');
    await courier.runner();
    assert.equal((await courier.ended(id)).status, 'completed');
    assert.equal((await courier.ended(next)).status, 'completed');
    assert.deepEqual([claude.taken(id), claude.taken(next)], [1, 1]);
  });
});
