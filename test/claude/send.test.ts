import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { isFinal, type Job, jobPhases } from '../../src/core/model/job';
import { installClaude } from '../support/claudeCode';
import { useClaude } from '../support/claudeCourier';
import { answer, byMarker } from '../support/messagesTurns';

/** Stands between tmux and the CLI, and loses the first Enter. */
const swallowsEnter = path.resolve('test/fixtures/swallowsEnter.cjs');

const plain = byMarker({}, answer('Done.\n'));

/** The names of all files below a folder. */
async function filesBelow(dir: string): Promise<string[]> {
  return (await fs.readdir(dir, { recursive: true })).map((name) => path.join(dir, name));
}

describe('Claude Code: how a prompt gets there', function () {
  this.timeout(120_000);
  const start = useClaude();

  it('presses Enter again when the first one was swallowed, and types the line once', async () => {
    const lost = path.join(await fs.mkdtemp(path.join(tmpdir(), 'tc-')), 'lost');
    try {
      const env = { REAL_CLI: installClaude(), ENTER_WAS_LOST: lost };
      const claude = await start({ script: plain, agent: { command: swallowsEnter, env } });
      const { courier } = claude;
      await courier.runner();
      const id = await courier.send('Say hello.');
      const job = await courier.ended(id);
      assert.deepEqual([job.status, job.attempts], ['completed', 1]);
      assert.equal(claude.taken(id), 1);
      assert.match(await fs.readFile(lost, 'utf8'), /^\d+$/);
    } finally {
      await fs.rm(path.dirname(lost), { recursive: true });
    }
  });

  it('takes a prompt of 5 MB whole', async () => {
    const claude = await start({
      script: byMarker(
        {},
        answer((prompt) => `I read ${prompt.split('\n').length} lines.\n`),
      ),
    });
    const { courier } = claude;
    await courier.runner();
    const row = (n: number) => `${n} The quick brown fox jumps over the lazy dog; Füchse, 狐, 🦊.`;
    const text = Array.from({ length: 80_000 }, (_, n) => row(n)).join('\n');
    assert.ok(Buffer.byteLength(text) > 5e6);
    const file = path.join(courier.root, 'prompt.txt');
    await fs.writeFile(file, text);
    const ids = [await courier.send(text), await courier.send('', { prompt: { file } })];
    for (const id of ids) {
      const job = await courier.ended(id);
      assert.equal(job.status, 'completed', JSON.stringify(job));
      assert.ok((await fs.readFile(path.join(courier.workspace, job.prompt_path), 'utf8')).includes(text));
      assert.match(await courier.output(job), /I read \d{3} lines/);
      assert.equal(claude.taken(id), 1);
    }
    assert.deepEqual(await fs.readdir(courier.layout.inbox), ['done', 'rejected']);
  });

  it('works in a folder whose name is full of what shells and tmux act on', async () => {
    const folderName = `a b/it's "q" #(touch pwned) $HOME \`touch pwned\` ;touch pwned; %1 é日本 [x]*`;
    const claude = await start({ script: plain, folderName });
    const { courier } = claude;
    await courier.runner();
    for (const mode of ['session', 'fresh'] as const) {
      const id = await courier.send('Say hello.', { mode });
      const job = await courier.ended(id);
      assert.equal(job.status, 'completed', JSON.stringify(job));
      assert.equal(await courier.output(job), 'Done.\n');
      assert.equal(claude.taken(id), 1);
    }
    const cwd = await courier.tmux('display-message', '-p', '-t', '=courier_main:', '#{pane_current_path}');
    assert.equal(cwd.trimEnd(), courier.workspace);
    const here = await fs.readdir(process.cwd());
    const names = [...(await filesBelow(courier.root)), ...(await filesBelow(claude.home)), ...here];
    const touched = names.filter((name) => path.basename(name).startsWith('pwned'));
    assert.deepEqual(touched, []);
  });

  it('hands a job over to the next runner in each phase, and types it once', async () => {
    const claude = await start({ script: plain });
    const { courier } = claude;
    let runner = await courier.runner();
    await claude.warm();
    // Where between typing, Enter and receipt the runner is stopped is left to chance, so it is done more than once.
    for (const phase of ['starting', 'sending', 'sending', 'sending', 'accepted', 'working'] as const) {
      const id = await courier.send('Say hello.');
      const there = (job: Job) => job.phase !== undefined && jobPhases.indexOf(job.phase) >= jobPhases.indexOf(phase);
      await courier.jobWhere(id, `is ${phase} or further`, (job) => there(job) || isFinal(job.status));
      await runner.stop();
      runner = await courier.runner();
      const job = await courier.ended(id);
      assert.deepEqual([job.status, job.attempts], ['completed', 1], JSON.stringify(job));
      assert.equal(claude.taken(id), 1);
    }
  });
});
