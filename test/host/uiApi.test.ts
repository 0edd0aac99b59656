import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { UserState } from '../../src/core/store/userState';
import type { CourierApi } from '../../src/ui/api';
import { toolNames } from '../../src/ui/contributions';
import { makeTools } from '../../src/ui/languageModelTools';
import { waitFor } from '../support/waitFor';
import { closeEditors, courier, demoSession, file, Person, promptOf, sessions, workspace } from './uiSupport';

const never = () => new vscode.CancellationTokenSource().token;

describe('the API', () => {
  let api: CourierApi;
  let session: string;
  before(async () => {
    await demoSession();
    api = await courier();
    session = (await sessions())[0]?.metadata.session_id ?? '';
  });

  it('sends a prompt, tells how the job goes, and gives its answer', async () => {
    const steps: string[] = [];
    const told = api.onDidChangeJob(({ job }) => steps.push(`${job.job_id} ${job.status}`));
    try {
      const id = await api.send({ prompt: 'by another extension\n', session, requested_by: 'test.extension' });
      const { job, answer } = await api.result(id);
      assert.equal(job.status, 'completed', job.message);
      assert.equal(await promptOf(job), 'by another extension\n');
      assert.equal(job.requested_by, 'test.extension');
      assert.match(answer ?? '', /Demo agent/i);
      await waitFor(() => steps.includes(`${id} completed`), { what: () => `the end in ${steps.join(', ')}` });
      assert.equal(steps.filter((step) => step === `${id} completed`).length, 1);
      assert.ok(api.jobs().some((one) => one.job_id === id && one.folder === api.folders()[0]?.path));
      assert.equal((await api.result(id)).answer, answer, 'also later');
    } finally {
      told.dispose();
    }
  });

  it('names the sessions with their folders', async () => {
    const found = api.sessions().find((one) => one.session_id === session);
    assert.equal(found?.folder, await workspace());
    assert.equal(found?.agent, 'demo');
  });

  it("refuses what it can't do, and sends nothing", async () => {
    const before = api.jobs().length;
    await assert.rejects(api.send({ prompt: 'x', session: 'absent' }), { code: 'no_session' });
    await assert.rejects(api.send({ prompt: ' \n', session }), { code: 'not_sendable' });
    await assert.rejects(api.send({ prompt: 'x', session, folder: '/elsewhere' }), { code: 'no_folder' });
    await assert.rejects(api.result('j-absent'), { code: 'no_job' });
    assert.equal(api.jobs().length, before);
  });

  it('stops waiting when it is told to, and the job goes on', async () => {
    const id = await api.send({ prompt: 'demo-mode: slow=1500\nwaited for twice', session });
    const source = new vscode.CancellationTokenSource();
    const waiting = api.result(id, source.token);
    source.cancel();
    await assert.rejects(waiting, (error) => error instanceof vscode.CancellationError);
    assert.equal((await api.result(id)).job.status, 'completed');
  });

  describe("has tools for the editor's chat", () => {
    const run = async (name: keyof typeof toolNames, input: object) => {
      const result = await makeTools(api)[name].invoke({ input, toolInvocationToken: undefined }, never());
      const [part] = result?.content ?? [];
      assert.ok(part instanceof vscode.LanguageModelTextPart);
      return JSON.parse(part.value);
    };
    const asks = async (name: keyof typeof toolNames, input: object) => {
      const prepared = await makeTools(api)[name].prepareInvocation?.({ input }, never());
      const { title, message } = prepared?.confirmationMessages ?? {};
      assert.ok(title && message instanceof vscode.MarkdownString, 'it is confirmed');
      assert.ok(!message.isTrusted);
      return message.value;
    };

    it('that VS Code knows', () => {
      const known = vscode.lm.tools.map(({ name }) => name);
      for (const name of Object.values(toolNames)) assert.ok(known.includes(name), `${name} in ${known.join(', ')}`);
    });

    it('which send a prompt when the person has seen all of it, and give the answer', async () => {
      const prompt = 'see [this](command:workbench.action.closeWindow)\n```\nand `that`\n```';
      assert.ok((await asks('send', { prompt, session })).includes(`\`\`\`\`\n${prompt}\n\`\`\`\``));
      const { job_id } = await run('send', { prompt, session });
      await asks('result', { job_id });
      const { status, answer } = await run('result', { job_id });
      assert.equal(status, 'completed');
      assert.match(answer, /Demo agent/i);
    });

    it('which tell what there is', async () => {
      await asks('status', {});
      const said = await run('status', {});
      assert.ok(said.sessions.some((one: { session_id: string }) => one.session_id === session));
      assert.deepEqual(said.jobs, []);
    });

    it('which take nothing but what they were made for', async () => {
      const before = api.jobs().length;
      await assert.rejects(run('send', { session }), { code: 'bad_input' });
      await assert.rejects(run('send', { prompt: 'x', session: 'absent' }), { code: 'no_session' });
      await assert.rejects(run('result', { job_id: 7 }), { code: 'bad_input' });
      assert.equal(api.jobs().length, before);
    });
  });

  describe('stands behind tasks', () => {
    /** Runs a task, and returns its exit code. */
    const runTask = async (definition: Record<string, unknown>, onStart?: (task: vscode.TaskExecution) => void) => {
      const folder = vscode.workspace.workspaceFolders![0]!;
      const tasks = path.join(folder.uri.fsPath, '.vscode', 'tasks.json');
      await fs.mkdir(path.dirname(tasks), { recursive: true });
      const label = `task ${++count}`;
      await fs.writeFile(
        tasks,
        JSON.stringify({ version: '2.0.0', tasks: [{ label, type: 'courier', ...definition }] }),
      );
      const find = async () => (await vscode.tasks.fetchTasks({ type: 'courier' })).find((task) => task.name === label);
      const task = await waitFor(find, { what: `${label} in tasks.json` });
      const ended = new Promise<number | undefined>((resolve) => {
        const listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
          if (execution.task.name !== label) return;
          listening.dispose();
          resolve(exitCode);
        });
      });
      const execution = await vscode.tasks.executeTask(task);
      onStart?.(execution);
      return ended;
    };
    let count = 0;
    const newest = () => [...api.jobs()].sort((a, b) => b.created_at.localeCompare(a.created_at))[0]!;
    after(async () => {
      await fs.rm(path.join(await workspace(), '.vscode'), { recursive: true, force: true });
      await closeEditors();
    });

    it('which send a prompt and end with 0 when the answer is there', async () => {
      assert.equal(await runTask({ prompt: 'from a task', session }), 0);
      const job = newest();
      assert.equal(await promptOf(job), 'from a task');
      assert.equal(job.status, 'completed');
      assert.equal(job.requested_by, 'vscode-task');
    });

    it('which send a file of the folder, and no other file', async () => {
      await file('prompts/daily.md', 'the daily words\n');
      assert.equal(await runTask({ file: 'prompts/daily.md', session }), 0);
      assert.equal(await promptOf(newest()), 'the daily words\n');
      const before = api.jobs().length;
      assert.equal(await runTask({ file: '../outside.md', session }), 1);
      assert.equal(await runTask({ session }), 1);
      assert.equal(await runTask({ prompt: 'x', session: 'absent' }), 1);
      assert.equal(api.jobs().length, before);
    });

    it('which fail when the job does', async () => {
      assert.equal(await runTask({ prompt: 'demo-mode: never-output', session }), 1);
      assert.equal(newest().status, 'failed');
    });
  });
});

