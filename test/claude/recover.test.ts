import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { type ClaudeCourier, useClaude } from '../support/claudeCourier';
import { gate } from '../support/gate';
import { answer, byMarker } from '../support/messagesTurns';
import { waitFor } from '../support/waitFor';

describe('Claude Code: recovery', function () {
  this.timeout(120_000);
  const start = useClaude();
  const settings = { version: '1.0' as const, recover_delays_s: [0.1, 0.1, 0.1] };

  const killServer = async ({ courier }: ClaudeCourier) =>
    process.kill(Number(await courier.tmux('display-message', '-p', '#{pid}')), 'SIGKILL');
  const killClaude = async (claude: ClaudeCourier) => process.kill(await claude.pid(), 'SIGKILL');
  const anew = ({ courier }: ClaudeCourier, since: string | undefined) =>
    courier.sessionWhere(
      'is ready anew',
      (session) => session.state === 'ready' && session.ready_at !== since,
      'main',
      30_000,
    );
  /** The earlier turn is in what the API was asked for the later one, and each line was taken once. */
  const remembers = (claude: ClaudeCourier, earlier: string, later: string) => {
    assert.deepEqual([claude.taken(earlier), claude.taken(later)], [1, 1]);
    const turns = claude.api.turns.filter((turn) => [earlier, later].some((id) => turn.instruction.includes(id)));
    assert.equal(new Set(turns.map((turn) => turn.conversation)).size, 1, 'one conversation');
    const last = claude.api.requests.findLast((request) => JSON.stringify(request).includes(`Job ${later}:`));
    assert.ok(JSON.stringify(last).includes(`Job ${earlier}:`), 'the earlier turn is in the later request');
  };

  for (const [what, kill] of [
    ['Claude Code', killClaude],
    ['the tmux server', killServer],
  ] as const) {
    it(`kill -9 of ${what} between jobs: back by itself, with the conversation`, async () => {
      const claude = await start({ script: byMarker({}), settings });
      const { courier } = claude;
      await courier.runner();
      await claude.warm();
      const first = await courier.send('Say hello.');
      assert.equal((await courier.ended(first)).status, 'completed');
      const { ready_at } = await courier.sessionWhere('is ready', (session) => session.state === 'ready');
      await kill(claude);
      await anew(claude, ready_at);
      const next = await courier.send('Say hello again.');
      assert.equal((await courier.ended(next)).status, 'completed');
      remembers(claude, first, next);
      assert.equal((await courier.session())?.notice, undefined);
    });

    it(`kill -9 of ${what} in a job: it fails, is not sent again, and the waiting job goes on with the conversation`, async () => {
      const slow = gate();
      const claude = await start({ script: byMarker({ '[[slow]]': answer('late', slow) }), settings });
      const { courier } = claude;
      await courier.runner();
      await claude.warm();
      const first = await courier.send('Say hello.');
      assert.equal((await courier.ended(first)).status, 'completed');
      const lost = await courier.send('[[slow]]');
      await courier.jobWhere(lost, 'works', (job) => job.phase === 'working');
      const next = await courier.send('Say hello again.');
      await kill(claude);
      const job = await courier.ended(lost);
      assert.ok(job.status === 'failed' && /agent_exited|session_lost/.test(job.reason ?? ''), JSON.stringify(job));
      assert.equal((await courier.ended(next, 40_000)).status, 'completed');
      slow.open();
      assert.equal(claude.taken(lost), 1);
      remembers(claude, first, next);
    });
  }

  it('restart_claude in a turn: in the same pane, with the conversation', async () => {
    const slow = gate();
    const claude = await start({ script: byMarker({ '[[slow]]': answer('late', slow) }), settings });
    const { courier } = claude;
    await courier.runner();
    await claude.warm();
    const lost = await courier.send('[[slow]]');
    await courier.jobWhere(lost, 'works', (job) => job.phase === 'working');
    const pane = await courier.tmux('display-message', '-p', '-t', '=courier_main:', '#{pane_id} #{session_created}');
    const { ready_at } = (await courier.session())!;
    await courier.client.request({ action: 'recover_session', session_id: 'main', recovery: 'restart_claude' });
    assert.match((await courier.ended(lost)).message ?? '', /ended by Recover Session/);
    await anew(claude, ready_at);
    assert.equal(
      await courier.tmux('display-message', '-p', '-t', '=courier_main:', '#{pane_id} #{session_created}'),
      pane,
    );
    slow.open();
    const next = await courier.send('Say hello.');
    assert.equal((await courier.ended(next)).status, 'completed');
    remembers(claude, lost, next);
  });

  it('says that the conversation is gone, and begins a new one', async () => {
    const claude = await start({ script: byMarker({}), settings });
    const { courier, home } = claude;
    await courier.runner();
    await claude.warm();
    const { conversation_id, ready_at } = (await courier.session())!;
    courier.settings.auto_recover = false;
    await killClaude(claude);
    await courier.sessionWhere('is lost', (session) => session.state === 'lost');
    await fs.rm(path.join(home, '.claude', 'projects'), { recursive: true });
    await courier.client.request({ action: 'recover_session', session_id: 'main' });
    const { notice } = await anew(claude, ready_at);
    assert.ok(notice?.includes(`The conversation ${conversation_id} is not there any more`));
    const next = await courier.send('Say hello.');
    assert.equal((await courier.ended(next)).status, 'completed');
    assert.notEqual((await courier.session())?.conversation_id, conversation_id);
  });

  it('is stopped when a person leaves it with Ctrl-C, and follows a turn that a person types', async () => {
    const slow = gate();
    const claude = await start({ script: byMarker({ '[[slow]]': answer('late', slow) }), settings });
    const { courier } = claude;
    await courier.runner();
    await claude.warm();
    await courier.tmux('send-keys', '-t', '=courier_main:', '-l', '--', 'Think about [[slow]] things.');
    await waitFor(async () => (await courier.screen()).includes('Think about'), { what: 'the typed line' });
    await claude.press('Enter');
    await courier.sessionWhere('is busy', (session) => session.state === 'busy');
    await claude.press('Escape');
    await courier.sessionWhere('is ready', (session) => session.state === 'ready');
    await waitFor(
      async () => {
        // The pane goes with its agent.
        await claude.press('C-c').catch(() => undefined);
        return (await courier.session())?.state === 'stopped';
      },
      { what: 'a stopped session', interval: 300 },
    );
    slow.open();
  });
});
