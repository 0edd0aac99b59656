import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { waitFor } from '../support/waitFor';
import {
  closeEditors,
  deleteSessions,
  demoSession,
  edit,
  file,
  finishedJobs,
  jobs,
  Person,
  promptOf,
  sessions,
  untitled,
  workspace,
} from './uiSupport';

const send = (...args: unknown[]) => vscode.commands.executeCommand('courier.send', ...args);

describe('Send to Claude Session', () => {
  let person: Person;

  after(() =>
    vscode.workspace.getConfiguration('files').update('autoSave', undefined, vscode.ConfigurationTarget.Global),
  );

  before(async () => {
    // In a browser VS Code saves by itself after a second.
    await vscode.workspace.getConfiguration('files').update('autoSave', 'off', vscode.ConfigurationTarget.Global);
  });

  beforeEach(() => {
    person = new Person();
  });

  afterEach(async () => {
    person.leave();
    await closeEditors();
  });

  it('offers the agents when there is no session, and sends nothing when none is chosen', async () => {
    await deleteSessions(person);
    await edit(await file('unchosen.md', 'never sent\n'));
    person.calls.length = 0;
    person.answer('showQuickPick', () => undefined);
    await send();
    const [call] = person.of('showQuickPick');
    const labels = (call?.args[0] as vscode.QuickPickItem[] | undefined)?.map((item) => item.label);
    assert.deepEqual(labels, ['Claude Code', 'Codex', 'Gemini CLI', 'OpenCode', 'Demo']);
    assert.deepEqual(await sessions(), []);
  });

  it('makes the first session with the agent that is chosen', async () => {
    await deleteSessions(person);
    await edit(await file('first.md', 'the first words\n'));
    person.choose('Demo');
    const [job] = await finishedJobs(1, () => send());
    assert.equal(job?.status, 'completed', job?.message);
    assert.equal(job.agent, 'demo');
    assert.equal(job.session_id, 'main');
    assert.equal(await promptOf(job), 'the first words\n');
  });

  it('sends a selection word for word and opens the answer beside it', async () => {
    await demoSession();
    const text = 'first\n  # Títle — "quoted" $(x) `tick`\n\tconst a = 1; // TODO mend\nlast\n';
    const editor = await edit(await file('selected.ts', text));
    editor.selection = new vscode.Selection(1, 2, 2, 13);
    person.choose((await sessions())[0]?.metadata.name ?? '');
    const [job] = await finishedJobs(1, () => send());
    assert.ok(job);
    assert.equal(job.status, 'completed', job.message);
    assert.equal(await promptOf(job), '# Títle — "quoted" $(x) `tick`\n\tconst a = 1;');
    assert.deepEqual(
      { ...job.source, git_head: undefined },
      {
        path: 'selected.ts',
        language: 'typescript',
        start_line: 2,
        end_line: 3,
        dirty: false,
        git_head: undefined,
      },
    );
    const shown = await waitFor(
      () => vscode.window.visibleTextEditors.find((e) => e.document.uri.path.endsWith(job.output_path)),
      { what: 'the open answer' },
    );
    assert.equal(shown.viewColumn, vscode.ViewColumn.Two);
    assert.equal(
      vscode.window.activeTextEditor?.document.uri.path.endsWith('/selected.ts'),
      true,
      'the code keeps the keyboard',
    );
  });

  it('sends unsaved text as it is on the screen', async () => {
    await demoSession();
    const editor = await edit(await file('unsaved.md', 'as on disk\n'));
    await editor.edit((change) => change.insert(new vscode.Position(0, 0), 'not saved, '));
    person.choose((await sessions())[0]?.metadata.name ?? '');
    const [job] = await finishedJobs(1, () => send());
    assert.ok(job);
    assert.equal(await promptOf(job), 'not saved, as on disk\n');
    assert.equal(job.source?.dirty, true);
    assert.equal(await fs.readFile(editor.document.uri.fsPath, 'utf8'), 'as on disk\n');
  });

  it('sends a document that was never saved', async () => {
    await demoSession();
    await untitled('# never saved\n');
    person.choose((await sessions())[0]?.metadata.name ?? '');
    const [job] = await finishedJobs(1, () => send());
    assert.ok(job);
    assert.equal(await promptOf(job), '# never saved\n');
    assert.equal(job.source?.path, undefined);
  });

  it('sends one job for each file chosen in the explorer, in their order', async () => {
    await demoSession();
    const uris = [await file('one.md', 'the first\n'), await file('two.md', '\uFEFFthe second\r\n')];
    person.choose('One job for each file', (await sessions())[0]?.metadata.name ?? '');
    const made = await finishedJobs(2, () => send(uris[0], uris));
    assert.equal(person.of('showQuickPick').length, 2, 'how many jobs and which session are asked for once');
    const byPath = new Map(made.map((job) => [job.source?.path, job]));
    assert.equal(await promptOf(byPath.get('one.md')!), 'the first\n');
    assert.equal(await promptOf(byPath.get('two.md')!), '\uFEFFthe second\r\n');
    assert.ok(made[0]?.group_id);
    assert.equal(made[0]?.group_id, made[1]?.group_id);
  });

  it('sends the files as one job when that is chosen, each whole below its path', async () => {
    await demoSession();
    const uris = [await file('one.md', 'the first\n'), await file('src/two.md', '```\nthe second\n```')];
    person.choose('One job for all files', (await sessions())[0]?.metadata.name ?? '');
    const [job] = await finishedJobs(1, () => send(uris[0], uris));
    assert.match(
      await promptOf(job!),
      /^## one\.md\n\n```\w*\nthe first\n```\n\n## src\/two\.md\n\n````\w*\n```\nthe second\n```\n````\n$/,
    );
    assert.equal(job?.group_id, undefined);
  });

  it('puts the instruction before the text', async () => {
    await demoSession();
    await edit(await file('ask.md', 'what is asked about\n'));
    person.answer('showInputBox', () => 'Say how many words these are');
    person.choose((await sessions())[0]?.metadata.name ?? '');
    const [job] = await finishedJobs(1, () => vscode.commands.executeCommand('courier.sendWithInstruction'));
    assert.equal(await promptOf(job!), 'Say how many words these are\n\nwhat is asked about\n');
  });

  describe('sends nothing', () => {
    const refused = async (run: () => Thenable<unknown>, pattern: RegExp) => {
      const before = (await jobs()).length;
      await run();
      const messages = person.of('showErrorMessage').map((call) => String(call.args[0]));
      assert.match(messages.join('\n'), pattern);
      assert.equal(person.of('showQuickPick').length, 0, 'it is refused before a session is asked for');
      assert.equal((await jobs()).length, before);
    };

    it('of a binary file', async () => {
      const uri = await file('picture.bin', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]));
      await refused(() => send(uri, [uri]), /picture\.bin.*binary.*nothing was sent/);
    });

    it('of a file that is not UTF-8', async () => {
      const uri = await file('latin.txt', Buffer.from('caf\xe9', 'latin1'));
      await refused(() => send(uri, [uri]), /latin\.txt.*nothing was sent/);
    });

    it('of a folder', async () => {
      const uri = vscode.Uri.file(path.join(await workspace(), 'src'));
      await refused(() => send(uri, [uri]), /"src" is a folder.*nothing was sent/);
    });

    it('of an empty editor', async () => {
      await untitled('');
      await refused(() => send(), /is empty.*nothing was sent/);
    });

    it('when it is not said how many jobs several files are', async () => {
      const uris = [await file('one.md', 'the first\n'), await file('two.md', 'the second\n')];
      const before = (await jobs()).length;
      await send(uris[0], uris);
      assert.equal(person.of('showQuickPick').length, 1);
      assert.equal((await jobs()).length, before);
    });

    it('when no session is chosen', async () => {
      await demoSession();
      await edit(await file('escaped.md', 'never sent\n'));
      const before = (await jobs()).length;
      await send();
      assert.equal(person.of('showQuickPick').length, 1);
      assert.equal((await jobs()).length, before);
      const inbox = await fs.readdir(path.join(await workspace(), '.courier/inbox'));
      assert.deepEqual(
        inbox.filter((name) => name.endsWith('.json')),
        [],
      );
    });

    it('when no instruction is given', async () => {
      await demoSession();
      await edit(await file('uninstructed.md', 'never sent\n'));
      const before = (await jobs()).length;
      await vscode.commands.executeCommand('courier.sendWithInstruction');
      assert.equal(person.of('showInputBox').length, 1);
      assert.equal(person.of('showQuickPick').length, 0);
      assert.equal((await jobs()).length, before);
    });
  });

  it('offers the session that was used last first, and New Session… last', async () => {
    await demoSession();
    const twoSessions = async () => ((await sessions()).length > 1 ? sessions() : undefined);
    await vscode.commands.executeCommand('courier.tryDemo');
    const names = (await waitFor(twoSessions, { what: 'two sessions' })).map((session) => session.metadata.name);
    await edit(await file('order.md', 'in order\n'));
    await send();
    const items = person.of('showQuickPick')[0]?.args[0] as vscode.QuickPickItem[];
    const rows = items.filter((item) => item.kind !== vscode.QuickPickItemKind.Separator).map((item) => item.label);
    assert.equal(rows[0], names.at(-1));
    assert.equal(rows.at(-1), 'New Session…');
    assert.match(items[0]?.description ?? '', /^demo · /);
  });
});