describe('a link to Tmux Courier', () => {
  let person: Person;
  const open = (query: string, at = '/send') =>
    vscode.commands.executeCommand(
      'vscode.open',
      vscode.Uri.from({ scheme: vscode.env.uriScheme, authority: 'tmux-courier.tmux-courier', path: at, query }),
    );
  beforeEach(() => {
    person = new Person();
  });
  afterEach(async () => {
    person.leave();
    await closeEditors();
    await fs.rm(UserState.fromEnvironment().drafts, { recursive: true, force: true });
  });

  it('asks, then shows the whole prompt in an editor, and sends nothing by itself', async () => {
    const api = await courier();
    const before = api.jobs().length;
    person.answer('showWarningMessage', () => 'Open It');
    const prompt = `words & [more](command:x) ${'long '.repeat(200)}`;
    await open(`prompt=${encodeURIComponent(prompt)}`);
    const shown = () => vscode.window.activeTextEditor?.document.getText() === prompt;
    await waitFor(shown, { what: 'the prompt in an editor' });
    assert.equal(person.of('showWarningMessage').length, 1);
    assert.ok(!JSON.stringify(person.of('showWarningMessage')).includes(']('));
    assert.equal(api.jobs().length, before);
  });

  it('does nothing when the person does not want it', async () => {
    const editors = vscode.window.visibleTextEditors.length;
    await open('prompt=unwanted');
    await waitFor(() => person.of('showWarningMessage').length === 1, { what: 'the question' });
    assert.equal(vscode.window.visibleTextEditors.length, editors);
  });

  it('is refused without a prompt', async () => {
    await open('session=main');
    const errors = () => person.of('showErrorMessage').map((call) => String(call.args[0]));
    await waitFor(() => errors().some((text) => /has no prompt\. Nothing was sent/.test(text)), { what: 'the error' });
  });
});
