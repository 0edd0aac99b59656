import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { recordedIds, storeRecorded } from '../support/storedClaude';
import { codexIds, storeCodex, storeLock } from '../support/storedCodex';
import { geminiFolder, geminiIds, storeGemini } from '../support/storedGemini';
import { CliWorkspace } from './cliWorkspace';

describe('courier conversations, continue', function () {
  this.timeout(120_000);
  let work: CliWorkspace;
  let codexHome: string;
  beforeEach(async () => {
    work = await CliWorkspace.create();
    codexHome = path.join(work.root, 'home', '.codex');
    // What the machine has installed is not looked for.
    const missing = { command: path.join(work.root, 'missing') };
    await work.settings({ agents: { claude: missing, codex: missing } });
  });
  afterEach(() => work.close());

  const listed = async (...args: string[]) => {
    const { code, stdout, stderr } = await work.run(['conversations', '--json', ...args]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).conversations;
  };

  it('list what the agents keep of the folder, as a table and as JSON', async () => {
    const none = await work.run(['conversations']);
    assert.deepEqual([none.code, none.stdout], [0, '']);
    await storeRecorded(path.join(work.root, 'home', '.claude'), work.dir, 'terminal');
    await storeCodex(codexHome, work.dir, 'exec');
    const { stdout, stderr } = await work.run(['conversations']);
    assert.match(stdout, new RegExp(`^${codexIds.exec} {2}\\S+Z {2}codex +Say pineapple\\., not known whether`, 'm'));
    assert.match(stdout, new RegExp(`^${recordedIds.terminal} {2}\\S+Z {2}claude +A test`, 'm'));
    assert.match(stderr, /courier continue ID/);
    const [only, ...others] = await listed('--agent', 'codex');
    assert.deepEqual(others, []);
    assert.match(only.updated_at, /^\d{4}-.*Z$/);
    const expected = { conversation_id: codexIds.exec, agent: 'codex', title: 'Say pineapple.', begun_in: 'other' };
    assert.deepEqual(only, { ...expected, updated_at: only.updated_at, running: 'unknown' });
    const gemini = await geminiFolder(path.join(work.root, 'home', '.gemini'), work.dir);
    await storeGemini(gemini, work.dir, 'program');
    const [third] = await listed('--agent', 'gemini');
    assert.deepEqual([third.conversation_id, third.begun_in, third.running], [geminiIds.program, 'unknown', 'no']);
    const wrong = await work.run(['conversations', '--agent', 'nobody']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /There is no agent "nobody"\. Known: claude, codex/);
  });

  it('refuses what is none, and what is open elsewhere, and says how to go on with that', async () => {
    assert.equal((await work.run(['continue', '--', '--help'])).code, 2);
    const gone = await work.run(['continue', codexIds.terminal]);
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /No agent keeps a conversation .* Nothing was started/);
    await storeCodex(codexHome, work.dir, 'terminal');
    const unknown = await work.run(['continue', codexIds.terminal]);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /It is not known whether it still runs elsewhere/);
    const lock = await storeLock(codexHome, codexIds.terminal);
    const holder = spawn('flock', ['--no-fork', lock, 'sh', '-c', 'echo held; read _']);
    try {
      await once(holder.stdout, 'data');
      const open = await work.run(['continue', codexIds.terminal]);
      assert.equal(open.code, 2);
      assert.match(open.stderr, new RegExp(`It is open in .*\\(process ${holder.pid}\\).* Nothing was started`));
      assert.ok(open.stderr.includes(`courier continue ${codexIds.terminal} --yes`), open.stderr);
    } finally {
      holder.stdin.end();
      await once(holder, 'close');
    }
    assert.deepEqual((await work.status()).sessions, []);
  });

  it('makes a session that has it, says why it does not start, and comes back to that session, deleted or not', async () => {
    await storeCodex(codexHome, work.dir, 'terminal');
    await storeLock(codexHome, codexIds.courier);
    const go = async () => {
      const { code, stderr, stdout } = await work.run(['continue', codexIds.terminal, '--json']);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /There is no program ".*missing", so that Codex can not be started/);
      assert.deepEqual([JSON.parse(stdout).session_id, JSON.parse(stdout).state], [name, 'error']);
    };
    const name = 'Remember-the-word-pineapple-please';
    await go();
    const [one] = await listed();
    assert.deepEqual([one.session_id, one.running], [name, 'no']);
    await go();
    assert.equal((await work.run(['delete', name])).code, 0);
    const [deleted] = await listed();
    assert.deepEqual([deleted.session_id, deleted.deleted], [undefined, name]);
    await go();
    const { sessions } = await work.status();
    assert.deepEqual(
      sessions.map(({ session_id, agent }) => [session_id, agent]),
      [[name, 'codex']],
    );
  });
});
