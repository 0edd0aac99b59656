import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Job } from '../../src/core/model/job';
import { Layout } from '../../src/core/store/layout';
import { AnswerColumn } from '../../src/ui/answerColumn';
import { waitFor } from '../support/waitFor';
import { ToldFolders } from './uiDoubles';
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
  untitled,
  workspace,
} from './uiSupport';

const run = (command: string) => vscode.commands.executeCommand(`courier.${command}`);

describe('what is done with an answer', () => {
  let person: Person;
  let job: Job;

  /** Chooses the newest job in the pick that a command from the palette shows, and the first session in the next one. */
  const newest = () => person.answer('showQuickPick', (items: readonly unknown[]) => items[0]);

  before(async () => {
    person = new Person();
    await demoSession();
    const uri = await file('answered.ts', 'const a = 1;\nconst b = 2;\nconst c = 3;\n');
    const editor = await edit(uri);
    editor.selection = new vscode.Selection(1, 0, 2, 0);
    newest();
    [job] = (await finishedJobs(1, () => run('send'))) as [Job];
  });

  beforeEach(() => {
    person.leave();
    person = new Person();
    newest();
  });

  afterEach(closeEditors);
  after(() => person.leave());

  it('its path is copied', async () => {
    await run('copyAnswerPath');
    assert.equal(await vscode.env.clipboard.readText(), path.join(await workspace(), job.output_path));
  });

  it('its prompt is sent to another session, word for word and with where it came from', async () => {
    const [again] = await finishedJobs(1, () => run('sendToAnother'));
    assert.notEqual(again?.job_id, job.job_id);
    assert.equal(await promptOf(again!), await promptOf(job));
    assert.deepEqual(again?.source, job.source);
    assert.equal(again?.session_id, (await sessions())[0]?.metadata.session_id);
  });

  it('changes nothing when its text is not there any more, until a person says where', async () => {
    await untitled('Of no file at all.\n');
    await finishedJobs(1, () => run('send'));
    await closeEditors();
    const other = await untitled('Another text.\n');
    await run('replaceWithAnswer');
    const asked = await waitFor(() => person.of('showWarningMessage')[0], { what: 'the question' });
    assert.match(String(asked.args[0]), /Nothing was changed/);
    assert.equal(other.document.getText(), 'Another text.\n');
  });

  it('the job has a tab of its own, once', async () => {
    const tabs = () =>
      vscode.window.tabGroups.all
        .flatMap((group) => group.tabs)
        .filter(({ input }) => input instanceof vscode.TabInputWebview);
    await run('openJob');
    await run('openJob');
    await waitFor(() => tabs().length === 1, { what: 'one tab' });
    assert.ok((await jobs()).length > 0);
  });

  it('that VS Code keeps from extensions has its tab beside the code all the same', async () => {
    const column = new AnswerColumn();
    const { folder } = new ToldFolders();
    Object.assign(folder, { layout: new Layout(await workspace()) });
    await edit(await file('odd.ts', 'const a = 1;\n'));
    for (const text of [Buffer.from([0, 1, 2, 0]), Buffer.alloc(51 << 20, 'a line of a very long answer\n')]) {
      const relative = job.output_path.replace(/[^/]*$/, `${text.length}.md`);
      const odd = path.join(await workspace(), relative);
      await writeFile(odd, text);
      try {
        await assert.rejects(async () => vscode.workspace.openTextDocument(vscode.Uri.file(odd)));
        await column.open(folder, relative);
        await waitFor(() => openTabs().includes(odd), { what: () => `${odd}, not only ${openTabs()}` });
      } finally {
        await rm(odd);
      }
    }
    assert.equal(vscode.window.tabGroups.all.length, 2);
    column.dispose();
  });

  it("a session's screen is a read-only document beside the code, and says when there is none", async () => {
    await run('showScreen');
    const document = await waitFor(
      () => vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'courier-screen'),
      { what: 'the screen' },
    );
    await waitFor(() => /demo>/.test(document.getText()), {
      what: () => `the prompt of the agent in ${document.getText()}`,
    });
    assert.equal(document.languageId, 'courier-screen');
    const nowhere = vscode.Uri.from({ scheme: 'courier-screen', path: '/x (screen)', query: 'folder=no&session=no' });
    assert.match((await vscode.workspace.openTextDocument(nowhere)).getText(), /not there any more/);
  });
});
