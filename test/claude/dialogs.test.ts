import assert from 'node:assert/strict';
import { staysTrue, useClaude } from '../support/claudeCourier';
import { answer, byMarker, tool, usesFirst } from '../support/messagesTurns';
import { TmuxServer } from '../support/tmuxServer';

const plain = byMarker({}, answer('Done.\n'));
const needsPermission = byMarker({}, usesFirst(tool('Bash', { command: 'python3 -c "print(1)"' })));

describe('Claude Code: what only a person can answer', function () {
  this.timeout(120_000);
  const start = useClaude();

  it('shows the first-run trust dialog, presses nothing by itself, and goes on with the named choice', async () => {
    const claude = await start({ script: plain, trusted: false });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('Say hello.');
    const waiting = await claude.waiting('trust');
    assert.match(waiting.text, /Is this a project you created or one you trust/);
    assert.deepEqual(
      waiting.choices.map((choice) => choice.label),
      ['Yes, I trust this folder', 'No, exit'],
    );
    const stands = async () => (await courier.session())?.waiting?.dialog_id === waiting.dialog_id;
    await staysTrue(stands, 1500, 'the trust dialog stands');
    assert.match(await courier.screen(), /❯ 1\. Yes, I trust this folder/);
    const job = await courier.jobWhere(id, 'waits', (one) => one.phase === 'waiting');
    assert.deepEqual([job.attempts, job.waiting?.dialog_id], [0, waiting.dialog_id]);

    assert.deepEqual((await claude.answer(waiting, 'Yes'))?.ok, true);
    assert.equal((await courier.ended(id)).status, 'completed');
    const late = await claude.answer(waiting, 'Yes');
    assert.equal(late?.ok, false);
    assert.match(late?.error ?? '', /nothing/);
    await courier.sessionWhere('is ready', (session) => session.state === 'ready');
    assert.match(await courier.screen(), /^❯\s*$/m);
    assert.equal(claude.taken(id), 1);
  });

  it("shows the trust dialog of a job in a tmux session of its own as that job's", async () => {
    const claude = await start({ script: plain, trusted: false });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('Say hello.', { mode: 'fresh' });
    const { waiting } = await courier.jobWhere(id, 'waits', (one) => one.waiting?.kind === 'trust');
    const { dialog_id, choices } = waiting!;
    const answer = { target: id, dialog_id, choice: choices[0]!.id };
    assert.equal((await courier.client.answer(answer))?.ok, true);
    assert.equal((await courier.ended(id)).status, 'completed');
    assert.equal(claude.taken(id), 1);
  });

  it('shows the warning about bypassed permissions, never ends the CLI by itself, and goes on when it is accepted', async () => {
    const claude = await start({
      script: needsPermission,
      sandbox: true,
      agent: { permission_mode: 'bypassPermissions' },
    });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('Say hello.');
    const waiting = await claude.waiting('bypass');
    const pid = await claude.pid();
    const stands = async () => (await courier.session())?.waiting?.dialog_id === waiting.dialog_id;
    await staysTrue(stands, 1500, 'the warning stands');
    assert.equal(await claude.pid(), pid);
    assert.equal((await claude.answer(waiting, 'Yes, I accept'))?.ok, true);
    assert.equal((await courier.ended(id)).status, 'completed');
    assert.equal(await claude.pid(), pid);
    assert.equal(claude.taken(id), 1);
  });

  it('types nothing while nobody is logged in', async () => {
    const claude = await start({ script: plain, home: { key: null } });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('Say hello.');
    const waiting = await claude.waiting('login');
    assert.match(waiting.text, /\/login/);
    const stands = async () => (await courier.session())?.waiting?.dialog_id === waiting.dialog_id;
    await staysTrue(stands, 1000, 'the session waits for a login');
    assert.doesNotMatch(await courier.screen(), /Job/);
    await courier.client.request({ action: 'cancel', job_id: id, requested_by: 'test' });
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.attempts], ['cancelled', 0]);
    assert.equal(claude.taken(id), 0);
  });

  it('merges nothing with a line that somebody has half typed', async () => {
    const claude = await start({ script: plain });
    const { courier } = claude;
    await courier.runner();
    await claude.warm();
    // Not waited for on the screen: it may appear while our own line is being typed.
    await claude.press('-l', 'half a thought');
    const id = await courier.send('Say hello.');
    const waiting = await claude.waiting('input_not_empty');
    assert.match(waiting.text, /half a thought/);
    assert.equal(claude.taken(id), 0);
    assert.equal((await claude.answer(waiting, 'Clear'))?.ok, true);
    assert.equal((await courier.ended(id)).status, 'completed');
    assert.match(claude.api.turns.at(-1)!.instruction, new RegExp(`^Job ${id}:`));
    assert.equal(claude.taken(id), 1);

    await claude.press('-l', 'zebra crossing');
    const next = await courier.send('Say hello again.');
    await claude.waiting('input_not_empty');
    // One for each row: our own line may have been typed behind it.
    await claude.press('C-u', 'C-u', 'C-u', 'C-u');
    assert.equal((await courier.ended(next)).status, 'completed');
    assert.equal(claude.api.taken('zebra'), 0);
  });

  it('waits while the pane is in copy mode: left by choice when nobody is attached', async () => {
    const claude = await start({ script: plain });
    const { courier } = claude;
    await courier.runner();
    await claude.warm();
    await courier.tmux('copy-mode', '-t', '=courier_main:');
    const id = await courier.send('Say hello.');
    const waiting = await claude.waiting('copy_mode');
    assert.equal(claude.taken(id), 0);
    assert.equal((await claude.answer(waiting, 'Leave'))?.ok, true);
    assert.equal((await courier.ended(id)).status, 'completed');
    assert.equal(claude.taken(id), 1);
  });

  it('waits while somebody scrolls, until that person leaves copy mode', async () => {
    const claude = await start({ script: plain });
    const { courier } = claude;
    const terminal = await TmuxServer.create();
    try {
      await courier.runner();
      await claude.warm();
      const socket = (await courier.tmux('display-message', '-p', '#{socket_path}')).trim();
      const argv = ['env', '-u', 'TMUX', 'tmux', '-u', '-S', socket, 'attach-session', '-t', '=courier_main'];
      const person = await terminal.start(argv, { columns: 80, rows: 24 });
      await person.waitForScreen(/^❯\s*$/m);
      await courier.tmux('copy-mode', '-t', '=courier_main:');
      const id = await courier.send('Say hello.');
      const waiting = await claude.waiting('copy_mode');
      assert.deepEqual(waiting.choices, []);
      assert.equal(claude.taken(id), 0);
      await person.press('q');
      assert.equal((await courier.ended(id)).status, 'completed');
      assert.equal(claude.taken(id), 1);
    } finally {
      await terminal.stop();
    }
  });
});
