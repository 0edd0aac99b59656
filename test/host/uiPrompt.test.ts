import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { UserState } from '../../src/core/store/userState';
import { waitFor } from '../support/waitFor';
import {
  closeEditors,
  demoSession,
  edit,
  file,
  finishedJobs,
  jobs,
  openTabs,
  Person,
  promptOf,
  sessions,
  workspace,
} from './uiSupport';

const run = (command: string, ...args: unknown[]) => vscode.commands.executeCommand(`courier.${command}`, ...args);

describe('what is sent from elsewhere than a file', () => {
  let person: Person;
  const drafts = UserState.fromEnvironment().drafts;
  const session = async () => (await sessions())[0]?.metadata.name ?? '';
  const messages = () => person.of('showErrorMessage').map((call) => String(call.args[0]));
  const write = (text: string) => {
    const editor = vscode.window.activeTextEditor!;
    return editor.edit((change) =>
      change.insert(editor.document.lineAt(editor.document.lineCount - 1).range.end, text),
    );
  };

  before(demoSession);
  beforeEach(() => {
    person = new Person();
  });
  afterEach(async () => {
    person.leave();
    await closeEditors();
    await fs.rm(drafts, { recursive: true, force: true });
  });

  describe('Write a Prompt…', () => {
    it('opens a Markdown file, sends it, and removes it when it was sent', async () => {
      await run('writePrompt');
      const { document } = vscode.window.activeTextEditor!;
      assert.equal(path.dirname(document.uri.fsPath), drafts);
      assert.equal(document.languageId, 'markdown');
      assert.equal((await fs.stat(document.uri.fsPath)).mode & 0o777, 0o600);
      await write('# A prompt\n\nwritten by hand\n');
      person.choose(await session());
      const [job] = await finishedJobs(1, () => run('sendPrompt', document.uri));
      assert.equal(await promptOf(job!), '# A prompt\n\nwritten by hand\n');
      assert.equal(job?.source, undefined);
      assert.deepEqual(await fs.readdir(drafts), []);
      assert.ok(!openTabs().includes(document.uri.fsPath));
    });

    it('keeps what was not sent, and offers it again', async () => {
      await run('writePrompt');
      const { document } = vscode.window.activeTextEditor!;
      await run('sendPrompt');
      assert.match(messages().join(), /The prompt" is empty/);
      await write('kept words\n');
      const before = (await jobs()).length;
      await run('sendPrompt');
      assert.equal(person.of('showQuickPick').length, 1, 'the session is asked for, and escaped');
      assert.equal((await jobs()).length, before);
      await document.save();
      await closeEditors();
      person.choose('kept words');
      await run('writePrompt');
      // A document that was closed a moment ago may come back with the text that it had, until VS Code has read its file.
      const shown = () => vscode.window.activeTextEditor?.document.getText();
      await waitFor(() => shown() === 'kept words\n', { what: () => `the kept words, not "${shown()}"` });
      assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, document.uri.fsPath);
    });

    it('sends nothing twice when Send is clicked twice', async () => {
      await run('writePrompt');
      await write('only once\n');
      person.choose(await session());
      const { uri } = vscode.window.activeTextEditor!.document;
      const made = await finishedJobs(1, () => Promise.all([run('sendPrompt', uri), run('sendPrompt', uri)]));
      assert.equal(made.length, 1);
      const same = await Promise.all((await jobs()).map(promptOf));
      assert.equal(same.filter((text) => text === 'only once\n').length, 1);
    });

    it('refuses to send an editor that is no prompt', async () => {
      await edit(await file('other.md', 'words\n'));
      await run('sendPrompt');
      assert.match(messages().join(), /Begin a prompt first/);
    });
  });

  describe('Send Problem', () => {
    let collection: vscode.DiagnosticCollection;
    let uri: vscode.Uri;
    beforeEach(async () => {
      uri = await file('problem.txt', 'one\nconst a: string = 1;\nthree\n');
      collection = vscode.languages.createDiagnosticCollection('test');
      const range = new vscode.Range(1, 6, 1, 7);
      const problem = new vscode.Diagnostic(range, "Type 'number' is no 'string'.\nIt was here.");
      collection.set(uri, [Object.assign(problem, { source: 'ts', code: { value: 2322, target: uri } })]);
    });
    afterEach(() => collection.dispose());
    const expected =
      /^Fix this problem\.[^\n]*\n\nproblem\.txt:2:7: error: Type 'number' is no 'string'\.\n {4}It was here\. \(ts 2322\)\n\nLine 2 of problem\.txt:\n\n```plaintext\nconst a: string = 1;\n```\n$/;

    it('is offered where the fixes of a problem are, and sends it with its line', async () => {
      await edit(uri);
      const found = async () => {
        const all = await vscode.commands.executeCommand<vscode.CodeAction[]>(
          'vscode.executeCodeActionProvider',
          uri,
          new vscode.Range(1, 6, 1, 7),
        );
        return all.find(({ title }) => title === 'Send Problem to Claude Session');
      };
      const action = await waitFor(found, { what: 'the code action' });
      assert.equal(action.kind?.value, vscode.CodeActionKind.QuickFix.value);
      person.choose(await session());
      const { command, arguments: args = [] } = action.command!;
      const [job] = await finishedJobs(1, () => vscode.commands.executeCommand(command, ...args));
      assert.match(await promptOf(job!), expected);
      assert.deepEqual(
        { ...job?.source, git_head: undefined },
        {
          path: 'problem.txt',
          language: 'plaintext',
          start_line: 2,
          end_line: 2,
          dirty: false,
          git_head: undefined,
        },
      );
    });

    it('is not offered where there is none', async () => {
      await edit(uri);
      const all = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        uri,
        new vscode.Range(0, 0, 0, 1),
      );
      assert.deepEqual(
        all.filter(({ title }) => title.includes('Claude')),
        [],
      );
    });

    it('takes the problem at the cursor when it comes from the palette', async () => {
      const editor = await edit(uri);
      const before = (await jobs()).length;
      await run('sendProblem');
      assert.match(messages().join(), /no problem at the cursor/);
      assert.equal((await jobs()).length, before);
      editor.selection = new vscode.Selection(1, 6, 1, 6);
      person.choose(await session());
      const [job] = await finishedJobs(1, () => run('sendProblem'));
      assert.match(await promptOf(job!), expected);
    });
  });

  describe('Send Staged Changes', () => {
    let folder: string;
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
    before(async () => {
      folder = await workspace();
      git('init', '-q');
    });
    after(() => fs.rm(path.join(folder, '.git'), { recursive: true, force: true }));

    it('sends what is staged below the line that the person wants, and nothing else', async () => {
      await file('staged.txt', 'staged words\n');
      await file('loose.txt', 'loose words\n');
      git('add', 'staged.txt');
      person.answer('showInputBox', ({ value }: vscode.InputBoxOptions) => value);
      person.choose(await session());
      const [job] = await finishedJobs(1, () => run('sendStagedChanges', { rootUri: vscode.Uri.file(folder) }));
      const text = await promptOf(job!);
      assert.match(
        text,
        /^Review these staged changes\. Do not change any file\.\n\n```diff\ndiff --git a\/staged\.txt/,
      );
      assert.match(text, /\n\+staged words\n```\n$/);
      assert.ok(!text.includes('loose words'));
    });

    it('knows the repository of a group by its files', async () => {
      await file('staged.txt', 'staged words\n');
      git('add', 'staged.txt');
      const states = [{ resourceUri: vscode.Uri.file(path.join(folder, 'staged.txt')) }];
      person.answer('showInputBox', () => 'Look');
      person.choose(await session());
      const [job] = await finishedJobs(1, () => run('sendStagedChanges', { id: 'index', resourceStates: states }));
      assert.match(await promptOf(job!), /^Look\n\n```diff\n/);
    });

    it('sends nothing when nothing is staged', async () => {
      git('rm', '-r', '-q', '--cached', '.');
      const before = (await jobs()).length;
      await run('sendStagedChanges');
      assert.match(messages().join(), /Nothing is staged/);
      assert.equal((await jobs()).length, before);
    });
  });
});
