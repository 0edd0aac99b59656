import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as v from 'valibot';
import type { LaunchContext } from '../../src/core/agents/agent';
import { gemini } from '../../src/core/agents/gemini';
import { readReceipt } from '../../src/core/agents/geminiReceipt';
import { Layout } from '../../src/core/store/layout';
import { AgentSettings } from '../../src/core/store/settings';
import { LaunchLayout } from '../../src/core/store/userState';
import { makeTempDir, type TempDir } from '../support/tempDir';

/** All files below a folder, links as what they point to. */
function contentOf(dir: string): Record<string, string> {
  const entries = fs.readdirSync(dir, { withFileTypes: true, recursive: true });
  return Object.fromEntries(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(dir, file), entry.isFile() ? fs.readFileSync(file, 'utf8') : ''];
    }),
  );
}

describe('a launch of Gemini CLI', () => {
  let temp: TempDir;
  let user: string;
  let context: LaunchContext;
  beforeEach(async () => {
    temp = await makeTempDir();
    user = path.join(temp.path, 'user', '.gemini');
    fs.mkdirSync(user, { recursive: true });
    const layout = new Layout(path.join(temp.path, 'work'), '.courier');
    const launch = new LaunchLayout(path.join(temp.path, 'launch'));
    fs.mkdirSync(launch.dir);
    const conversation = { id: 'c-1', resume: false };
    const session = layout.session('main');
    context = { workspace: layout.workspace, session, launch, hookScript: '/hook', alive: '/alive', conversation };
  });
  afterEach(() => temp.remove());

  const launch = async (settings: Partial<AgentSettings> = {}) => {
    const env = { GEMINI_CLI_HOME: path.dirname(user), GEMINI_CLI_TRUSTED_FOLDERS_PATH: '' };
    const agent = gemini('gemini', v.parse(AgentSettings, { command: process.execPath, env, ...settings }));
    const made = await agent.launch(context);
    for (const file of made.files) fs.writeFileSync(file.path, file.text);
    const home = made.env.GEMINI_CLI_HOME!;
    const own = JSON.parse(fs.readFileSync(path.join(home, '.gemini', 'settings.json'), 'utf8'));
    return { ...made, home, own };
  };

  it("has the user's settings with our hooks beside theirs, and leaves the user's own as they are", async () => {
    const theirs = { hooks: [{ type: 'command', command: 'mine "// not a comment"' }] };
    const text = `{
      // their own
      "ui": { "theme": "GitHub" }, "model": { "name": "m" },
      "hooks": { "AfterAgent": ${JSON.stringify([theirs])}, "AfterTool": [] },
      "context": { "fileName": "A.md", "fileFiltering": { "customIgnoreFilePaths": [".mine"] } } /* all */
    }`;
    fs.writeFileSync(path.join(user, 'settings.json'), text);
    fs.writeFileSync(path.join(user, 'oauth_creds.json'), 'secret');
    const before = contentOf(user);
    const { own, home, env } = await launch();
    assert.deepEqual([own.model, own.ui.theme, own.context.fileName], [{ name: 'm' }, 'GitHub', 'A.md']);
    assert.equal(own.hooks.AfterAgent.length, 2);
    assert.deepEqual(own.hooks.AfterAgent[0], theirs);
    assert.match(own.hooks.BeforeAgent[0].hooks[0].command, /COURIER_HOOK/);
    assert.equal(own.context.fileFiltering.customIgnoreFilePaths[1], '.mine');
    assert.equal(own.context.fileFiltering.respectGitIgnore, undefined);
    assert.equal(env.GEMINI_CLI_TRUSTED_FOLDERS_PATH, path.join(user, 'trustedFolders.json'));
    // A login that was there, one that comes, and a conversation: all are the user's own.
    assert.equal(fs.readFileSync(path.join(home, '.gemini', 'oauth_creds.json'), 'utf8'), 'secret');
    fs.writeFileSync(path.join(home, '.gemini', 'google_accounts.json'), '{}');
    fs.writeFileSync(path.join(home, '.gemini', 'tmp', 'chat'), 'x');
    fs.rmSync(context.launch.dir, { recursive: true });
    const added = { 'google_accounts.json': '{}', history: '', policies: '', tmp: '', 'tmp/chat': 'x' };
    assert.deepEqual(contentOf(user), { ...before, ...added });
  });

  it('takes what the session reads and writes out of what git ignores, and nothing else', async () => {
    const { own, home } = await launch();
    const file = path.join(context.workspace, own.context.fileFiltering.customIgnoreFilePaths[0]);
    assert.equal(file, path.join(path.dirname(home), 'ignore'));
    assert.deepEqual(fs.readFileSync(file, 'utf8').trimEnd().split('\n'), [
      '!/.courier/',
      '!/.courier/sessions/',
      '!/.courier/sessions/active/',
      '!/.courier/sessions/active/main/',
      '!/.courier/sessions/active/main/prompts/',
      '!/.courier/sessions/active/main/prompts/**',
      '!/.courier/sessions/active/main/output/',
      '!/.courier/sessions/active/main/output/**',
    ]);
  });

  it('edits files unasked unless the user says otherwise, and goes on with a conversation', async () => {
    assert.deepEqual((await launch()).argv.slice(1), ['--approval-mode', 'auto_edit', '--session-id', 'c-1']);
    fs.rmSync(context.launch.dir, { recursive: true });
    context = { ...context, conversation: { id: 'c-1', resume: true } };
    const args = ['--approval-mode', 'default'];
    assert.deepEqual((await launch({ args })).argv.slice(1), ['--resume', 'c-1', ...args]);
  });

  it('does not start with settings that it can not read, or without hooks, and says which file it is', async () => {
    const file = path.join(user, 'settings.json');
    for (const [text, words] of [
      ['{"ui": ', /holds no settings that can be read/],
      ['[]', /holds no settings that can be read/],
      ['{"hooksConfig": {"enabled": false}}', /Hooks are turned off/],
    ] as const) {
      fs.writeFileSync(file, text);
      await assert.rejects(launch(), (error: Error) => words.test(error.message) && error.message.includes(file));
      assert.equal(fs.readFileSync(file, 'utf8'), text);
      fs.rmSync(context.launch.dir, { recursive: true });
    }
  });
});

