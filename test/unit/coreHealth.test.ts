import assert from 'node:assert/strict';
import { AutoRecovery } from '../../src/core/runner/autoRecovery';
import { createSession } from '../../src/core/runner/loadSessions';
import { type Evidence, judge, recommended } from '../../src/core/sessions/health';
import type { ManagedSession } from '../../src/core/sessions/managedSession';
import { FakeClock } from '../support/fakeClock';
import { makeRequestContext } from '../support/requestContext';
import { makeTempDir, type TempDir } from '../support/tempDir';

describe('the judgement of health', () => {
  const receipts = true;
  const alive: Evidence = { server: true, session: true, program: { receipts }, greeted: true };
  const exited = (exit_status: number | undefined, wished?: boolean, own = receipts): Evidence => ({
    ...alive,
    program: { ended: { kind: 'exited', exit_status }, wished, receipts: own },
  });
  const cases: [what: string, evidence: Evidence, state: string, action?: string][] = [
    ['no server', { server: false, session: false }, 'lost', 'restart_tmux'],
    ['no session', { server: true, session: false }, 'lost', 'restart_tmux'],
    ['a pane that is gone', { ...alive, program: { ended: { kind: 'gone' }, receipts } }, 'lost', 'restart_tmux'],
    ['a pane with no program of ours', { server: true, session: true }, 'lost', 'restart_claude'],
    ['a bad exit status', exited(3), 'lost', 'restart_claude'],
    ['an exit that nobody wished for', exited(0, false), 'lost', 'restart_claude'],
    ['Ctrl-C twice', exited(0, true), 'stopped'],
    ['Ctrl-D twice, its exit status lost by tmux', exited(undefined, true), 'stopped'],
    ['an exit after /clear', exited(1, false), 'lost', 'restart_claude'],
    ['exit status 0 of a CLI without receipts', exited(0, undefined, false), 'stopped'],
    [
      'exit status 0 of one that we interrupted',
      { ...alive, program: { ended: { kind: 'exited', exit_status: 0 }, receipts: false, interrupted: true } },
      'lost',
      'restart_claude',
    ],
    ['no handshake yet', { ...alive, greeted: false, screen: 'ready' }, 'tmux_started'],
    ['a dialog', { ...alive, screen: 'dialog', turn: { running: true, quietMs: 0 } }, 'waiting'],
    ['an input row', { ...alive, screen: 'ready' }, 'ready'],
    ['a half-typed line', { ...alive, screen: 'typed' }, 'ready'],
    ['a working screen', { ...alive, screen: 'working' }, 'busy'],
    ['a turn just taken, not drawn yet', { ...alive, screen: 'ready', turn: { running: true, quietMs: 30 } }, 'busy'],
    ['a turn just ended, still drawn', { ...alive, screen: 'working', turn: { running: false, quietMs: 30 } }, 'ready'],
    ['a turn that was interrupted', { ...alive, screen: 'ready', turn: { running: true, quietMs: 5000 } }, 'ready'],
    ['a strange screen in a turn', { ...alive, screen: 'unknown', turn: { running: true, quietMs: 5000 } }, 'busy'],
  ];
  for (const [what, evidence, state, action] of cases)
    it(`${what}: ${state}`, () => {
      const judged = judge(evidence);
      assert.deepEqual([judged.state, judged.action], [state, action]);
    });

  it('recommends what fits the state', () => {
    assert.equal(recommended('ready', {}), 'restart_claude');
    assert.equal(recommended('lost', { action: 'restart_tmux' }), 'restart_tmux');
    assert.equal(recommended('error', {}), 'restart_tmux');
    assert.equal(recommended('stopped', { action: 'restart_tmux' }), 'initialize');
    assert.equal(recommended('created', {}), 'initialize');
  });
});

describe('recovery by itself', () => {
  let temp: TempDir;
  let clock: FakeClock;
  let auto: AutoRecovery;
  let session: ManagedSession;
  let starts: number[];
  const make = async (settings = {}) => {
    temp = await makeTempDir();
    clock = new FakeClock();
    const context = await makeRequestContext(temp.path, clock, { version: '1.0', ...settings });
    starts = [];
    auto = new AutoRecovery(context);
    context.ensureStarted = async (one) => {
      starts.push(clock.monotonic() / 1000);
      auto.noteTry(one);
      throw new Error('in vain');
    };
    session = await createSession(context, 'main', 'demo');
    session.moveTo('error', { message: 'x' }, { error: 'exit status 3.', action: 'restart_claude' });
    auto.look();
  };
  afterEach(async () => {
    auto.dispose();
    await session.flush();
    await temp.remove();
  });
  /** Lets time pass, with a look after each second. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await clock.advance(1000);
      auto.look();
    }
  };

  it('tries after 1, 5 and 30 seconds, then asks for a person, and not again', async () => {
    await make();
    await pass(120);
    assert.deepEqual(starts, [1, 6, 36]);
    assert.match(
      session.metadata.message ?? '',
      /started again 3 times in 15 minutes and did not stay; the last time: exit status 3\. .*courier recover main/,
    );
    assert.equal(session.judged.action, 'restart_claude');
    await pass(1200);
    assert.equal(starts.length, 3);
  });

  it('counts the tries of the last 15 minutes only', async () => {
    await make();
    await pass(2);
    session.moveTo('folder_created');
    session.moveTo('tmux_started');
    session.moveTo('ready');
    auto.look();
    await pass(15 * 60);
    session.moveTo('lost', {}, { action: 'restart_tmux' });
    auto.look();
    await pass(3);
    assert.deepEqual(starts, [1, 903]);
    assert.equal(session.judged.recoveries?.length, 1);
  });

  it('drops what was planned when the session is up, or gone', async () => {
    await make();
    session.moveTo('stopped');
    auto.look();
    await pass(10);
    assert.deepEqual(starts, []);
    assert.equal(clock.waiting, 0);
  });

  it('does nothing where it is switched off', async () => {
    await make({ auto_recover: false });
    await pass(100);
    assert.deepEqual(starts, []);
    assert.equal(session.metadata.message, 'x');
  });
});
