import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { waitFor } from '../support/waitFor';
import {
  type Call,
  closeEditors,
  demoSession,
  finishedJobs,
  isOpen,
  jobs,
  madeJobs,
  openTabs,
  Person,
  sessions,
  untitled,
} from './uiSupport';

const run = (command: string) => vscode.commands.executeCommand(`courier.${command}`);
const settings = () => vscode.workspace.getConfiguration('courier');

describe('what becomes of a job that this window sent', () => {
  let person: Person;

  /** Sends a text to the first session, whose agent is the Demo agent. */
  const send = async (text: string) => {
    await untitled(text);
    person.choose((await sessions())[0]?.metadata.name ?? '');
    await run('send');
  };
  const shown = (name: Call['name'], pattern: RegExp) =>
    person.of(name).filter((call) => pattern.test(String(call.args[0])));

  beforeEach(async () => {
    person = new Person();
    await demoSession();
  });

  afterEach(async () => {
    person.leave();
    await settings().update('openOutput', undefined, vscode.ConfigurationTarget.Global);
    await closeEditors();
  });

  it('tells once why it failed, and retries it by its button', async () => {
    person.answer('showErrorMessage', (_message: string, ...buttons: string[]) => {
      assert.deepEqual(buttons, ['Run Again', 'Open Terminal', 'Show Log']);
      return person.of('showErrorMessage').length === 1 ? 'Run Again' : undefined;
    });
    const [first] = await finishedJobs(1, () => send('demo-mode: api-error\n'));
    assert.equal(first?.status, 'failed');
    const again = await waitFor(async () => (await jobs()).find((job) => job.retry_of === first.job_id), {
      what: 'the retry',
    });
    assert.notEqual(again.job_id, first.job_id);
    await waitFor(() => shown('showErrorMessage', /failed: /).length === 2, { what: 'the second failure is told' });
    assert.match(String(shown('showErrorMessage', /failed: /)[0]?.args[0]), /The prompt is kept\.$/);
  });

  it('opens nothing when that is what the setting says', async () => {
    await settings().update('openOutput', 'never', vscode.ConfigurationTarget.Global);
    const [job] = await finishedJobs(1, () => send('quiet\n'));
    assert.equal(job?.status, 'completed');
    // The next answer does open, so this one would have been open by then.
    await settings().update('openOutput', 'beside', vscode.ConfigurationTarget.Global);
    const [next] = await finishedJobs(1, () => send('loud\n'));
    await waitFor(() => isOpen(next!), { what: 'the open answer' });
    assert.equal(isOpen(job), false);
  });

  it('says that the answer is there, with a button, when that is what the setting says', async () => {
    await settings().update('openOutput', 'notify', vscode.ConfigurationTarget.Global);
    person.answer('showInformationMessage', (_message: string, button: string) => button);
    const [job] = await finishedJobs(1, () => send('tell me\n'));
    await waitFor(() => isOpen(job!), { what: 'the open answer' });
    assert.equal(shown('showInformationMessage', /the answer is there/).length, 1);
  });

  it('shows a question of the agent once, and answers with the choice that was made', async () => {
    person.answer('showWarningMessage', (_message: string, ...buttons: string[]) => {
      assert.equal(buttons.at(-1), 'Open Terminal');
      return buttons[0];
    });
    const [job] = await finishedJobs(1, () => send('demo-mode: permission\n'));
    assert.equal(job?.status, 'completed', job?.message);
    assert.equal(person.of('showWarningMessage').length, 1);
  });

  it('is cancelled without a message', async () => {
    const [job] = await madeJobs(1, () => send('demo-mode: slow=60000\n'));
    await waitFor(async () => (await jobs()).find((j) => j.job_id === job?.job_id && j.status === 'running'), {
      what: 'the job runs',
    });
    person.answer('showQuickPick', (items: readonly unknown[]) => items[0]);
    await run('cancelJob');
    await waitFor(async () => (await jobs()).find((j) => j.job_id === job?.job_id && j.status === 'cancelled'), {
      what: 'the job is cancelled',
    });
    assert.deepEqual(person.of('showErrorMessage'), []);
    assert.equal(isOpen(job!), false);
  });

  it('opens prompt and answer from the palette', async () => {
    const [job] = await finishedJobs(1, () => send('# to be opened\n'));
    await waitFor(() => isOpen(job!), { what: 'the open answer' });
    await closeEditors();
    person.answer('showQuickPick', (items: readonly unknown[]) => items[0]);
    await run('openOutput');
    await waitFor(() => isOpen(job!), { what: 'the answer, opened again' });
    assert.equal(openTabs().length, 1, 'an answer that was shown is not opened by itself once more');
  });

  it('leaves with its session, which is deleted only after a modal yes', async () => {
    await run('tryDemo');
    const last = await waitFor(async () => ((await sessions()).length > 1 ? (await sessions()).at(-1) : undefined), {
      what: 'a second session',
    });
    const there = async () => (await sessions()).some((s) => s.metadata.session_id === last.metadata.session_id);
    person.choose(last.metadata.name, last.metadata.name);
    await run('deleteSession');
    const options = person.of('showWarningMessage')[0]?.args[1] as vscode.MessageOptions | undefined;
    assert.equal(options?.modal, true);
    assert.equal(await there(), true, 'without a yes it stays');
    person.answer('showWarningMessage', () => 'Delete');
    await run('deleteSession');
    await waitFor(async () => !(await there()), { what: 'the session is gone' });
  });

  it('is attached to in a terminal, one for each session', async () => {
    const [session] = await sessions();
    await waitFor(async () => (await sessions())[0]?.metadata.tmux_session, { what: 'a tmux session' });
    const mine = () => vscode.window.terminals.filter((terminal) => terminal.name.startsWith('Courier: '));
    person.choose(session!.metadata.name, session!.metadata.name);
    await run('attach');
    await run('attach');
    await waitFor(() => mine().length === 1, { what: 'one terminal' });
    const options = mine()[0]?.creationOptions as vscode.TerminalOptions;
    assert.match(options.shellPath ?? '', /^\/.*\/tmux$/);
    assert.ok((options.shellArgs as string[]).includes('attach-session'));
    mine()[0]?.dispose();
    await waitFor(() => mine().length === 0, { what: 'the terminal is closed' });
  });
});
