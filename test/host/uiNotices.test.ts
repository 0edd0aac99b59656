import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { Layout } from '../../src/core/store/layout';
import type { SessionView } from '../../src/core/store/snapshot';
import { UserState } from '../../src/core/store/userState';
import { Config } from '../../src/ui/config';
import { OutputOpener } from '../../src/ui/outputOpener';
import { WaitingNotifier } from '../../src/ui/waitingNotifier';
import { makeTempDir } from '../support/tempDir';
import { someDialog, treeJob, treeSession } from '../support/treeFixtures';
import { waitFor } from '../support/waitFor';
import { Commands, newMemory, noLog, ToldFolders } from './uiDoubles';
import { closeEditors, courier, demoSession, edit, file, isOpen, Person, sessions, workspace } from './uiSupport';

const settings = () => vscode.workspace.getConfiguration('courier');
const set = async (name: string, value: string | undefined) => {
  await settings().update(name, value, vscode.ConfigurationTarget.Global);
  await waitFor(() => settings().inspect(name)?.globalValue === value, { what: `courier.${name} to be ${value}` });
};

/** What is told is told in the look that finds it, or in a microtask after it: all of them have run then. */
const told = () => new Promise((resolve) => setImmediate(resolve));

/** A time that lies after the start of whatever is looked at here. */
const ended = () => ({ finished_at: new Date(Date.now() + 3_600_000).toISOString() });
const failed = (id: string, message = 'the agent ended') => treeJob(id, 'failed', { ...ended(), message });
const completed = (id: string) => treeJob(id, 'completed', { ...ended(), title: id });
const asking = (...ids: string[]): SessionView[] =>
  ids.map((id) =>
    treeSession('waiting', [], [], { session_id: id, waiting: { ...someDialog, dialog_id: `of-${id}` } }),
  );

