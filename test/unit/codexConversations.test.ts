import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { StoredConversation } from '../../src/core/agents/agent';
import { codexConversations, codexFolder } from '../../src/core/agents/codexConversations';
import { listConversations } from '../../src/core/conversations';
import { systemClock } from '../../src/core/support/clock';
import { makeRequestContext } from '../support/requestContext';
import { storeRecorded } from '../support/storedClaude';
import { codexIds, recordedCodex, rollout, storeCodex, storeLock, storeRollout } from '../support/storedCodex';
import { makeTempDir, type TempDir } from '../support/tempDir';

let temp: TempDir;
let workspace: string;
let home: string;
const find = (only?: string) => codexConversations(workspace, home, only);
const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);
const idOf = (n: number) => `01a221fa-0000-7000-8000-${String(n).padStart(12, '0')}`;
const meta = (id: string, more = {}) =>
  `${JSON.stringify({ type: 'session_meta', payload: { id, cwd: workspace, originator: 'codex-tui', ...more } })}\n`;
const typed = (content: unknown) =>
  `${JSON.stringify({ type: 'event_msg', payload: { type: 'item_completed', item: { type: 'UserMessage', content } } })}\n`;

beforeEach(async () => {
  temp = await makeTempDir();
  workspace = path.join(temp.path, 'wö rk.x_y');
  home = path.join(temp.path, 'home', '.codex');
  await fs.mkdir(workspace);
});
afterEach(() => temp.remove());

