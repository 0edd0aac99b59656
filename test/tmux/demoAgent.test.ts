import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readReceipts, waitForReceipt } from '../support/receiptsFolder';
import { type TmuxPane, TmuxServer } from '../support/tmuxServer';
import { waitFor } from '../support/waitFor';

const agent = resolve('dist/demo-agent.js');
const session = '.courier/sessions/active/main';
const prompt = `${session}/prompts/task_1.md`;
const output = `${session}/output/task_output_1.md`;
const instruction = `Job j-20261122-7f3a: please read ${prompt} and write your answer to ${output}.`;
const inputRow = /^demo>$/m;
const working = /working… \(esc to interrupt\)/;

describe('Demo agent in tmux', function () {
  this.timeout(60_000);
  let server: TmuxServer;
  let receiptsDir: string;
  let outputPath: string;

  beforeEach(async () => {
    server = await TmuxServer.create();
    receiptsDir = join(server.dir, 'receipts');
    outputPath = join(server.workDir, output);
    const folders = ['prompts', 'output'].map((name) => join(server.workDir, session, name));
    await Promise.all([receiptsDir, ...folders].map((path) => mkdir(path, { recursive: true })));
    await writePrompt('# Hello\nTODO: greet\n');
  });
  afterEach(() => server.stop());

  const writePrompt = (text: string) =>
    writeFile(
      join(server.workDir, prompt),
      `Job j-20261122-7f3a\n\n<!-- courier:prompt:begin -->\n${text}\n<!-- courier:prompt:end -->\n\nTODO: the contract\n`,
    );

  const start = (...args: string[]) =>
    server.start([process.execPath, agent, ...args], { env: { COURIER_RECEIPTS: receiptsDir } });

  async function startReady(...args: string[]): Promise<TmuxPane> {
    const pane = await start(...args);
    await pane.waitForScreen(inputRow);
    return pane;
  }

  const receipts = () => readReceipts(receiptsDir);
  const events = async () => (await receipts()).map((receipt) => receipt.hook_event_name);
  const waitForEvent = (name: string, count?: number) => waitForReceipt(receiptsDir, name, count);

  async function send(pane: TmuxPane, line: string): Promise<void> {
    await pane.type(line);
    await pane.press('Enter');
  }

  const answer = () => readFile(outputPath, 'utf8');

  it('does a job: receipts in order, the answer on disk, the input row back', async () => {
    const id = '00000000-0000-4000-8000-000000000001';
    const pane = await startReady('--session-id', id);
    const first = await pane.screen();
    assert.match(first, /Tmux Courier Demo agent\n.*No model and no account/);
    assert.deepEqual(await events(), ['SessionStart']);

    await send(pane, instruction);
    const stop = await waitForEvent('Stop');
    const text = await answer();
    assert.match(text, /# Demo answer to job j-20261122-7f3a/);
    assert.match(text, /- line 2: `TODO: greet`/);
    assert.doesNotMatch(text, /contract/);
    assert.equal((await stat(outputPath)).mode & 0o777, 0o600);
    assert.equal(stop.last_assistant_message, `done: wrote ${output}`);

    const all = await receipts();
    assert.deepEqual(
      all.map((receipt) => [receipt.hook_event_name, receipt.tool_name].filter(Boolean).join(' ')),
      [
        'SessionStart',
        'UserPromptSubmit',
        'PreToolUse Read',
        'PostToolUse Read',
        'PreToolUse Write',
        'PostToolUse Write',
        'Stop',
      ],
    );
    assert.ok(all.every((receipt) => receipt.session_id === id && receipt.cwd === server.workDir));
    assert.ok(all.slice(1).every((receipt) => receipt.prompt_id === stop.prompt_id));
    assert.equal(all[1]?.prompt, instruction);
    assert.deepEqual(all[4]?.tool_input, { file_path: outputPath });

    const last = await pane.waitForScreen(/done: wrote .*task_output_1\.md\ndemo>$/);
    assert.doesNotMatch(last, working);
  });

  it('leaves with exit code 0 and says so', async () => {
    const pane = await startReady('--resume', '00000000-0000-4000-8000-000000000002');
    await send(pane, 'hello there');
    await waitForEvent('Stop');
    await pane.waitForScreen(/I am the Demo agent/);
    await send(pane, '/exit');
    assert.equal(await pane.waitForExit(), 0);
    const all = await receipts();
    assert.equal(all[0]?.source, 'resume');
    assert.deepEqual([all.at(-1)?.hook_event_name, all.at(-1)?.reason], ['SessionEnd', 'prompt_input_exit']);
  });

  it('takes a paste as one line, and stays in order when the window changes its size', async () => {
    const pane = await startReady();
    await pane.paste(`${'one\ntwo '.repeat(30)}end`);
    await pane.waitForScreen(/^demo> one two one .* end$/m);
    for (const columns of [40, 91, 200]) {
      await pane.resize(columns, 30);
      // tmux moves the upper rows into its history when the window gets narrow.
      const screen = await pane.history();
      assert.match(screen, /^demo> one two one .* end$/m);
      assert.equal(screen.match(/demo>/g)?.length, 1, screen);
    }
    await pane.type('!');
    await pane.waitForScreen(/^demo> one two one .* end!$/m);
    await pane.press('C-u');
    const screen = await pane.waitForScreen(inputRow);
    assert.equal(screen.match(/demo>/g)?.length, 1, screen);
    assert.deepEqual(await events(), ['SessionStart']);
  });

  it('asks for permission; Yes writes', async () => {
    const pane = await startReady('--mode', 'permission');
    await send(pane, instruction);
    const screen = await pane.waitForScreen(/❯ 1\. Yes\n {2}2\. No$/);
    assert.match(screen, /Demo agent asks: may it write .*task_output_1\.md\?/);
    assert.deepEqual((await events()).slice(-3), ['PreToolUse', 'PermissionRequest', 'Notification']);
    assert.equal(existsSync(outputPath), false);
    await pane.press('1');
    await waitForEvent('Stop');
    assert.match(await answer(), /Demo answer/);
  });

  it('asks for permission; No ends the turn with nothing written', async () => {
    const pane = await startReady('--mode', 'permission');
    await send(pane, instruction);
    await pane.waitForScreen(/❯ 1\. Yes/);
    await pane.press('Down');
    await pane.waitForScreen(/❯ 2\. No/);
    await pane.press('Enter');
    const stop = await waitForEvent('Stop');
    assert.match(String(stop.last_assistant_message), /not allowed to write/);
    assert.equal(existsSync(outputPath), false);
  });

  it('crashes in the middle of a turn, with no receipt of an end', async () => {
    await writePrompt('demo-mode: crash=7');
    const pane = await startReady();
    await send(pane, instruction);
    assert.equal(await pane.waitForExit(), 7);
    assert.match(await pane.history(), /demo: crashed in the middle of the turn/);
    assert.deepEqual(
      (await events()).filter((name) => /Stop|End/.test(name)),
      [],
    );
  });

  for (const mode of ['slow=600000', 'freeze', 'permission']) {
    for (const key of mode === 'slow=600000' ? ['Escape', 'C-c'] : mode === 'freeze' ? ['Escape'] : ['C-c']) {
      it(`is interrupted by ${key} in mode ${mode}: no Stop, and the next turn works`, async () => {
        await writePrompt(`demo-mode: ${mode}`);
        const pane = await startReady();
        await send(pane, instruction);
        await pane.waitForScreen(mode === 'permission' ? /❯ 1\. Yes/ : working);
        await waitForEvent('PostToolUse');
        if (mode === 'freeze') await pane.type('nobody reads this');
        await pane.press(key);
        const screen = await pane.waitForScreen(/Interrupted by you\ndemo>$/);
        assert.doesNotMatch(screen, working);
        assert.equal((await events()).includes('Stop'), false);
        await writePrompt('again');
        await send(pane, instruction);
        await waitForEvent('Stop');
      });
    }
  }

  it('keeps what is typed while a turn runs for after it', async () => {
    await writePrompt('demo-mode: slow=300');
    const pane = await startReady();
    await send(pane, instruction);
    await pane.waitForScreen(working);
    await send(pane, 'second');
    await pane.type('third');
    await waitForEvent('Stop', 2);
    await pane.waitForScreen(/^demo> third$/m);
  });

  it('swallows the first Enter only', async () => {
    const pane = await startReady('--mode', 'swallow-enter');
    await send(pane, instruction);
    // The next key is handled after the Enter, so that its echo proves that the Enter did nothing.
    await pane.type('!');
    await pane.waitForScreen(/^demo> Job j-20261122-7f3a.*!$/m);
    assert.deepEqual(await events(), ['SessionStart']);
    await pane.press('Enter');
    await waitForEvent('Stop');
  });

  it('ignores every Enter', async () => {
    const pane = await startReady('--mode', 'ignore-enter');
    await send(pane, instruction);
    await pane.press('Enter', 'Enter', '!');
    await pane.waitForScreen(/^demo> Job j-20261122-7f3a.*!$/m);
    assert.deepEqual(await events(), ['SessionStart']);
  });

  it('asks for trust before anything else; Yes starts, No exits with code 1', async () => {
    const yes = await start('--mode', 'trust');
    const no = await start('--mode', 'trust');
    for (const pane of [yes, no]) {
      const screen = await pane.waitForScreen(/❯ 1\. Yes, I trust this folder\n {2}2\. No, exit$/);
      assert.match(screen, /Is this a project you created or one you trust\?/);
      assert.doesNotMatch(screen, /demo>/);
    }
    await no.press('2');
    assert.equal(await no.waitForExit(), 1);
    assert.deepEqual(await events(), []);
    await yes.press('Enter');
    await yes.waitForScreen(inputRow);
    assert.deepEqual(await events(), ['SessionStart']);
  });

  it('exits at once', async () => {
    const pane = await start('--mode', 'exit-at-once=9');
    assert.equal(await pane.waitForExit(), 9);
    assert.match(await pane.history(), /demo: cannot start/);
    assert.deepEqual(await events(), []);
  });

  it('writes only after the reminder in mode no-output, and never in mode never-output', async () => {
    const reminder = `Job j-20261122-7f3a: the answer is not there yet, please write it to ${output} now.`;
    await writePrompt('demo-mode: never-output');
    const pane = await startReady();
    await send(pane, instruction);
    await waitForEvent('Stop', 1);
    await send(pane, reminder);
    await waitForEvent('Stop', 2);
    assert.equal(existsSync(outputPath), false);
    await writePrompt('demo-mode: no-output');
    await send(pane, instruction);
    await waitForEvent('Stop', 3);
    assert.equal(existsSync(outputPath), false);
    await send(pane, reminder);
    await waitForEvent('Stop', 4);
    assert.match(await answer(), /Demo answer/);
  });

  it('writes in two steps and stops late', async () => {
    const pane = await startReady();
    await writePrompt('demo-mode: two-step=600000');
    await send(pane, instruction);
    const half = await waitFor(async () => (await answer()) || undefined, { what: 'the first half' });
    await pane.press('Escape');
    await pane.waitForScreen(/Interrupted by you\ndemo>$/);

    await writePrompt('demo-mode: two-step=20,late-stop=600000');
    await send(pane, instruction);
    const whole = await waitFor(async () => /None\.\n$/.test(await answer()) && answer(), { what: 'the whole answer' });
    assert.ok(half.length < whole.length && whole.startsWith(half.slice(0, 40)));
    assert.match(await pane.screen(), working);
    assert.equal((await events()).includes('Stop'), false);
    await pane.press('Escape');
    await pane.waitForScreen(/(Interrupted by you\n[\s\S]*){2}demo>$/);

    await writePrompt('demo-mode: two-step=20,late-stop=20');
    await send(pane, instruction);
    await waitForEvent('Stop');
    assert.match(await answer(), /None\.\n$/);
  });

  it('says that the session ended when its tmux session is killed', async () => {
    const pane = await startReady();
    await server.tmux(['kill-session', '-t', pane.id]);
    assert.equal((await waitForEvent('SessionEnd')).reason, 'other');
  });

  it('answers with one byte, and fails with an API error', async () => {
    await writePrompt('demo-mode: one-byte');
    const pane = await startReady();
    await send(pane, instruction);
    await waitForEvent('Stop');
    assert.equal((await stat(outputPath)).size, 1);
    await rename(outputPath, `${outputPath}.old`);
    await writePrompt('demo-mode: api-error');
    await send(pane, instruction);
    const failure = await waitForEvent('StopFailure');
    assert.match(String(failure.last_assistant_message), /API Error: 400/);
    await pane.waitForScreen(/API Error: 400.*\ndemo>$/);
    assert.equal(existsSync(outputPath), false);
  });

  it('says what went wrong when the prompt file is missing, and works without receipts', async () => {
    const pane = await server.start([process.execPath, agent]);
    await pane.waitForScreen(inputRow);
    await send(pane, instruction.replace('task_1.md', 'gone.md'));
    await pane.waitForScreen(/I could not do it: ENOENT.*\ndemo>$/);
    await pane.press('C-c', 'C-c');
    assert.equal(await pane.waitForExit(), 0);
    assert.deepEqual(await events(), []);
  });
});
