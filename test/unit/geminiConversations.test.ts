import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { isGemini } from '../../src/core/agents/gemini';
import { geminiConversations } from '../../src/core/agents/geminiConversations';
import { AgentSettings } from '../../src/core/store/settings';
import { chat, geminiFolder, geminiIds, hashOf, storeGemini } from '../support/storedGemini';
import { makeTempDir, type TempDir } from '../support/tempDir';

let temp: TempDir;
let workspace: string;
let gemini: string;
let dir: string;
const settings = v.parse(AgentSettings, { command: '/opt/my-gem' });
const find = (only?: string) => geminiConversations(workspace, gemini, (args) => isGemini(args, settings), only);
const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);
const idOf = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;
const meta = (id: string, more = {}) =>
  `${JSON.stringify({ sessionId: id, projectHash: hashOf(workspace), kind: 'main', ...more })}\n`;
const said = (content: unknown, type = 'user') => `${JSON.stringify({ id: 'x', type, content })}\n`;
const store = (n: number, text: string | Buffer) => fs.writeFile(chat(dir, idOf(n)), text);

beforeEach(async () => {
  temp = await makeTempDir();
  workspace = path.join(temp.path, 'wö rk.x_y');
  gemini = path.join(temp.path, 'home', '.gemini');
  await fs.mkdir(workspace);
  dir = await geminiFolder(gemini, workspace);
});
afterEach(() => temp.remove());

