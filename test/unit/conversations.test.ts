import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { StoredConversation } from '../../src/core/agents/agent';
import { claudeConversations } from '../../src/core/agents/claudeConversations';
import { listConversations } from '../../src/core/conversations';
import type { RequestContext } from '../../src/core/runner/context';
import { writePromptFile } from '../../src/core/runner/promptFile';
import { takeRequests } from '../../src/core/runner/takeRequests';
import { readReply } from '../../src/core/store/inbox';
import { systemClock } from '../../src/core/support/clock';
import { identityOf } from '../../src/core/support/processIdentity';
import { makeRequestContext } from '../support/requestContext';
import { projectFolder, recorded, recordedIds, storeLive, storeRecorded } from '../support/storedClaude';
import { makeTempDir, type TempDir } from '../support/tempDir';

let temp: TempDir;
let workspace: string;
let config: string;
const nobody = recordedIds.terminal.replace(/^1/, '2');
const find = () => claudeConversations(workspace, config);
const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id).sort();
const inProject = (name: string) => path.join(projectFolder(config, workspace), name);
const line = (more: object) => `${JSON.stringify({ cwd: workspace, entrypoint: 'cli', ...more })}\n`;
const typed = (content: unknown, more = {}) => line({ type: 'user', message: { role: 'user', content }, ...more });

beforeEach(async () => {
  temp = await makeTempDir();
  workspace = path.join(temp.path, 'wö rk.x_y');
  config = path.join(temp.path, 'home', '.claude');
  await fs.mkdir(workspace);
});
afterEach(() => temp.remove());

