import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Job } from '../../src/core/model/job';
import { UserState } from '../../src/core/store/userState';
import type { Config } from '../../src/ui/config';
import type { FolderService } from '../../src/ui/folderService';
import { WaitingNotifier } from '../../src/ui/waitingNotifier';
import { waitFor } from '../support/waitFor';
import {
  closeEditors,
  courier,
  demoSession,
  finishedJobs,
  firstRow,
  isOpen,
  jobs,
  madeJobs,
  Person,
  sessions,
  untitled,
  workspace,
} from './uiSupport';

const run = (command: string, ...args: unknown[]) => vscode.commands.executeCommand(`courier.${command}`, ...args);
const settings = () => vscode.workspace.getConfiguration('courier');
const written = async () => JSON.parse(await fs.readFile(UserState.fromEnvironment().config, 'utf8'));
const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);

const settingsFile = async () => path.join(await workspace(), '.vscode/settings.json');
const snapshot = async () => (await courier()).folders()[0]?.snapshot;

/** Changes the workspace's settings, and waits until VS Code has read them and the folder was read anew with them. */
async function change(write: () => Promise<void>, startTimeout: number): Promise<void> {
  const before = await snapshot();
  await write();
  await waitFor(() => settings().get('startTimeout') === startTimeout, { what: "the workspace's settings" });
  const anew = async () => (await sessions()).length > 0 && (await snapshot()) !== before;
  await waitFor(anew, { what: 'the folder, read anew' });
}

/** Writes the settings that come with a workspace, as a clone brings them. */
async function bring(values: Record<string, unknown>): Promise<void> {
  const file = await settingsFile();
  await fs.mkdir(path.dirname(file), { recursive: true });
  await change(() => fs.writeFile(file, JSON.stringify({ ...values, 'courier.startTimeout': 61 })), 61);
}

async function takeBack(): Promise<void> {
  const dir = path.dirname(await settingsFile());
  const there = await fs.stat(dir).catch(() => undefined);
  if (there) await change(() => fs.rm(dir, { recursive: true }), 60);
}

