import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { opencode } from '../../src/core/agents/opencode';
import { opencodeDatabase } from '../../src/core/agents/opencodeConversations';
import { AgentSettings } from '../../src/core/store/settings';
import { makeTempDir, type TempDir } from '../support/tempDir';

let temp: TempDir;
let workspace: string;
let data: string;
const idOf = (n: number) => `ses_ddd36a1a4ffe${String(n).padStart(14, '0')}`;
const row = (n: number, more = {}) => ({ id: idOf(n), title: 'A talk', first: 'Hello.', updated: 5, ...more });

beforeEach(async () => {
  temp = await makeTempDir();
  workspace = path.join(temp.path, "wö 'rk'.x_y");
  data = path.join(temp.path, 'data', 'opencode');
  await fs.mkdir(workspace);
  await fs.mkdir(data, { recursive: true });
  await fs.writeFile(path.join(data, 'opencode.db'), '');
});
afterEach(() => temp.remove());

/** A program in OpenCode's place that says this, and notes how it was started; the real one is asked in test/agents. */
async function saying(text: string, status = 0): Promise<(only?: string) => Promise<object[]>> {
  const command = path.join(temp.path, 'opencode');
  const code = `#!${process.execPath}
require('fs').writeFileSync(__dirname + '/started', JSON.stringify([process.cwd(), ...process.argv.slice(2)]));
process.stdout.write(${JSON.stringify(text)}); process.stderr.write('\\x1b[91mError:\\x1b[0m it\\n\\nbroke'); process.exitCode = ${status};`;
  await fs.writeFile(command, code, { mode: 0o755 });
  const settings = v.parse(AgentSettings, { command, env: { XDG_DATA_HOME: path.join(temp.path, 'data') } });
  return (only) => opencode('opencode', settings).conversations!(workspace, only);
}
const started = async (): Promise<string[]> => JSON.parse(await fs.readFile(path.join(temp.path, 'started'), 'utf8'));

describe('The conversations that OpenCode keeps', () => {
  it('are asked for outside of the folder, without its plugins, and nothing in its name is read as SQL', async () => {
    const find = await saying(JSON.stringify([row(1), row(2, { title: 'New session - 2026-11-28T15:00:00.000Z' })]));
    const running = { kind: 'unknown' };
    const one = { id: idOf(1), title: 'A talk', firstPrompt: 'Hello.', updatedAt: 5, running };
    assert.deepEqual(await find(), [one, { id: idOf(2), firstPrompt: 'Hello.', updatedAt: 5, running }]);
    const [cwd, ...args] = await started();
    const query = args.pop()!;
    assert.deepEqual([cwd, ...args], [data, 'db', '--pure', '--format', 'json']);
    assert.ok(query.includes(`x'${Buffer.from(workspace).toString('hex')}'`) && !query.includes("'rk'"), query);
    assert.deepEqual(await find(idOf(1)), [one]);
    assert.ok((await started()).at(-1)!.includes(`x'${Buffer.from(idOf(1)).toString('hex')}'`));
  });

  it('are passed over where their ids are none, and cut where they are long or many', async () => {
    const bad = ['--help', '', 'ses_1', "ses_x'; drop table session", '../../etc/passwd'].map((id) => ({
      ...row(1),
      id,
    }));
    const find = await saying(
      JSON.stringify([
        ...bad,
        row(0, { title: 'x'.repeat(9000), first: ' ' }),
        ...Array.from({ length: 200 }, (_, n) => row(n + 1, { title: null, first: null })),
      ]),
    );
    const [long, ...others] = (await find()) as { id: string; title?: string; firstPrompt?: string }[];
    assert.deepEqual([long?.id, long?.title?.length, long?.firstPrompt], [idOf(0), 1000, undefined]);
    assert.equal(others.length, 99);
    assert.ok(others.every(({ title, firstPrompt }) => title === undefined && firstPrompt === undefined));
  });

  it('are said not to be known where its answer has another shape, or it fails', async () => {
    for (const answer of ['{}', 'null', '[{"id":5}]', 'id\tA', '['.repeat(50_000)])
      await assert.rejects(
        (await saying(answer))(),
        /did not say which .*: its answer has another shape\. Nothing was/,
      );
    await assert.rejects((await saying('[]', 1))(), /did not say which .*: Error: it broke\. Nothing was changed/);
    assert.deepEqual(await (await saying(''))(), []);
  });

  it('are none, and it is not started, where it was never used, its database is a link, or it is gone', async () => {
    const find = await saying(JSON.stringify([row(1)]));
    const database = path.join(data, 'opencode.db');
    await fs.rename(database, path.join(temp.path, 'aside'));
    assert.deepEqual(await find(), []);
    await fs.symlink(path.join(temp.path, 'aside'), database);
    assert.deepEqual(await find(), []);
    await assert.rejects(started(), /ENOENT/);
    await fs.rename(path.join(temp.path, 'aside'), database);
    await fs.rm(path.join(temp.path, 'opencode'));
    assert.deepEqual(await find(), []);
  });

  it('are kept where its environment says', () => {
    const at = (env: Record<string, string>) => opencodeDatabase({ env }, { HOME: '/h' });
    assert.equal(at({}), '/h/.local/share/opencode/opencode.db');
    assert.equal(at({ XDG_DATA_HOME: '/d' }), '/d/opencode/opencode.db');
    assert.equal(at({ OPENCODE_DB: 'own.db' }), '/h/.local/share/opencode/own.db');
    assert.equal(at({ OPENCODE_DB: '/e/own.db' }), '/e/own.db');
    assert.equal(at({ OPENCODE_DB: ':memory:' }), undefined);
  });

  it('are open nowhere where nobody holds a lock as SQLite does while its database is open', async () => {
    const find = await saying(JSON.stringify([row(1)]));
    const running = async () => ((await find()) as { running: object }[]).map((one) => one.running);
    assert.deepEqual(await running(), [{ kind: 'unknown' }], 'the file with the locks is not there');
    // Who holds one is shown with the real program in test/agents.
    await fs.writeFile(path.join(data, 'opencode.db-shm'), '');
    assert.deepEqual(await running(), [{ kind: 'no' }]);
  });
});