describe('The conversations that Claude Code keeps', () => {
  const one = async (): Promise<StoredConversation> => {
    const found = await find();
    assert.equal(found.length, 1, JSON.stringify(found));
    return found[0]!;
  };
  const store = async (text: string) => {
    await fs.mkdir(projectFolder(config, workspace), { recursive: true });
    await fs.writeFile(inProject(`${nobody}.jsonl`), text);
  };

  it('are read as the real one wrote them, last used first', async () => {
    const older = await storeRecorded(config, workspace, 'courier');
    await fs.utimes(older, 1000, 1000);
    await storeRecorded(config, workspace, 'terminal');
    await storeLive(config, workspace, { pid: 2 ** 30, sessionId: nobody });
    const [first, second] = await find();
    const { updatedAt, ...rest } = first!;
    assert.deepEqual(rest, {
      id: recordedIds.terminal,
      title: 'A test',
      firstPrompt: 'Remember the word pineapple please.',
      inTerminal: true,
      running: { kind: 'no' },
    });
    assert.ok(updatedAt > 1_000_000);
    assert.equal(second?.id, recordedIds.courier);
    assert.match(second?.firstPrompt ?? '', /^Job j-20261128-0iic2z56w: please read/);
  });

  it('are none where there are none', async () => {
    assert.deepEqual(await find(), []);
  });

  it('are those of this folder, though another has the same name there', async () => {
    const other = path.join(temp.path, 'wö-rk.x.y');
    await fs.mkdir(other);
    const file = await storeRecorded(config, other, 'terminal');
    assert.equal(path.dirname(file), projectFolder(config, workspace));
    await storeRecorded(config, workspace, 'courier');
    assert.deepEqual(ids(await find()), [recordedIds.courier]);
  });

  it('are found for a path that is too long for a name, and behind a link to the folder', async () => {
    const deep = path.join(temp.path, 'd'.repeat(120), 'e'.repeat(120));
    await fs.mkdir(deep, { recursive: true });
    const name = path.basename(projectFolder(config, deep));
    const dir = path.join(config, 'projects', `${name.slice(0, 200)}-1a2b3c`);
    await fs.mkdir(dir, { recursive: true });
    await fs.writeFile(path.join(dir, `${recordedIds.terminal}.jsonl`), await recorded('terminal.jsonl', deep));
    const link = path.join(temp.path, 'link');
    await fs.symlink(deep, link);
    assert.deepEqual(ids(await claudeConversations(link, config)), [recordedIds.terminal]);
  });

  it("have the person's own title before the CLI's, the last that was given, and a summary for want of both", async () => {
    const says = typed('Hello.');
    await store(`${line({ type: 'summary', summary: 'Old' })}${says}`);
    assert.equal((await one()).title, 'Old');
    await store(`${line({ type: 'summary', summary: 'Old' })}${says}${line({ type: 'ai-title', aiTitle: 'Theirs' })}`);
    assert.equal((await one()).title, 'Theirs');
    const named = ['A', 'B'].map((customTitle) => line({ type: 'custom-title', customTitle })).join('');
    await store(`${named}${says}${line({ type: 'ai-title', aiTitle: 'Theirs' })}`);
    assert.equal((await one()).title, 'B');
  });

  it('begin with what a person typed, not with what the CLI puts around it', async () => {
    const meta = typed('Caveat: not for you', { isMeta: true });
    const parts = [{ type: 'image' }, { type: 'text', text: 'Look at this.' }];
    await store(`${meta}${typed('<command-name>/model</command-name>')}${typed(parts)}${typed('Later.')}`);
    assert.equal((await one()).firstPrompt, 'Look at this.');
  });

  it('of hundreds of megabytes are read at their ends only, also when the first line has no end there', async () => {
    await store(typed(`Begin ${'x'.repeat(200_000)}`));
    const file = inProject(`${nobody}.jsonl`);
    await fs.truncate(file, 512 * 1024 * 1024);
    await fs.appendFile(file, `\n${typed('Last.')}${line({ type: 'custom-title', customTitle: 'At the end' })}`);
    const before = process.memoryUsage().rss;
    const { title, firstPrompt } = await one();
    assert.deepEqual({ title, firstPrompt }, { title: 'At the end', firstPrompt: undefined });
    assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
  });

  it('are passed over where they have another shape, no turn, or a name that is no UUID', async () => {
    await storeRecorded(config, workspace, 'terminal');
    const bad: Record<string, string | Buffer> = {
      '--help.jsonl': typed('Hello.'),
      'agent-1234.jsonl': typed('Hello.'),
      [`${nobody}.json`]: typed('Hello.'),
      [`${nobody.replace(/.$/, 'a')}.jsonl`]: '',
      [`${nobody.replace(/.$/, 'b')}.jsonl`]: line({ type: 'mode', mode: 'normal' }),
      [`${nobody.replace(/.$/, 'c')}.jsonl`]: Buffer.from([0xff, 0xfe, 0, 10, 0, 0]),
      [`${nobody.replace(/.$/, 'd')}.jsonl`]: '{"type":7}\n[]\nnull\n{"type":"user","cwd":5,"message":9}\n',
      [`${nobody.replace(/.$/, 'e')}.jsonl`]: typed('Elsewhere.', { cwd: '/somewhere/else' }),
      [`${nobody.replace(/.$/, 'f')}.jsonl`]: `${'['.repeat(50_000)}\n`,
    };
    for (const [name, text] of Object.entries(bad)) await fs.writeFile(inProject(name), text);
    assert.deepEqual(ids(await find()), [recordedIds.terminal]);
  });

  it('are no links, pipes and folders', async () => {
    const real = await storeRecorded(config, workspace, 'terminal');
    const secret = path.join(temp.path, 'secret.jsonl');
    await fs.rename(real, secret);
    await fs.symlink(secret, real);
    await fs.mkdir(inProject(`${nobody}.jsonl`));
    execFileSync('mkfifo', [inProject(`${recordedIds.courier}.jsonl`)]);
    assert.deepEqual(await find(), []);
  });

  it('are said to run only where a live process is the one that was noted, and by whom is told', async () => {
    await storeRecorded(config, workspace, 'terminal');
    const sessionId = recordedIds.terminal;
    const { pid } = process;
    const running = async () => (await one()).running;
    assert.deepEqual(await running(), { kind: 'unknown' }, 'a version that notes nothing');
    await storeLive(config, workspace, { pid, sessionId, procStart: (await identityOf(pid)).start_time });
    const now = await running();
    assert.ok(now.kind === 'yes' && now.pid === pid, JSON.stringify(now));
    await storeLive(config, workspace, { pid, sessionId, procStart: '1' });
    assert.deepEqual(await running(), { kind: 'no' }, 'the number is another process by now');
    await storeLive(config, workspace, { pid, sessionId, procStart: undefined });
    assert.deepEqual(await running(), { kind: 'unknown' }, 'nothing says that it is that process');
    await fs.writeFile(path.join(config, 'sessions', `${pid}.json`), '{"pid":-1,"sessionId":"x"}');
    assert.deepEqual(await running(), { kind: 'no' });
  });
});