describe('The conversations that Codex keeps', () => {
  const one = async (): Promise<StoredConversation> => {
    const found = await find();
    assert.equal(found.length, 1, JSON.stringify(found));
    return found[0]!;
  };
  const index = (...lines: object[]) =>
    fs.writeFile(path.join(home, 'session_index.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

  it('are read as the real one wrote them, last used first', async () => {
    for (const [i, which] of (['exec', 'courier', 'terminal'] as const).entries()) {
      const file = await storeCodex(home, workspace, which);
      await fs.utimes(file, 1000 + i, 1000 + i);
    }
    await index({ id: codexIds.terminal, thread_name: 'Fruit talk', updated_at: '2026-11-28T11:46:20.283075001Z' });
    const [terminal, courier, exec, ...more] = await find();
    assert.deepEqual(terminal, {
      id: codexIds.terminal,
      title: 'Fruit talk',
      firstPrompt: 'Remember the word pineapple please.',
      updatedAt: 1_002_000,
      inTerminal: true,
      running: { kind: 'unknown' },
    });
    assert.match(courier?.firstPrompt ?? '', /^Job j-20261128-0p8f32x3z: please read the file \S+ now/);
    assert.deepEqual([courier?.inTerminal, exec?.inTerminal, exec?.firstPrompt], [true, false, 'Say pineapple.']);
    assert.deepEqual(more, []);
    assert.deepEqual(ids(await find(codexIds.courier)), [codexIds.courier]);
    assert.deepEqual(await find(idOf(1)), []);
  });

  it('are none where there are none', async () => {
    assert.deepEqual(await find(), []);
  });

  it('are kept where CODEX_HOME says', () => {
    assert.equal(codexFolder(undefined, { HOME: '/h' }), '/h/.codex');
    assert.equal(codexFolder({ env: { CODEX_HOME: '/c' } }, { HOME: '/h', CODEX_HOME: '/d' }), '/c');
  });

  it('are those of this folder, also behind a link to it', async () => {
    await storeCodex(home, `${workspace}/below`, 'terminal');
    await storeCodex(home, workspace, 'courier');
    const link = path.join(temp.path, 'link');
    await fs.symlink(workspace, link);
    assert.deepEqual(ids(await codexConversations(link, home)), [codexIds.courier]);
  });

  it('have the last title that was given, and begin with what a person typed', async () => {
    const parts = [{ type: 'image' }, { type: 'text', text: ' Look at this. ' }];
    await storeRollout(home, idOf(1), `${meta(idOf(1))}${typed(parts)}${typed([{ text: 'Later.' }])}`);
    await index(...['A', ' ', 'B'].map((thread_name) => ({ id: idOf(1), thread_name })), { id: idOf(2) }, []);
    assert.deepEqual([(await one()).title, (await one()).firstPrompt], ['B', 'Look at this.']);
  });

  it('of hundreds of megabytes are read at their beginning only', async () => {
    const file = await storeCodex(home, workspace, 'terminal');
    await fs.truncate(file, 512 * 1024 * 1024);
    const before = process.memoryUsage().rss;
    assert.equal((await one()).firstPrompt, 'Remember the word pineapple please.');
    assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
  });

  it('are the last used hundred, of thousands of files of many folders', async () => {
    const days = Array.from({ length: 28 }, (_, n) => `2026/11/${String(1 + n).padStart(2, '0')}`);
    for (const day of days) mkdirSync(path.dirname(rollout(home, idOf(0), day)), { recursive: true });
    for (let n = 0; n < 3000; n++) {
      const file = rollout(home, idOf(n), days[n % days.length]);
      writeFileSync(file, meta(idOf(n), n % 20 === 0 ? {} : { cwd: '/somewhere/else' }));
      utimesSync(file, n, n);
    }
    const found = await find();
    const newest = Array.from({ length: 100 }, (_, i) => idOf(2980 - 20 * i));
    assert.deepEqual(ids(found), newest);
  }).timeout(30_000);

  it("are passed over where they have another shape, or are an agent's own", async () => {
    await storeCodex(home, workspace, 'terminal');
    const texts: Record<number, string | Buffer> = {
      1: '',
      2: Buffer.from([0xff, 0xfe, 0, 10, 0, 0]),
      3: meta(idOf(9)),
      4: meta(idOf(4), { cwd: 5, note: { cwd: workspace } }),
      5: `${'['.repeat(50_000)}\n"cwd":${JSON.stringify(workspace)}`,
      6: meta(idOf(6), { thread_source: 'subagent' }),
      7: meta(idOf(7)).replace('session_meta', 'event_msg'),
      // A first line that has no end within what is read.
      8: meta(idOf(8), { base_instructions: 'x'.repeat(200_000) }),
    };
    for (const [n, text] of Object.entries(texts)) await storeRollout(home, idOf(Number(n)), text as string);
    const day = path.dirname(rollout(home, idOf(1)));
    for (const name of ['rollout-2026-11-28T11-46-17---help.jsonl', `${idOf(1)}.jsonl`, 'rollout.jsonl'])
      await fs.writeFile(path.join(day, name), meta(idOf(1)));
    await fs.mkdir(path.join(home, 'sessions', 'x', '11', '28'), { recursive: true });
    await fs.writeFile(path.join(home, 'sessions', '2025'), 'no folder');
    await fs.writeFile(path.join(home, 'session_index.jsonl'), `null\n[]\n${'['.repeat(50_000)}\n{"id":7}\n`);
    assert.deepEqual(ids(await find()), [codexIds.terminal]);
  });

  it('are no links, pipes and folders', async () => {
    const real = await storeCodex(home, workspace, 'terminal');
    const secret = path.join(temp.path, 'secret.jsonl');
    await fs.rename(real, secret);
    await fs.symlink(secret, real);
    await fs.mkdir(rollout(home, idOf(1)));
    execFileSync('mkfifo', [rollout(home, codexIds.courier)]);
    assert.deepEqual(await find(), []);
    // Titles behind a link are none, too.
    await storeRollout(
      home,
      idOf(2),
      await recordedCodex('terminal', workspace).then((text) => text.replaceAll(codexIds.terminal, idOf(2))),
    );
    const titles = path.join(temp.path, 'titles.jsonl');
    await fs.writeFile(titles, JSON.stringify({ id: idOf(2), thread_name: 'Linked' }));
    await fs.symlink(titles, path.join(home, 'session_index.jsonl'));
    assert.equal((await one()).title, undefined);
  });

  it('are said to run only where a process holds the lock, and by which is told', async () => {
    await storeCodex(home, workspace, 'terminal');
    await fs.mkdir(path.join(home, 'thread-writer-locks'));
    const running = async () => (await one()).running;
    assert.deepEqual(await running(), { kind: 'no' });
    const file = await storeLock(home, codexIds.terminal);
    assert.deepEqual(await running(), { kind: 'no' }, 'left by one that was killed');
    for (const [args, where] of [
      [[], ['tmux', 'terminal']],
      [['app-server'], ['background']],
    ] as const) {
      const holder = spawn('flock', ['--no-fork', file, 'sh', '-c', 'echo held; read _', 'sh', ...args]);
      try {
        await once(holder.stdout, 'data');
        const now = await running();
        assert.ok(
          now.kind === 'yes' && now.pid === holder.pid && where.some((one) => one === now.where),
          JSON.stringify(now),
        );
      } finally {
        holder.stdin.end();
        await once(holder, 'close');
      }
    }
    assert.deepEqual(await running(), { kind: 'no' });
  });
});

describe('The conversations of two agents', () => {
  it('are one list, last used first, each with its agent', async () => {
    const claude = path.join(temp.path, 'home', '.claude');
    const { layout, settings } = await makeRequestContext(temp.path, systemClock, {
      version: '1.0',
      agents: { claude: { env: { CLAUDE_CONFIG_DIR: claude } }, codex: { env: { CODEX_HOME: home } } },
    });
    await fs.utimes(await storeCodex(home, layout.workspace, 'courier'), 1000, 1000);
    await fs.utimes(await storeRecorded(claude, layout.workspace, 'terminal'), 2000, 2000);
    await fs.utimes(await storeCodex(home, layout.workspace, 'terminal'), 3000, 3000);
    const list = await listConversations({ layout, settings, sessions: [], say: assert.fail });
    assert.deepEqual(
      list.map(({ agent, title, ours }) => [agent.title, title, ours?.kind]),
      [
        ['Codex', 'Remember the word pineapple please.', undefined],
        ['Claude Code', 'A test', undefined],
        ['Codex', 'Job j-20261128-0p8f32x3z: please read the file .courier/sessions/active/main/pro…', 'begun'],
      ],
    );
  });
});