describe('what came with a workspace', () => {
  let person: Person;
  const send = async (text: string) => {
    await untitled(text);
    person.answer('showQuickPick', await firstRow());
    await run('send');
  };

  beforeEach(async () => {
    person = new Person();
    await demoSession();
  });

  afterEach(async () => {
    person.leave();
    await takeBack();
    await closeEditors();
  });

  it('names no program, place, variable or name by its settings, and no number beyond the bounds', async () => {
    const root = await workspace();
    const before = await written();
    const mark = path.join(root, 'ran');
    const program = path.join(root, 'program');
    await fs.writeFile(program, `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o700 });
    const agent = { type: 'custom', command: program, args: ['x'], env: { LD_PRELOAD: '/evil' } };
    await bring({
      'courier.agents': { demo: agent, claude: agent, evil: agent },
      'courier.tmuxPath': program,
      'courier.directory': 'evil',
      'courier.defaultAgent': 'evil',
      'courier.tmuxPrefix': 'evil_',
      'courier.monitor': 'background',
      'courier.logPane': true,
      'courier.keepDays': 1,
      'courier.maxConcurrentJobs': 100_000,
      'courier.scanInterval': -1,
      'courier.openOutput': 'preview',
    });
    const [job] = await finishedJobs(1, () => send('still with the own agent\n'));
    assert.equal(job?.status, 'completed', job?.message);
    assert.equal(job.agent, 'demo');
    await waitFor(() => isOpen(job), { what: 'the answer, opened as by default' });
    const [folder] = (await courier()).folders();
    assert.equal(folder?.directory, path.join(root, '.courier'));
    assert.equal(folder.snapshot?.runner?.kind, 'window');
    const [session] = await sessions();
    assert.match(session?.metadata.tmux_session ?? '', /^courier_/);
    await assert.rejects(fs.access(mark), { code: 'ENOENT' });
    await assert.rejects(fs.access(path.join(root, 'evil')), { code: 'ENOENT' });
    assert.deepEqual(await written(), before);
    person.answer('showQuickPick', () => undefined);
    await run('newSession');
    const offered = person.of('showQuickPick').at(-1)?.args[0] as vscode.QuickPickItem[];
    assert.deepEqual(
      offered.map(({ description }) => description),
      ['claude', 'codex', 'gemini', 'opencode', 'demo'],
    );
    await fs.rm(program);
  });

  it('and an answer: is opened as plain text, whatever stands in it, and whatever its name and the settings say', async () => {
    const [job] = await finishedJobs(1, () => send('to be replaced\n'));
    await waitFor(() => isOpen(job!), { what: 'the answer' });
    await closeEditors();
    const root = await workspace();
    const hostile =
      '# [Run me](command:workbench.action.terminal.new) <script>alert(1)</script>\n![x](https://x.invalid/?secret)\n';
    await fs.writeFile(path.join(root, job!.output_path), hostile);
    // An agent may write a history of its own, which names another file of the session.
    const cell = { cell_type: 'markdown', metadata: {}, source: [hostile] };
    const notebook = `${path.posix.dirname(job!.output_path)}/answer.ipynb`;
    const text = JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });
    await fs.writeFile(path.join(root, notebook), text);
    const forged: Job = { ...job!, job_id: 'j-forged', output_path: notebook, title: 'forged', source: undefined };
    const dir = path.join(root, `.courier/sessions/active/${job!.session_id}/history`);
    const [month = ''] = await fs.readdir(dir);
    await fs.appendFile(path.join(dir, month), `${JSON.stringify(forged)}\n`);
    await waitFor(async () => (await jobs()).find(({ job_id }) => job_id === 'j-forged'), { what: 'the forged job' });
    await bring({
      'workbench.editorAssociations': { '*.md': 'vscode.markdown.preview.editor', '*.ipynb': 'jupyter-notebook' },
    });
    for (const wanted of [job!, forged]) {
      person.answer('showQuickPick', (items: readonly { node: { job: Job } }[]) =>
        items.find(({ node }) => node.job.job_id === wanted.job_id),
      );
      await run('openOutput');
      const [tab] = await waitFor(() => (tabs().length > 0 ? tabs() : undefined), {
        what: () => `an editor; said was ${person.calls.map(({ args }) => String(args[0])).join(' ')}`,
      });
      assert.ok(tab?.input instanceof vscode.TabInputText, `${wanted.output_path} as ${tab?.input}`);
      assert.equal(tab.input.uri.fsPath, path.join(root, wanted.output_path));
      await closeEditors();
    }
  });

  it('and an answer in whose place a link was put: is not opened', async () => {
    const [job] = await finishedJobs(1, () => send('to be linked\n'));
    await waitFor(() => isOpen(job!), { what: 'the answer' });
    await closeEditors();
    const root = await workspace();
    const outside = path.join(path.dirname(root), 'outside.md');
    await fs.writeFile(outside, 'of somebody else');
    await fs.rm(path.join(root, job!.output_path));
    await fs.symlink(outside, path.join(root, job!.output_path));
    person.answer('showQuickPick', (items: readonly { node: { job: Job } }[]) =>
      items.find(({ node }) => node.job.job_id === job!.job_id),
    );
    await run('openOutput');
    const said = await waitFor(() => person.of('showErrorMessage')[0], {
      what: 'the reason',
    });
    assert.match(String(said.args[0]), /is no file of its own, but a link or a folder, so it was not opened/);
    assert.deepEqual(tabs(), []);
    await fs.rm(outside);
  });

  it('and what a session is called: makes no link in a message, and no icon in a list', async () => {
    const name = '$(pass) [Allow](command:evil.run?%5B1%5D)';
    const [{ metadata } = { metadata: undefined }] = await sessions();
    person.answer('showInputBox', () => name);
    person.answer('showQuickPick', await firstRow());
    await run('renameSession');
    const renamed = async () => (await sessions())[0]?.metadata.name === name;
    await waitFor(renamed, { what: 'the new name' });
    const [job] = await madeJobs(1, () => send('demo-mode: permission\n'));
    const asked = await waitFor(() => person.of('showWarningMessage')[0], { what: 'the question' });
    assert.ok(String(asked.args[0]).includes('[Allow] (command:evil.run'), String(asked.args[0]));
    const offered = person.of('showQuickPick').at(-1)?.args[0] as vscode.QuickPickItem[];
    assert.ok(
      offered.some(({ label }) => label === `\\${name}`),
      offered.map(({ label }) => label).join(', '),
    );
    person.answer('showQuickPick', (items: readonly { node: { job: Job } }[]) =>
      items.find(({ node }) => node.job.job_id === job!.job_id),
    );
    await run('cancelJob');
    await waitFor(async () => (await jobs()).some((one) => one.job_id === job!.job_id && one.status === 'cancelled'), {
      what: 'the end of the job',
    });
    person.answer('showInputBox', () => metadata?.name);
    person.answer('showQuickPick', await firstRow());
    await run('renameSession');
    await waitFor(async () => (await sessions())[0]?.metadata.name === metadata?.name, { what: 'the old name' });
  });
});

describe('the choices of a dialog, as buttons', () => {
  it('are told from our own button and from each other, however an agent words them', async () => {
    const person = new Person();
    const answered: unknown[] = [];
    const labels = ['Open Terminal', 'Yes', 'Yes', 'No'];
    const waiting = {
      ...{ dialog_id: 'd1', kind: 'unknown', text: 'What now?' },
      choices: labels.map((label, i) => ({ id: `c${i}`, label })),
    };
    const metadata = { session_id: 'main', name: 'main', state: 'waiting', waiting };
    const folder = {
      workspaceFolder: { uri: vscode.Uri.file('/home/dev/a') },
      snapshot: { standing: { kind: 'own' } },
      sessions: [{ metadata, jobs: [], finished: [] }],
      answer: async (answer: { choice: string }) => void answered.push(answer.choice),
    };
    const told = new vscode.EventEmitter<void>();
    const folders = { all: [folder], onDidChange: told.event } as unknown as FolderService;
    const ask = async (chosen: string) => {
      person.answer('showWarningMessage', () => chosen);
      const notifier = new WaitingNotifier(folders, { tells: () => true } as unknown as Config);
      told.fire();
      await waitFor(() => person.of('showWarningMessage').length > 0, { what: 'the question' });
      notifier.dispose();
      return person.of('showWarningMessage').at(-1)?.args.slice(1);
    };
    try {
      assert.deepEqual(await ask('3. Yes'), ['1. Open Terminal', '2. Yes', '3. Yes', 'No', 'Open Terminal']);
      await waitFor(() => answered.length === 1, { what: 'the answer' });
      await ask('No');
      await waitFor(() => answered.length === 2, { what: 'the second answer' });
      assert.deepEqual(answered, ['c2', 'c3']);
    } finally {
      person.leave();
      told.dispose();
    }
  });
});