describe('A request for a session that goes on with a conversation', () => {
  let context: RequestContext & { logged: string[] };
  beforeEach(async () => {
    const agents = { claude: { env: { CLAUDE_CONFIG_DIR: config } } };
    context = await makeRequestContext(temp.path, systemClock, { version: '1.0', agents });
    await storeRecorded(config, context.layout.workspace, 'terminal');
  });
  const ask = async (id: string, more: object) => {
    const request = { version: '1.0', id, action: 'create_session', session_id: id, agent: 'claude', ...more };
    await fs.writeFile(path.join(context.layout.inbox, `${id}.json`), JSON.stringify(request));
    await takeRequests(context);
    return readReply(context.layout, id);
  };

  it('makes one that has it, once', async () => {
    const conversation_id = recordedIds.terminal;
    assert.equal((await ask('a', { conversation_id }))?.ok, true, context.logged.join('\n'));
    assert.equal(context.sessions.get('a')?.metadata.conversation_id, conversation_id);
    assert.match((await ask('b', { conversation_id }))?.error ?? '', /is in session "a" already/);
    await context.sessions.get('a')!.flush();
  });

  it('is refused for what is no conversation of this folder, and for an agent that keeps none', async () => {
    assert.match((await ask('a', { conversation_id: nobody }))?.error ?? '', /keeps no conversation/);
    const other = path.join(temp.path, 'other');
    await fs.mkdir(other);
    await storeRecorded(config, other, 'courier');
    assert.match((await ask('b', { conversation_id: recordedIds.courier }))?.error ?? '', /keeps no conversation/);
    const demo = { agent: 'demo', conversation_id: recordedIds.terminal };
    assert.match((await ask('c', demo))?.error ?? '', /Nothing is known of conversations/);
    for (const [i, bad] of ['--help', `../${nobody}`, `${nobody} --x`, '', 7].entries())
      assert.match((await ask(`d${i}`, { conversation_id: bad }))?.error ?? '', /conversation_id: Invalid/);
    assert.equal(context.sessions.size, 0);
  });
});

describe('The list of conversations', () => {
  it('says whose they are, and names ours by the prompt that the line stands for', async () => {
    const { layout, settings } = await makeRequestContext(temp.path, systemClock, {
      version: '1.0',
      agents: { claude: { env: { CLAUDE_CONFIG_DIR: config } } },
    });
    const file = await storeRecorded(config, layout.workspace, 'courier');
    await storeRecorded(config, layout.workspace, 'terminal');
    const list = (sessions: unknown[] = []) =>
      listConversations({ layout, settings, sessions: sessions as never, say: assert.fail });
    const of = async (id: string, sessions?: unknown[]) =>
      (await list(sessions)).find(({ stored }) => stored.id === id);
    const terminal = await of(recordedIds.terminal);
    assert.deepEqual([terminal?.title, terminal?.ours, terminal?.agent.id], ['A test', undefined, 'claude']);
    const gone = await of(recordedIds.courier);
    assert.deepEqual([gone?.title, gone?.ours], ['A test', { kind: 'begun' }]);

    const prompt_path = /read the file (\S+) now/.exec(await fs.readFile(file, 'utf8'))![1]!;
    await fs.mkdir(path.join(layout.workspace, path.dirname(prompt_path)), { recursive: true });
    const job = { job_id: 'j-1', prompt_path, output_path: 'o.md' } as never;
    await writePromptFile(layout.workspace, job, { text: '\nExplain the parser.\nAll of it.' });
    const session = { metadata: { session_id: 'main', agent: 'claude', conversation_id: recordedIds.courier } };
    const own = await of(recordedIds.courier, [session]);
    assert.deepEqual([own?.title, own?.ours], ['Explain the parser.', { kind: 'session', session }]);

    const files = layout.deletedSession('old-1');
    await fs.mkdir(files.dir, { recursive: true });
    const metadata = { version: '1.0', session_id: 'old', name: 'Old', created_at: new Date().toISOString() };
    const more = {
      state: 'deleted',
      tmux_session: null,
      agent: 'claude',
      epoch: 1,
      conversation_id: recordedIds.terminal,
    };
    await fs.writeFile(files.metadata, JSON.stringify({ ...metadata, ...more }));
    const deleted = { kind: 'deleted', folder: 'old-1', session_id: 'old', name: 'Old' };
    assert.deepEqual((await of(recordedIds.terminal))?.ours, deleted);
  });
});
