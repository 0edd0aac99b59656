import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { Decisions } from '../../src/core/agents/decisions';
import { hookCommand, hookScript, ReceiptFolder, waitingHookCommand } from '../../src/core/agents/receipts';
import { beat, release } from '../../src/core/runner/claims';
import { FolderState, namesIn } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { makeTempDir, type TempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

const event = { hook_event_name: 'PermissionRequest', session_id: 's' };
const decision = '{"decision": "as it is,  \\"quoted\\" and $HOME"}';

describe('the hook script', function () {
  this.timeout(60_000);
  let temp: TempDir;
  let folder: FolderState;
  let decisions: Decisions;
  let receipts: ReceiptFolder;
  let hooks: ChildProcess[];
  const launch = () => folder.launch('l-1');
  const marks = async () => (await namesIn(launch().decisions)).filter((name) => name.endsWith('.waiting'));

  beforeEach(async () => {
    temp = await makeTempDir();
    folder = new FolderState(path.join(temp.path, 'a folder'));
    for (const dir of [folder.claims, launch().receipts, launch().decisions]) await fs.mkdir(dir, { recursive: true });
    await fs.writeFile(path.join(temp.path, 'hook.sh'), hookScript);
    await beat(folder, 1, systemClock);
    decisions = new Decisions(launch().decisions, systemClock);
    receipts = new ReceiptFolder(launch().receipts);
    hooks = [];
  });
  afterEach(async () => {
    for (const hook of hooks) if (hook.exitCode === null && hook.signalCode === null) hook.kill('SIGKILL');
    await temp.remove();
  });

  /** Runs the hook as a CLI does; `argv` replaces the shell that is between. */
  function run(command: string, argv?: string[]) {
    const env = {
      ...process.env,
      COURIER_HOOK: path.join(temp.path, 'hook.sh'),
      COURIER_RECEIPTS: launch().receipts,
      COURIER_DECISIONS: launch().decisions,
      COURIER_ALIVE: folder.alive,
    };
    const [program = '', ...args] = argv ?? ['sh', '-c', command];
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    hooks.push(child);
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stdin.end(JSON.stringify(event));
    const ended = once(child, 'close').then(([code]) => ({ code, printed }));
    return { child, ended };
  }

  /** Runs one that waits, and gives the id of its receipt. */
  async function waiting(argv?: string[]) {
    const hook = run(waitingHookCommand, argv);
    const [receipt] = await waitFor(async () => {
      const found = await receipts.readNew();
      return found.length > 0 && found;
    });
    assert.deepEqual(receipt?.payload, event);
    assert.equal(await decisions.waits(receipt!.id), true, 'the mark is there before the receipt');
    return { ...hook, id: receipt!.id };
  }
  const direct = (pid: number) => ['sh', path.join(temp.path, 'hook.sh'), String(pid)];

  it('keeps the receipt and ends at once for what needs no decision', async () => {
    assert.deepEqual(await run(hookCommand).ended, { code: 0, printed: '' });
    assert.deepEqual(
      (await new ReceiptFolder(launch().receipts).readNew()).map(({ payload }) => payload),
      [event],
    );
    assert.deepEqual(await marks(), []);
  });

  it('waits, and prints what is decided as it is', async () => {
    const hook = await waiting();
    assert.equal(await decisions.decide(hook.id, decision), true);
    assert.deepEqual(await hook.ended, { code: 0, printed: `${decision}\n` });
    assert.deepEqual(await namesIn(launch().decisions), []);
    assert.equal(await decisions.decide(hook.id, decision), false, 'a late decision is taken by nobody');
  });

  it('ends with nothing printed when it is let go, or the CLI ends it', async () => {
    const left = await waiting();
    await decisions.letGo(left.id);
    assert.deepEqual(await left.ended, { code: 0, printed: '' });
    const termed = await waiting(direct(process.pid));
    termed.child.kill('SIGTERM');
    assert.deepEqual(await termed.ended, { code: 0, printed: '' });
    assert.deepEqual(await marks(), []);
  });

  it('ends when the CLI is gone', async () => {
    const cli = spawn('sleep', ['600']);
    hooks.push(cli);
    const hook = await waiting(direct(cli.pid!));
    cli.kill('SIGKILL');
    assert.deepEqual(await hook.ended, { code: 0, printed: '' });
    assert.deepEqual(await marks(), []);
  });

  it('ends at once when the runner leaves, and does not begin to wait without one', async () => {
    const hook = await waiting();
    await release(folder, 1);
    assert.deepEqual(await hook.ended, { code: 0, printed: '' });
    assert.deepEqual(await run(waitingHookCommand).ended, { code: 0, printed: '' });
    assert.deepEqual(await marks(), []);
  });

  it('waits as long as the runner lives, and ends when that one is silent', async () => {
    const hook = await waiting();
    const mark = path.join(launch().decisions, `${hook.id}.waiting`);
    const touched = async () => (await fs.stat(mark)).mtimeMs;
    const first = await touched();
    await waitFor(
      async () => {
        await beat(folder, 1, systemClock);
        return (await touched()) > first;
      },
      { timeout: 30_000, what: 'the hook looks for the runner, and goes on' },
    );
    assert.deepEqual(await hook.ended, { code: 0, printed: '' });
    assert.deepEqual(await marks(), []);
  });

  it('is not waited for when it was killed: the decision is taken back', async () => {
    const hook = await waiting(direct(process.pid));
    hook.child.kill('SIGKILL');
    await hook.ended;
    assert.equal(await decisions.decide(hook.id, decision), false);
    assert.deepEqual(await namesIn(launch().decisions), []);
  });
});
