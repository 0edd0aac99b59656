import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { isFinal, type Job } from '../../src/core/model/job';
import { waitFor } from '../support/waitFor';
import {
  closeEditors,
  demoSession,
  jobs,
  madeJobs,
  Person,
  promptOf,
  sessions,
  untitled,
  workspace,
} from './uiSupport';

const run = (command: string) => vscode.commands.executeCommand(`courier.${command}`);

describe('the queue in a window', () => {
  let person: Person;

  const first = async () => (await sessions())[0]!;
  const send = async (text: string) => {
    await untitled(text);
    person.choose((await first()).metadata.name);
    return (await madeJobs(1, () => run('send')))[0]!;
  };
  const now = async (job: Job) => (await jobs()).find((one) => one.job_id === job.job_id);
  const status = (job: Job, wanted: Job['status']) =>
    waitFor(async () => (await now(job))?.status === wanted, {
      timeout: 30_000,
      what: async () => `${job.job_id} ${wanted}, not ${(await now(job))?.status}`,
    });
  /** A job that works until it is cancelled, so that others wait. */
  const hold = async () => {
    const job = await send('hold\n\ndemo-mode: slow=600000\n');
    await status(job, 'running');
    return job;
  };
  /** Runs a command from the palette on the job that it shows under this title. */
  const on = async (command: string, title: string) => {
    person.choose(title);
    await run(command);
  };
  const order = async () => (await first()).jobs.map((job) => job.title);
  const ordered = (...wanted: string[]) =>
    waitFor(async () => (await order()).join() === wanted.join(), {
      timeout: 30_000,
      what: async () => `${wanted}, not ${await order()}`,
    });
  const edit = async (text: string) => {
    const { document, edit: change } = vscode.window.activeTextEditor!;
    const line = document.lineAt(vscode.window.activeTextEditor!.selection.active.line);
    await change((builder) => builder.replace(line.range, text));
    assert.ok(await document.save());
  };

  beforeEach(async () => {
    person = new Person();
    await demoSession();
  });

  afterEach(async () => {
    await run('resumeAll');
    person.answer('showQuickPick', (items: readonly unknown[]) => items[0]);
    const live = async () => (await jobs()).filter((job) => !isFinal(job.status)).length;
    for (let left = await live(); left > 0; left--) {
      await run('cancelJob');
      const limit = left;
      await waitFor(async () => (await live()) < limit, { timeout: 30_000, what: `fewer than ${limit} live jobs` });
    }
    person.leave();
    await closeEditors();
  });

  it('opens a prompt with the cursor in it, and sends what was saved', async () => {
    await hold();
    const job = await send('to be edited');
    await on('editPrompt', 'to be edited');
    const { document, selection } = vscode.window.activeTextEditor!;
    assert.equal(document.uri.fsPath, path.join(await workspace(), job.prompt_path));
    assert.equal(document.lineAt(selection.active.line).text, 'to be edited');
    await edit('TODO: edited');
    await waitFor(async () => (await now(job))?.title === 'TODO: edited', { timeout: 30_000, what: 'the new title' });
    assert.deepEqual([...person.of('showWarningMessage'), ...person.of('showErrorMessage')], []);
    await on('cancelJob', 'hold');
    await status(job, 'completed');
    assert.equal(await promptOf((await now(job))!), 'TODO: edited');
    const answer = path.join(await workspace(), (await now(job))!.output_path);
    assert.match(await fs.readFile(answer, 'utf8'), /TODO: edited/);
  });

  it('says of what is saved after its job has begun that it may be too late, and offers another job with it', async () => {
    const held = await send('begun\n\ndemo-mode: slow=600000\n');
    await status(held, 'running');
    await on('openPrompt', 'begun');
    const { document } = vscode.window.activeTextEditor!;
    const at = document.positionAt(document.getText().indexOf('\nbegun') + 1).line;
    vscode.window.activeTextEditor!.selection = new vscode.Selection(at, 0, at, 0);
    person.answer('showWarningMessage', (_message: string, button: string) => button);
    const [again] = await madeJobs(1, () => edit('said too late'));
    // Before it is saved, it may be said of what was typed that it is not.
    const said = person.of('showWarningMessage').map(({ args }) => String(args[0]));
    assert.ok(
      said.some((words) => /^"begun" has begun\. What you saved may have come too late/.test(words)),
      said.join('\n'),
    );
    assert.equal(again?.retry_of, held.job_id);
    assert.match(await promptOf(again!), /^said too late/);
  });

  it('moves, pauses and resumes what is chosen in the palette', async () => {
    await hold();
    const [one] = [await send('one'), await send('two'), await send('three')];
    await ordered('hold', 'one', 'two', 'three');
    await on('moveJobUp', 'one');
    await ordered('hold', 'two', 'one', 'three');
    await on('moveJobDown', 'three');
    await ordered('hold', 'two', 'three', 'one');
    await on('pauseJob', 'one');
    await status(one, 'paused');
    await on('resumeJob', 'one');
    await status(one, 'pending');
    await on('pauseSession', (await first()).metadata.name);
    await waitFor(async () => (await first()).metadata.paused_at, { timeout: 30_000, what: 'the session is paused' });
    await on('cancelJob', 'hold');
    await ordered('two', 'three', 'one');
    assert.equal((await now(one))?.status, 'pending');
    await run('resumeAll');
    await status(one, 'completed');
    assert.equal((await first()).metadata.paused_at, undefined);
    assert.deepEqual(person.of('showErrorMessage'), []);
  });

  it('sends a follow-up right behind a job, and moves one into another session', async () => {
    const held = await hold();
    await send('later');
    person.answer('showInputBox', () => 'and then');
    await on('followUp', 'hold');
    await ordered('hold', 'and then', 'later');
    assert.equal((await first()).jobs[1]?.follows, held.job_id);
    const before = (await sessions()).length;
    await run('tryDemo');
    await waitFor(async () => (await sessions()).length > before, { timeout: 30_000, what: 'a second session' });
    const target = (await sessions()).at(-1)!.metadata;
    person.choose('later', target.name);
    await run('moveJob');
    await waitFor(
      async () => (await jobs()).some((job) => job.title === 'later' && job.session_id === target.session_id),
      { timeout: 30_000, what: 'the job in the other session' },
    );
    await ordered('hold', 'and then');
  });

  it('moves no prompt whose changes are not saved', async () => {
    await hold();
    const job = await send('unsaved');
    await run('tryDemo');
    await waitFor(async () => (await sessions()).length > 1, { timeout: 30_000, what: 'a second session' });
    await on('editPrompt', 'unsaved');
    const editor = vscode.window.activeTextEditor!;
    await editor.edit((change) => change.insert(editor.selection.active, 'not saved: '));
    person.choose('unsaved', (await sessions()).at(-1)!.metadata.name);
    await run('moveJob');
    await waitFor(() => person.of('showErrorMessage').length > 0, { timeout: 30_000, what: 'why it was not moved' });
    assert.match(String(person.of('showErrorMessage')[0]?.args[0]), /changes that are not saved.*nothing was moved/);
    assert.equal((await now(job))?.session_id, (await first()).metadata.session_id);
  });
});