describe('what a window tells of by itself', () => {
  let person: Person;
  let commands: Commands;
  let config: Config;
  let remove: () => Promise<void>;
  let root: string;

  before(async () => {
    const temp = await makeTempDir();
    root = temp.path;
    remove = temp.remove;
    config = new Config(UserState.fromEnvironment({ XDG_STATE_HOME: root, XDG_RUNTIME_DIR: root }), noLog);
    config.share();
  });

  after(async () => {
    config.dispose();
    await config.shared;
    await remove();
  });

  beforeEach(() => {
    person = new Person();
    commands = new Commands();
  });

  afterEach(async () => {
    commands.leave();
    person.leave();
    for (const name of ['notify', 'openOutput']) await set(name, undefined);
  });

  /** Waits for these jobs as if this window had sent them. */
  const expecting = (folders: ToldFolders, ...ids: string[]) => expectingWith(newMemory(), folders, ...ids);
  const expectingWith = (memory: vscode.Memento, folders: ToldFolders, ...ids: string[]) => {
    const answers = { open() {} } as never;
    const opener = new OutputOpener(folders.service, config, noLog, answers, memory);
    // The first look at a folder is at what came while the window was closed.
    folders.tell(
      treeSession(
        'busy',
        ids.map((id) => treeJob(id, 'running')),
      ),
    );
    for (const id of ids) opener.expect(folders.folder, id, `name of ${id}`);
    return opener;
  };
  const messages = (name: 'showErrorMessage' | 'showWarningMessage' | 'showInformationMessage') =>
    person.of(name).map(({ args }) => args[0]);

  describe('jobs that failed', () => {
    it('alone: by its name, why, and with what helps', async () => {
      const folders = new ToldFolders();
      const opener = expecting(folders, 'j-1');
      person.answer('showErrorMessage', () => 'Run Again');
      folders.tell(treeSession('ready', [], [failed('j-1')]));
      await waitFor(() => commands.ran.length > 0, { what: 'the button’s command' });
      const [call] = person.of('showErrorMessage');
      assert.match(String(call?.args[0]), /^"name of j-1" failed: the agent ended\. The prompt is kept\.$/);
      assert.deepEqual(call?.args.slice(1), ['Run Again', 'Open Terminal', 'Show Log']);
      assert.equal(commands.ran[0]?.command, 'courier.retryJob');
      const [{ args } = { args: [] as unknown[] }] = commands.ran;
      assert.equal((args[0] as { job: { job_id: string } }).job.job_id, 'j-1');
      opener.dispose();
    });

    it('several in one look: one message, with the reason that they share, and once', async () => {
      const folders = new ToldFolders();
      const opener = expecting(folders, 'j-1', 'j-2', 'j-3');
      person.answer('showErrorMessage', () => 'Show');
      const end = treeSession('ready', [], [failed('j-1'), failed('j-2'), failed('j-3')]);
      folders.tell(end);
      await waitFor(() => commands.ran.length > 0, { what: 'the button’s command' });
      folders.tell(end);
      await told();
      assert.deepEqual(messages('showErrorMessage'), ['3 jobs failed: the agent ended. Their prompts are kept.']);
      assert.deepEqual(commands.ran, [{ command: 'courier.sessions.focus', args: [] }]);
      opener.dispose();
    });

    it('several for reasons of their own: no reason is given', async () => {
      const folders = new ToldFolders();
      const opener = expecting(folders, 'j-1', 'j-2');
      folders.tell(treeSession('ready', [], [failed('j-1'), failed('j-2', 'it was refused')]));
      await told();
      assert.deepEqual(messages('showErrorMessage'), ['2 jobs failed. Their prompts are kept.']);
      opener.dispose();
    });
  });

  describe('agents that ask', () => {
    it('up to three: each in its own message, with its choices', async () => {
      const folders = new ToldFolders();
      const notifier = new WaitingNotifier(folders.service, config);
      person.answer('showWarningMessage', (message: string) => (message.startsWith('b') ? 'No, exit' : undefined));
      folders.tell(...asking('a', 'b', 'c'));
      await waitFor(() => commands.ran.length > 0, { what: 'the answer' });
      const calls = person.of('showWarningMessage');
      assert.deepEqual(
        calls.map(({ args }) => String(args[0])[0]),
        ['a', 'b', 'c'],
      );
      assert.deepEqual(calls[0]?.args.slice(1), ['Yes, proceed', 'No, exit', 'Open Terminal']);
      const [{ command, args } = { command: '', args: [] as unknown[] }, ...more] = commands.ran;
      const node = args[0] as { target: string; choice: { id: string } };
      assert.deepEqual([command, node.target, node.choice.id, more.length], ['courier.answer', 'b', 'no', 0]);
      notifier.dispose();
    });

    it('more at once: one message for all; each question once, and a later one again alone', async () => {
      const folders = new ToldFolders();
      const notifier = new WaitingNotifier(folders.service, config);
      person.answer('showWarningMessage', () => 'Show');
      folders.tell(...asking('a', 'b', 'c', 'd'));
      await waitFor(() => commands.ran.length > 0, { what: 'the button’s command' });
      assert.equal(commands.ran[0]?.command, 'courier.sessions.focus');
      folders.tell(...asking('a', 'b', 'c', 'd'));
      folders.tell(...asking('a', 'b', 'c', 'd', 'e'));
      await told();
      const [all, late, ...more] = messages('showWarningMessage');
      assert.equal(all, '4 agents wait for an answer.');
      assert.match(String(late), /^e: Trust this folder\?/);
      assert.deepEqual(more, []);
      notifier.dispose();
    });

    it('in a folder that is not this machine’s own: nothing', async () => {
      const folders = new ToldFolders([], 'foreign');
      const notifier = new WaitingNotifier(folders.service, config);
      folders.tell(...asking('a'));
      await told();
      assert.deepEqual(person.calls, []);
      notifier.dispose();
    });
  });

  describe('with courier.notify', () => {
    const levels = {
      all: { failure: 1, question: 1, answer: 1 },
      important: { failure: 1, question: 1, answer: 0 },
      none: { failure: 0, question: 0, answer: 0 },
    };
    for (const [level, wanted] of Object.entries(levels))
      it(`"${level}": ${
        Object.entries(wanted)
          .flatMap(([what, count]) => (count ? what : []))
          .join(', ') || 'nothing'
      }`, async () => {
        await set('openOutput', 'notify');
        await set('notify', level);
        const folders = new ToldFolders();
        const opener = expecting(folders, 'j-1', 'j-2');
        const notifier = new WaitingNotifier(folders.service, config);
        folders.tell(treeSession('ready', [], [failed('j-1'), completed('j-2')]), ...asking('a'));
        await told();
        const counts = {
          failure: messages('showErrorMessage').length,
          question: messages('showWarningMessage').length,
          answer: messages('showInformationMessage').length,
        };
        assert.deepEqual(counts, wanted);
        opener.dispose();
        notifier.dispose();
      });
  });

  describe('an answer, with courier.openOutput "notify"', () => {
    const original = Object.getOwnPropertyDescriptor(vscode.window, 'state')!;
    const window = (focused: boolean) =>
      Object.defineProperty(vscode.window, 'state', { ...original, get: () => ({ focused, active: focused }) });
    afterEach(async () => {
      Object.defineProperty(vscode.window, 'state', original);
      commands.leave();
      await closeEditors();
    });

    /** The message for an answer whose file stands in an editor, or does not. */
    const messageFor = async ({ focused, visible }: { focused: boolean; visible: boolean }) => {
      await set('openOutput', 'notify');
      const folders = new ToldFolders();
      const job = completed('j-1');
      const layout = new Layout(root);
      Object.assign(folders.folder, { layout });
      const output = layout.resolve(job.output_path)!;
      await fs.mkdir(path.dirname(output), { recursive: true });
      await fs.writeFile(output, 'an answer\n');
      commands.leave();
      if (visible) await vscode.window.showTextDocument(vscode.Uri.file(output));
      const memory = newMemory();
      const opener = expectingWith(memory, folders, 'j-1');
      window(focused);
      folders.tell(treeSession('ready', [], [job]));
      await told();
      assert.deepEqual(memory.get('sentJobs'), [], 'its end was seen');
      opener.dispose();
      return messages('showInformationMessage');
    };
    const said = ['j-1: the answer is there.'];

    it('is not told of when it stands before the person already', async () => {
      assert.deepEqual(await messageFor({ focused: true, visible: true }), []);
    });
    it('is told of when it stands in a window that has not the focus', async () => {
      assert.deepEqual(await messageFor({ focused: false, visible: true }), said);
    });
    it('is told of when it stands nowhere', async () => {
      assert.deepEqual(await messageFor({ focused: true, visible: false }), said);
    });
  });
});

