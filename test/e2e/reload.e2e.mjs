// A window that is reloaded, and one that is closed, with jobs under way: nothing is lost, nothing is sent twice.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { ended, until } from './jobs.mjs';

export const themes = ['dark', 'light', 'contrast'];

export async function setUp({ workspace }) {
  fs.writeFileSync(path.join(workspace, 'asks.md'), 'asks: a prompt.\n\ndemo-mode: permission\n');
  fs.writeFileSync(path.join(workspace, 'behind.md'), 'behind: a prompt.\n');
  return { settings: { 'courier.openOutput': 'beside' } };
}

async function sendFile(wb, name) {
  await wb.openFile(name);
  await wb.command('Courier: Send to Claude Session');
  await wb.pick('main');
}

export const steps = {
  async 'a session with a job that asks and one behind it'(wb) {
    await wb.openView('Courier');
    await wb.tryDemo();
    await wb.treeItem(/^main.*ready/).waitFor();
    await sendFile(wb, 'asks.md');
    await wb.treeItem(/^asks.*needs an answer/).waitFor();
    await sendFile(wb, 'behind.md');
    await wb.treeItem(/^behind.*pending/).waitFor();
    const badge = wb.tab('Courier').locator('.badge-content');
    await until(async () => (await badge.innerText()) === '1', 'the badge of one that waits for a person');
  },
  async 'the window is reloaded: the job still asks, and both go on when it is answered'(wb) {
    await wb.page.reload();
    await wb.tab('Courier').waitFor({ timeout: 60_000 });
    await wb.openView('Courier');
    await wb.treeItem(/^asks.*needs an answer/).waitFor();
    await wb.treeItem(/^behind.*pending/).waitFor();
    assert.deepEqual(ended(wb), []);
    await wb.page.getByRole('button', { name: 'Answer: Allow Once' }).click();
    await until(() => ended(wb).length === 2, 'the end of both jobs');
    assert.deepEqual(
      ended(wb).map((job) => [job.status, job.attempts, job.source.path]),
      [
        ['completed', 1, 'asks.md'],
        ['completed', 1, 'behind.md'],
      ],
    );
    await wb.treeItem(/^behind.*(completed|new answer)/).waitFor();
    // Both answers, which came at nearly the same time, stand open.
    for (const job of ended(wb)) await wb.editorTab(path.basename(job.output_path)).waitFor();
  },
};