describe('The conversations that Gemini CLI keeps', () => {
  it('are read as the real one wrote them, last used first, whenever their titles were written', async () => {
    const program = await storeGemini(dir, workspace, 'program');
    await storeGemini(dir, workspace, 'terminal');
    await fs.utimes(program, new Date(), new Date('2026-11-28T17:00:00Z'));
    await fs.writeFile(
      path.join(dir, 'logs.json'),
      JSON.stringify([{ sessionId: geminiIds.terminal, messageId: 0 }, {}]),
    );
    const running = { kind: 'no' };
    assert.deepEqual(await find(), [
      {
        id: geminiIds.terminal,
        firstPrompt: 'Remember the word pineapple please.',
        updatedAt: Date.parse('2026-11-28T15:34:46.916Z'),
        inTerminal: true,
        running,
      },
      {
        id: geminiIds.program,
        title: 'A test',
        firstPrompt: 'Say hello from a program.',
        updatedAt: Date.parse('2026-11-28T15:34:39.327Z'),
        running,
      },
    ]);
    assert.deepEqual(ids(await find(geminiIds.program)), [geminiIds.program]);
    assert.deepEqual(await find(idOf(1)), []);
  });

  it('are none where there are none', async () => {
    assert.deepEqual(await find(), []);
    assert.deepEqual(await geminiConversations(workspace, path.join(temp.path, 'nowhere'), () => true), []);
  });

  it('are those of this folder, also behind a link to it', async () => {
    const below = `${workspace}/below`;
    await storeGemini(await geminiFolder(gemini, below, 'below'), below, 'program');
    // One that was copied here from another folder's.
    await storeGemini(dir, below, 'program');
    await storeGemini(dir, workspace, 'terminal');
    const link = path.join(temp.path, 'link');
    await fs.symlink(workspace, link);
    assert.deepEqual(ids(await geminiConversations(link, gemini, () => false)), [geminiIds.terminal]);
  });

  it('begin with what a person typed, and have the last title', async () => {
    const set = (value: object) => `${JSON.stringify({ $set: value })}\n`;
    const typed = [{ text: ' Look at ' }, { inlineData: {} }, { text: 'this.' }];
    const lines = [said('/help'), said('<hook_context>x'), said(typed), said('Later.')].join('');
    await store(1, `${meta(idOf(1))}${lines}${set({ summary: 'A' })}${set({ summary: 'B' })}${set({ summary: ' ' })}`);
    // A conversation that was gone on with, or cut back, may be written anew in one line.
    const whole = [null, { type: 'user', content: 'In one line.' }];
    await store(2, `${meta(idOf(2))}${set({ messages: whole, summary: 7, lastUpdated: 'soon' })}`);
    const found = await find();
    const words = Object.fromEntries(found.map(({ id, title, firstPrompt }) => [id, [title, firstPrompt]]));
    assert.deepEqual(words, { [idOf(1)]: ['B', 'Look at this.'], [idOf(2)]: [undefined, 'In one line.'] });
    assert.ok(found.every(({ updatedAt }) => Math.abs(Date.now() - updatedAt) < 60_000));
  });

  it('of hundreds of megabytes are read at their ends only', async () => {
    const file = await storeGemini(dir, workspace, 'terminal');
    await fs.truncate(file, 512 * 1024 * 1024);
    await fs.appendFile(file, '\n{"$set":{"summary":"Its end"}}\n');
    await fs.writeFile(path.join(dir, 'logs.json'), '[');
    await fs.truncate(path.join(dir, 'logs.json'), 512 * 1024 * 1024);
    const before = process.memoryUsage().rss;
    const [one] = await find();
    assert.deepEqual([one?.title, one?.firstPrompt], ['Its end', 'Remember the word pineapple please.']);
    assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
  });

  it('are the last written hundred, each once', async () => {
    for (let n = 0; n < 150; n++) {
      await store(n, `${meta(idOf(n))}${said(`Prompt ${n}`)}`);
      await fs.utimes(chat(dir, idOf(n)), 1000 + n, 1000 + n);
    }
    const copy = chat(dir, idOf(149)).replace('15-34', '15-35');
    await fs.writeFile(copy, `${meta(idOf(149))}${said('The later file')}`);
    const found = await find();
    assert.deepEqual(
      ids(found),
      Array.from({ length: 100 }, (_, i) => idOf(149 - i)),
    );
    assert.equal(found[0]?.firstPrompt, 'The later file');
  });

  it("are passed over where they have another shape, no turn, or are an agent's own", async () => {
    await storeGemini(dir, workspace, 'terminal');
    const texts: (string | Buffer)[] = [
      '',
      Buffer.from([0xff, 0xfe, 0, 10, 0, 0]),
      `${'['.repeat(50_000)}\n${said('x')}`,
      `${meta('--help')}${said('x')}`,
      `${meta(idOf(4), { projectHash: 5 })}${said('x')}`,
      `${meta(idOf(5), { kind: 'subagent' })}${said('x')}`,
      `${meta(idOf(6))}${said('/quit')}${said('<session_context>')}${said({ text: 5 })}null\n7\n`,
      `${meta(idOf(7))}${said('An error', 'error')}`,
      said('x') + meta(idOf(8)),
    ];
    for (const [n, text] of texts.entries()) await store(n, text);
    await fs.writeFile(path.join(dir, 'chats', 'session-old.json'), meta(idOf(20)) + said('x'));
    await fs.writeFile(path.join(dir, 'chats', 'other.jsonl'), meta(idOf(21)) + said('x'));
    for (const logs of ['{}', 'null', `${'['.repeat(50_000)}`, '[{"sessionId":7}]']) {
      await fs.writeFile(path.join(dir, 'logs.json'), logs);
      const [one, ...others] = await find();
      assert.deepEqual([one?.id, one?.inTerminal, others], [geminiIds.terminal, undefined, []]);
    }
  });

  it('are no links, pipes and folders', async () => {
    const real = await storeGemini(dir, workspace, 'terminal');
    const secret = path.join(temp.path, 'secret.jsonl');
    await fs.rename(real, secret);
    await fs.symlink(secret, real);
    await fs.mkdir(chat(dir, idOf(1)));
    execFileSync('mkfifo', [chat(dir, idOf(2))]);
    assert.deepEqual(await find(), []);
    // The whole folder, that of its conversations, and the mark.
    await fs.rm(real);
    await fs.rename(secret, real);
    assert.deepEqual(ids(await find()), [geminiIds.terminal]);
    for (const one of [dir, path.join(dir, 'chats'), path.join(dir, '.project_root')]) {
      const aside = path.join(temp.path, 'aside');
      await fs.rename(one, aside);
      await fs.symlink(aside, one);
      assert.deepEqual(await find(), [], one);
      await fs.rm(one);
      await fs.rename(aside, one);
    }
  });

  it('may be open in any Gemini CLI of the folder, and are so in one that was started with them', async () => {
    await storeGemini(dir, workspace, 'terminal');
    await storeGemini(dir, workspace, 'program');
    const state = async () => Object.fromEntries((await find()).map(({ id, running }) => [id, running.kind]));
    const both = (terminal: string, program = terminal) => ({
      [geminiIds.terminal]: terminal,
      [geminiIds.program]: program,
    });
    const script = path.join(temp.path, 'gemini.js');
    await fs.writeFile(script, 'console.log("there"); process.stdin.resume();');
    const elsewhere = path.join(temp.path, 'elsewhere');
    await fs.mkdir(elsewhere);
    for (const [cwd, args, expected] of [
      [workspace, [script], both('unknown')],
      [workspace, [script, '--resume', geminiIds.terminal], both('yes', 'unknown')],
      [workspace, [script, `--session-id=${geminiIds.program}`], both('unknown', 'yes')],
      [elsewhere, [script, '--resume', geminiIds.terminal], both('no')],
      // One that only names it, as a tmux server does that was started with it.
      [workspace, ['-e', 'console.log("there"); process.stdin.resume();', 'new', '/usr/bin/gemini'], both('no')],
    ] as const) {
      const other = spawn(process.execPath, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
      try {
        await once(other.stdout, 'data');
        assert.deepEqual(await state(), expected, args.join(' '));
        const open = (await find()).find(({ running }) => running.kind === 'yes')?.running;
        if (open?.kind === 'yes') assert.equal(open.pid, other.pid);
      } finally {
        other.stdin.end();
        await once(other, 'close');
      }
    }
    assert.deepEqual(await state(), both('no'));
  });

  it("know the CLI's processes by what they run", () => {
    const runs = (...args: string[]) => isGemini(args, settings);
    assert.ok(runs('node', '/usr/bin/gemini') && runs('/opt/my-gem', '-p', 'x') && runs('node', '--x', '/a/gemini.js'));
    assert.ok(runs('node', '/a/@google/gemini-cli/bundle/index.js'));
    assert.ok(!runs('node', 'other.js', 'gemini') && !runs('tmux', 'new', 'gemini') && !runs());
  });
});