describe('an answer that opens by itself', () => {
  let session: string;
  before(async () => {
    await demoSession();
    session = (await sessions())[0]!.metadata.session_id;
  });
  afterEach(async () => {
    await set('openOutput', undefined);
    await closeEditors();
  });

  /** Sends one job as this window's own, and waits for its end. */
  const finished = async () => {
    const api = await courier();
    return (await api.result(await api.send({ prompt: 'Opened by itself', session, show: true }))).job;
  };
  const inFront = () => vscode.window.activeTextEditor?.document.uri.fsPath;

  it('comes in the same place for who reads one already', async () => {
    await edit(await file('read.ts', 'const a = 1;\n'));
    const first = await finished();
    await waitFor(() => isOpen(first), { what: 'the first answer' });
    await vscode.commands.executeCommand('workbench.action.focusSecondEditorGroup');
    await waitFor(async () => inFront() === path.join(await workspace(), first.output_path), {
      what: 'the focus on the first answer',
    });
    const second = await finished();
    await waitFor(async () => inFront() === path.join(await workspace(), second.output_path), {
      what: 'the second answer',
    });
    assert.equal(vscode.window.activeTextEditor?.viewColumn, vscode.ViewColumn.Two);
    assert.equal(vscode.window.tabGroups.all.length, 2);
  });

  it('is opened with all others that were found in the same look, and nothing is said', async () => {
    await edit(await file('several.ts', 'const a = 1;\n'));
    const api = await courier();
    await set('openOutput', 'never');
    const found = [];
    for (const title of ['j-1', 'j-2', 'j-3']) {
      const { job } = await api.result(await api.send({ prompt: title, session, show: false }));
      found.push({ ...job, finished_at: new Date(Date.now() + 3_600_000).toISOString() });
    }
    await set('openOutput', 'beside');
    const person = new Person();
    try {
      const folders = new ToldFolders();
      Object.assign(folders.folder, { layout: new Layout(await workspace()) });
      folders.tell(treeSession('busy', []));
      const opener = new OutputOpener(
        folders.service,
        { openOutput: 'beside' } as Config,
        noLog,
        {} as never,
        newMemory(),
      );
      for (const job of found) opener.expect(folders.folder, job.job_id, job.job_id);
      folders.tell(treeSession('ready', [], found));
      for (const job of found) await waitFor(() => isOpen(job), { what: `the answer of ${job.job_id}` });
      assert.equal(vscode.window.tabGroups.all.length, 2);
      assert.deepEqual(person.of('showErrorMessage'), []);
      opener.dispose();
    } finally {
      person.leave();
    }
  });

  it('takes the place of one that a person has been in, and of no other', async () => {
    await set('openOutput', 'beside');
    const code = await edit(await file('in turn.ts', 'const a = 1;\n'));
    const shown = () =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) =>
        tabs.flatMap(({ input, isPreview }) =>
          input instanceof vscode.TabInputText && input.uri.fsPath.includes('/output/')
            ? `${path.basename(input.uri.fsPath)}${isPreview ? ' (preview)' : ''}`
            : [],
        ),
      );
    const are = async (...wanted: string[]) =>
      waitFor(() => shown().sort().join() === wanted.sort().join(), { what: () => `${wanted}, not ${shown()}` });
    const answer = async () => path.basename((await finished()).output_path);
    const first = await answer();
    await are(`${first} (preview)`);
    assert.equal(inFront(), code.document.uri.fsPath);
    const second = await answer();
    await are(`${first} (preview)`, second);
    // A person goes into the first, and back to the code.
    const own = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath.endsWith(`/${first}`));
    await vscode.window.showTextDocument(own!, { viewColumn: vscode.ViewColumn.Two, preview: true });
    await are(`${first} (preview)`, second);
    await vscode.window.showTextDocument(code.document, { viewColumn: vscode.ViewColumn.One });
    const third = await answer();
    await are(second, `${third} (preview)`);
    assert.equal(inFront(), code.document.uri.fsPath);
  });

  it('takes the place of no file that a person looks at', async () => {
    await set('openOutput', 'beside');
    const code = await edit(await file('left.ts', 'const a = 1;\n'));
    const other = await file('right.ts', 'const b = 2;\n');
    await vscode.window.showTextDocument(other, { viewColumn: vscode.ViewColumn.Two, preview: true });
    await vscode.window.showTextDocument(code.document, { viewColumn: vscode.ViewColumn.One });
    const job = await finished();
    await waitFor(() => isOpen(job), { what: 'the answer' });
    const right = vscode.window.tabGroups.all[1]?.tabs.map(({ input, isPreview }) => {
      const { fsPath } = (input as vscode.TabInputText).uri;
      return [path.basename(fsPath), isPreview];
    });
    assert.deepEqual(right, [
      ['right.ts', true],
      [path.basename(job.output_path), false],
    ]);
  });

  it('rendered stands beside the code, which keeps the keyboard, and gives its place to the next', async () => {
    await set('openOutput', 'preview');
    const code = await edit(await file('previewed.ts', 'const a = 1;\n'));
    const previews = () =>
      vscode.window.tabGroups.all.flatMap(({ tabs, viewColumn }) =>
        tabs.flatMap(({ input }) =>
          input instanceof vscode.TabInputCustom ? { input, file: input.uri.fsPath, viewColumn } : [],
        ),
      );
    for (let i = 0; i < 2; i++) {
      const job = await finished();
      const shown = path.join(await workspace(), job.output_path);
      const files = () => previews().map((one) => one.file);
      await waitFor(() => files().join() === shown, { what: () => `${shown} alone, not ${files()}` });
      const [{ input, viewColumn } = { input: undefined, viewColumn: undefined }] = previews();
      assert.match(input?.viewType ?? '', /markdown/);
      assert.equal(viewColumn, vscode.ViewColumn.Two);
      assert.equal(inFront(), code.document.uri.fsPath);
      assert.equal(vscode.window.tabGroups.activeTabGroup.viewColumn, vscode.ViewColumn.One);
    }
  });
});
