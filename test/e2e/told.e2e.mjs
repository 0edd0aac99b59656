// How a person is told, and what is one click away then: the start's progress and the job's, both with Cancel, the status bar's menu,
// a failure's button, a long history, and a task that waits for its answer.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { ended, until } from './jobs.mjs';

export const themes = ['dark', 'light', 'contrast'];

const tasks = {
  version: '2.0.0',
  tasks: [{ type: 'courier', label: 'Ask the agent', prompt: 'A task asks', session: 'main', problemMatcher: [] }],
};

export function setUp({ workspace }) {
  fs.mkdirSync(path.join(workspace, '.vscode'), { recursive: true });
  fs.writeFileSync(path.join(workspace, '.vscode/tasks.json'), JSON.stringify(tasks));
  fs.writeFileSync(path.join(workspace, 'fails.md'), 'Find the mistake\n\ndemo-mode: api-error\n');
  fs.writeFileSync(path.join(workspace, 'calm.md'), 'Take some time\n\ndemo-mode: slow=2000\n');
  // It never shows the row that it is said to be ready with.
  const slow = { type: 'custom', title: 'Slow Agent', command: process.execPath, ready_pattern: '^never$' };
  slow.args = ['-e', 'process.stdin.resume()'];
  return { settings: { 'courier.agents': { slow } } };
}

/** Drops a request into the inbox, as any program may. */
function send(wb, id, prompt) {
  const inbox = path.join(wb.workspace, '.courier/inbox');
  const request = { version: '1.0', id, action: 'enqueue', session_id: 'main', prompt };
  fs.writeFileSync(path.join(inbox, `.${id}`), JSON.stringify(request));
  fs.renameSync(path.join(inbox, `.${id}`), path.join(inbox, `${id}.json`));
}

const statusBar = (wb) => wb.page.locator('.statusbar-item').filter({ hasText: /^Courier/ });
const showMore = (wb) => wb.page.locator('.part.sidebar').getByRole('button', { name: /^Show More/ });
const menuRow = (wb, label) => wb.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: label });

export const steps = {
  async 'a start says what it is at, and can be cancelled'(wb) {
    await wb.openView('Courier');
    await wb.newSession();
    await wb.pick('Slow Agent');
    await wb.answer('slow');
    await wb.toast('Starting "slow"').filter({ hasText: 'the agent gets ready…' }).waitFor();
  },
  async 'cancelled, the session is stopped'(wb) {
    await wb.toastButton('Starting "slow"', 'Cancel');
    await wb.treeItem(/^slow.*stopped/).waitFor();
    await wb.toast('Starting "slow"').waitFor({ state: 'detached' });
  },
  async 'a click on the status bar shows what goes on'(wb) {
    await wb.command('Courier: New Session…');
    await wb.pick('Demo');
    await wb.answer('main');
    await wb.treeItem(/^main.*ready/).waitFor();
    send(wb, 'j-hold', 'Hold the line\n\ndemo-mode: slow=600000\n');
    await wb.treeItem(/^Hold the line.*working/).waitFor();
    await statusBar(wb).filter({ hasText: '1' }).click();
    for (const row of ['Hold the line', 'Write a Prompt…', 'Open Settings']) await menuRow(wb, row).first().waitFor();
  },
  async 'one more opens the job that works'(wb) {
    await menuRow(wb, 'Hold the line').first().click();
    await wb.editorTab(/^Hold the line/).waitFor();
  },
  async 'Wait for Answer says where the job stands'(wb) {
    await wb.contextMenu(wb.treeItem(/^Hold the line/), 'Wait for Answer');
    await wb.toast('Waiting for "Hold the line"').filter({ hasText: 'working' }).waitFor();
  },
  async 'its Cancel cancels the job'(wb) {
    await wb.toastButton('Waiting for "Hold the line"', 'Cancel');
    await wb.treeItem(/^Hold the line.*cancelled/).waitFor();
    assert.deepEqual(
      ended(wb).map(({ status }) => status),
      ['cancelled'],
    );
  },
  async 'a failure has its way on as a button'(wb) {
    await wb.openFile('fails.md');
    await wb.command('Courier: Send to Claude Session');
    await wb.pick('main');
    await wb.toast(/"fails\.md" failed/).waitFor();
  },
  async 'which does that'(wb) {
    await wb.toastButton(/"fails\.md" failed/, 'Run Again');
    await until(() => ended(wb).length === 3, 'the second failure');
    const [, first, second] = ended(wb);
    assert.deepEqual([second.status, second.retry_of], ['failed', first.job_id]);
    await wb.closeToasts();
  },
  async 'several are run again at once'(wb) {
    const rows = wb.page.locator('.part.sidebar').getByRole('treeitem', { name: /^Find the mistake.*failed/ });
    await until(async () => (await rows.count()) === 2, 'the rows of both failures');
    await rows.first().click();
    await rows.last().click({ modifiers: ['ControlOrMeta'] });
    await until(
      async () => (await rows.and(wb.page.locator('[aria-selected=true]')).count()) === 2,
      'both to be selected',
    );
    await wb.contextMenu(rows.first(), 'Run Again');
    await until(() => ended(wb).length === 5, 'the end of both jobs');
    const [, first, second, ...more] = ended(wb);
    assert.deepEqual(more.map((job) => job.retry_of).sort(), [first.job_id, second.job_id].sort());
    await wb
      .toast(/failed/)
      .first()
      .waitFor();
    await wb.closeToasts();
  },
  async 'an answer that opens takes no key from who writes'(wb) {
    const answer = wb.editorTab(/task_output_/);
    await wb.openFile('calm.md');
    await wb.command('Courier: Send to Claude Session');
    await wb.pick('main');
    await wb.treeItem(/^Take some time/).waitFor();
    assert.equal(await answer.count(), 0);
    await wb.editorLine('Take some time').click();
    await wb.page.keyboard.press('Home');
    let written = '';
    const writeOn = async () => {
      written += 'a';
      await wb.page.keyboard.type('a');
    };
    await until(async () => {
      await writeOn();
      return answer.isVisible();
    }, 'the answer');
    for (let more = 0; more < 5; more++) await writeOn();
    await wb.editorLine(`${written}Take some time`).waitFor();
    // It is a preview, which VS Code shows by its slant.
    assert.equal(await answer.locator('.monaco-icon-label.italic').count(), 1);
  },
  async 'a task runs a job, and shows its answer'(wb) {
    await wb.command('Tasks: Run Task');
    await wb.pick('Ask the agent');
    await wb.terminalText('No heading and no declaration in it.');
    assert.equal(ended(wb).at(-1).requested_by, 'vscode-task');
    await wb.command('View: Toggle Panel Visibility');
  },
  async 'of a long history the newest twenty are shown'(wb) {
    for (let n = 1; n <= 20; n++) send(wb, `j-${n}`, `Question ${n}`);
    await until(() => ended(wb).length === 27, 'all jobs to end');
    await showMore(wb).waitFor();
    assert.equal(await wb.treeItem(/^Hold the line/).count(), 0);
  },
  async 'Show More shows the others'(wb) {
    await showMore(wb).click();
    await wb.treeItem(/^Hold the line.*cancelled/).waitFor();
    await showMore(wb).waitFor({ state: 'detached' });
  },
};
