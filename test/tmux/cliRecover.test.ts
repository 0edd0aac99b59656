import assert from 'node:assert/strict';
import { CliWorkspace } from './cliWorkspace';

describe('courier recover', function () {
  this.timeout(120_000);
  let work: CliWorkspace;
  beforeEach(async () => {
    work = await CliWorkspace.create();
    const sent = await work.run(['send', '--agent', 'demo', '--wait', '-'], { input: 'hello' });
    assert.equal(sent.code, 0, sent.stderr);
  });
  afterEach(() => work.close());

  for (const action of ['recreate', 'initialize', 'restart_tmux', 'restart_claude'])
    it(`--action ${action} brings the session up, and says so`, async () => {
      const { code, stderr, stdout } = await work.run(['recover', 'main', '--action', action, '--json']);
      assert.equal(code, 0, stderr);
      const { version, session_id, state } = JSON.parse(stdout);
      assert.deepEqual([version, session_id, state], ['1.0', 'main', 'ready']);
      assert.equal((await work.status()).sessions[0]?.state, 'ready');
    });

  it('does what health recommends when nothing is named, also for a stopped session', async () => {
    assert.equal((await work.run(['stop', 'main'])).code, 0);
    const { code, stderr } = await work.run(['recover', 'main']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /main is ready\./);
    assert.deepEqual(await work.tmuxSessions(), ['courier_main']);
  });

  it('refuses a session that is not there, and an action that is none', async () => {
    assert.equal((await work.run(['recover', 'nobody'])).code, 2);
    const { code, stderr } = await work.run(['recover', 'main', '--action', 'reboot']);
    assert.equal(code, 2);
    assert.match(stderr, /recreate, initialize, restart_tmux, restart_claude/);
  });
});