describe('receipts of Gemini CLI', () => {
  const read = (name: string, fields: Record<string, unknown> = {}) =>
    readReceipt({
      hook_event_name: name,
      session_id: 's',
      cwd: '/w',
      timestamp: '2026-11-28T12:00:00.000Z',
      ...fields,
    });

  it('are read into our own words', () => {
    assert.deepEqual(read('SessionStart', { source: 'resume' }), {
      kind: 'started',
      conversationId: 's',
      resumed: true,
    });
    const prompt = 'Job j-1: read it';
    const taken = read('BeforeAgent', { prompt });
    assert.ok(taken?.kind === 'accepted' && taken.prompt === prompt && taken.conversationId === 's');
    const over = read('AfterAgent', { prompt, prompt_response: 'Done.', stop_hook_active: false });
    assert.deepEqual(over, { kind: 'finished', promptId: taken.promptId, message: 'Done.' });
    assert.notEqual((read('AfterAgent', { prompt: 'another' }) as { promptId: string }).promptId, taken.promptId);
    const details = { type: 'exec', title: 'Confirm Shell Command', command: 'touch /made', rootCommand: 'touch' };
    const message = 'Tool Confirm Shell Command requires execution';
    const asked = read('Notification', { notification_type: 'ToolPermission', message, details });
    assert.deepEqual(asked, {
      kind: 'permission',
      what: `${message}\ntouch /made`,
      holds: 'touch /made',
      yesOrNo: true,
    });
    const use = read('BeforeTool', { tool_name: 'read_file', tool_input: { file_path: '/w/a.md' } });
    assert.deepEqual(use, { kind: 'activity', what: 'read_file /w/a.md' });
    assert.deepEqual(read('SessionEnd', { reason: 'exit' }), { kind: 'ended', reason: 'exit', wished: true });
  });

  it('tell nothing of what it asks its model by itself, of its other events, and of what has no such shape', () => {
    const prompt = '[System: You successfully executed a tool but returned an empty response.]';
    assert.equal(read('BeforeAgent', { prompt }), undefined);
    assert.deepEqual(read('AfterAgent', { prompt, prompt_response: '[no response text]' }), {
      kind: 'finished',
      promptId: undefined,
      message: '',
    });
    assert.equal(read('SessionEnd', { reason: 'clear' }), undefined);
    assert.equal(read('PreCompress', { trigger: 'auto' }), undefined);
    assert.equal(read('Notification', { notification_type: 'other' }), undefined);
    for (const none of [undefined, 'text', {}, { hook_event_name: 'BeforeAgent' }])
      assert.equal(readReceipt(none), undefined);
  });
});
