import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { UserState } from '../../src/core/store/userState';
import {
  closeEditors,
  demoSession,
  edit,
  file,
  finishedJobs,
  jobs,
  Person,
  promptOf,
  sessions,
  workspace,
} from './uiSupport';

const sendWith = (...args: unknown[]) => vscode.commands.executeCommand('courier.sendWithTemplate', ...args);

describe('Send with Template…', () => {
  let person: Person;
  let folder: string;
  const templates = () => path.join(folder, '.courier/templates');
  const template = async (name: string, text: string) => {
    await fs.mkdir(templates(), { recursive: true });
    await fs.writeFile(path.join(templates(), `${name}.md`), text);
  };
  const session = async () => (await sessions())[0]?.metadata.name ?? '';
  const refused = async (run: () => Thenable<unknown>, pattern: RegExp) => {
    const before = (await jobs()).length;
    await run();
    const messages = person.of('showErrorMessage').map((call) => String(call.args[0]));
    assert.match(messages.join('\n'), pattern);
    assert.equal((await jobs()).length, before);
  };

  before(async () => {
    await demoSession();
    folder = await workspace();
  });
  beforeEach(() => {
    person = new Person();
  });
  afterEach(async () => {
    person.leave();
    await closeEditors();
    await fs.rm(templates(), { recursive: true, force: true });
    await fs.rm(UserState.fromEnvironment().templates, { recursive: true, force: true });
  });

  it('fills the words of the selection, its place and what the person says', async () => {
    await template('ask', `$\{input:Question}: $\{file} $\{language} $\{lineRange}\n$\{selection}`);
    const editor = await edit(await file('tpl.ts', `first\nsecond $\{file}\nthird\n`));
    editor.selection = new vscode.Selection(1, 0, 2, 0);
    person.answer('showInputBox', () => 'What is this');
    person.choose('ask', await session());
    const [job] = await finishedJobs(1, () => sendWith());
    assert.equal(await promptOf(job!), `What is this: tpl.ts typescript 2\nsecond $\{file}\n`);
    assert.equal(job?.source?.path, 'tpl.ts');
    assert.match(JSON.stringify(person.of('showInputBox')[0]?.args[0]), /Question/);
  });

  it("offers the folder's templates, the user's own, then the three examples, and says what each sends", async () => {
    await template('here', `$\{clipboard}`);
    const own = UserState.fromEnvironment().templates;
    await fs.mkdir(own, { recursive: true });
    await fs.writeFile(path.join(own, 'mine.md'), '---\ntitle: My own $(zap) words\n---\nhello\n');
    await edit(await file('offered.md', 'words\n'));
    person.answer('showQuickPick', () => undefined);
    await sendWith();
    const rows = person.of('showQuickPick')[0]?.args[0] as vscode.QuickPickItem[];
    const labels = rows.map(({ label, kind }) => (kind === vscode.QuickPickItemKind.Separator ? `-- ${label}` : label));
    assert.deepEqual(labels, [
      '-- In this folder (.courier/templates)',
      'here',
      '-- Your own',
      'My own \\$(zap) words',
      '-- Examples',
      'Describe the changes',
      'Fix the problems',
      'Review this code',
    ]);
    assert.equal(rows[1]?.detail, 'sends the clipboard');
    assert.match(rows.at(-1)?.detail ?? '', /^sends the text · asks · The selection/);
  });

  it('attaches the problems that the editor shows in the selected lines', async () => {
    // A language of which the editor itself finds no problems.
    const uri = await file('broken.txt', 'one\ntwo\nthree\n');
    const collection = vscode.languages.createDiagnosticCollection('test');
    try {
      const problem = (line: number, words: string) =>
        new vscode.Diagnostic(new vscode.Range(line, 1, line, 3), words, vscode.DiagnosticSeverity.Warning);
      collection.set(uri, [problem(2, 'elsewhere'), Object.assign(problem(1, 'here'), { source: 'lint', code: 7 })]);
      await template('problems', `$\{diagnostics}`);
      const editor = await edit(uri);
      editor.selection = new vscode.Selection(1, 0, 1, 3);
      person.choose('problems', await session());
      const [job] = await finishedJobs(1, () => sendWith());
      assert.equal(await promptOf(job!), 'broken.txt:2:2: warning: here (lint 7)');
    } finally {
      collection.dispose();
    }
  });

  it('attaches what changed since the last commit, and needs no open file for that', async () => {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
    await file('changed.txt', 'before\n');
    git('init', '-q');
    try {
      git('add', 'changed.txt');
      git('-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit', '-q', '-m', 'first');
      await file('changed.txt', 'after\n');
      await template('changes', `Look:\n$\{gitDiff}`);
      person.choose('changes', await session());
      const [job] = await finishedJobs(1, () => sendWith());
      assert.match(await promptOf(job!), /^Look:\ndiff --git a\/changed\.txt[\s\S]*-before\n\+after\n/);
      assert.equal(job?.source, undefined);
    } finally {
      await fs.rm(path.join(folder, '.git'), { recursive: true });
    }
  });

  it('sends several files as one job each, or as one for all', async () => {
    await template('several', `$\{file} ($\{language}):\n$\{selection}`);
    const uris = [await file('s1.ts', 'the first\n'), await file('s2.md', '```\nthe second\n```\n')];
    person.choose('several', 'One job for each file', await session());
    const each = await finishedJobs(2, () => sendWith(uris[0], uris));
    assert.deepEqual((await Promise.all(each.map(promptOf))).sort(), [
      's1.ts (typescript):\nthe first\n',
      's2.md (markdown):\n```\nthe second\n```\n',
    ]);
    person.choose('several', 'One job for all files', await session());
    const [all] = await finishedJobs(1, () => sendWith(uris[0], uris));
    const text = await promptOf(all!);
    assert.match(text, /^s1\.ts, s2\.md \(typescript, markdown\):\n## s1\.ts\n\n```/);
    assert.match(text, /\n## s2\.md\n\n````\w*\n```\nthe second\n```\n````\n$/);
  });

  it('names each variable that there is not, and sends nothing', async () => {
    await template('wrong', `$\{selection} $\{env:HOME} $\{command:x}`);
    await edit(await file('unsent.md', 'words\n'));
    person.choose('wrong');
    await refused(() => sendWith(), /names variables that there are not: \$\{env:HOME\}, \$\{command:x\}/);
  });

  it('sends nothing when a question is escaped, nothing is open or nothing could be attached', async () => {
    await template('asks', `$\{input:What} $\{selection}`);
    person.choose('asks');
    await refused(() => sendWith(), /is about a file/);
    await edit(await file('unsent.md', 'words\n'));
    person.choose('asks');
    const before = (await jobs()).length;
    await sendWith();
    assert.equal(person.of('showInputBox').length, 1);
    assert.equal((await jobs()).length, before);
    await template('problems', `$\{diagnostics}`);
    person.choose('problems');
    await refused(() => sendWith(), /shows no problem in "unsent\.md", so nothing was sent/);
  });

  it("asks before a folder's template gets the clipboard; the user's own does not need that", async () => {
    await vscode.env.clipboard.writeText('copied words');
    await template('takes', `$\{clipboard}`);
    person.choose('takes');
    const before = (await jobs()).length;
    await sendWith();
    assert.equal(person.of('showWarningMessage').length, 1);
    assert.equal((await jobs()).length, before);
    person.answer('showWarningMessage', () => 'Send It');
    person.choose('takes', await session());
    const [job] = await finishedJobs(1, () => sendWith());
    assert.equal(await promptOf(job!), 'copied words');
    const own = UserState.fromEnvironment().templates;
    await fs.mkdir(own, { recursive: true });
    await fs.writeFile(path.join(own, 'my clip.md'), `mine: $\{clipboard}`);
    person.choose('my clip', await session());
    const [mine] = await finishedJobs(1, () => sendWith());
    assert.equal(await promptOf(mine!), 'mine: copied words');
    assert.equal(person.of('showWarningMessage').length, 2);
  });

  it('is made by New Template…, and opens to be written', async () => {
    person.choose('For "');
    person.answer('showInputBox', () => 'My Review: α/..');
    await vscode.commands.executeCommand('courier.newTemplate');
    const { document } = vscode.window.activeTextEditor!;
    assert.equal(document.uri.fsPath, path.join(templates(), 'my-review-α.md'));
    person.choose('My Review', await session());
    await edit(await file('made.md', 'the words\n'));
    const [job] = await finishedJobs(1, () => sendWith());
    assert.equal((await promptOf(job!)).trim(), 'the words');
  });
});
