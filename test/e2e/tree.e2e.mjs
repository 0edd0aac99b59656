// The Courier view: what its rows say, its filter, Show More, tooltips, keys; wide, and in a side bar of 300 px.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { until } from './jobs.mjs';

export const themes = ['contrast', 'dark', 'light'];

const prompts = {
  'done.md': 'Explain why the total is off by one\n',
  'fails.md':
    'Find out what http://evil.example/x says, and [why](command:workbench.action.terminal.new)\n\ndemo-mode: api-error\n',
  'works.md': 'Rename the inventory to stock everywhere\n\ndemo-mode: slow=600000\n',
  'waits.md': 'Write a test for each function\n',
};

export async function setUp({ workspace }) {
  for (const [name, text] of Object.entries(prompts)) fs.writeFileSync(path.join(workspace, name), text);
  return { settings: { 'courier.openOutput': 'never' } };
}

async function send(wb, name) {
  await wb.openFile(name);
  await wb.command('Courier: Send to Claude Session');
  await wb.pick('main');
}

const view = (wb) => wb.page.locator('.part.sidebar');
const badge = (wb) => wb.tab('Courier').locator('.badge-content');

/** The row of the tree that the keys go to. */
const focused = (wb) => view(wb).locator('.monaco-list-row.focused');

/** The colour of a row's icon, and of its words. */
function colours(row) {
  return row.evaluate((node) =>
    ['.custom-view-tree-node-item-icon', '.label-name'].map((css) => getComputedStyle(node.querySelector(css)).color),
  );
}

export const steps = {
  async 'a session says what it does: for how long, with which tool, and what is queued'(wb) {
    await wb.openView('Courier');
    await wb.tryDemo();
    await wb.treeItem(/^main.*ready/).waitFor();
    await send(wb, 'done.md');
    await wb.treeItem(/^Explain why.*new answer/).waitFor();
    await send(wb, 'fails.md');
    await wb.treeItem(/^Find out.*failed/).waitFor();
    await send(wb, 'works.md');
    await wb.treeItem(/^Rename.*reads the prompt/).waitFor();
    await send(wb, 'waits.md');
    await wb.treeItem(/^Write a test.*pending/).waitFor();
    await wb.treeItem(/^main.*working.*1 queued/).waitFor();
    // The time goes on by itself, in steps.
    await wb.treeItem(/^main.*working \d+:\d\d · reads the prompt · 1 queued/).waitFor({ timeout: 30_000 });
    await until(async () => (await badge(wb).innerText()) === '1', 'the badge of one failure');
  },
  async 'a state has a colour of its own'(wb) {
    const icons = [];
    for (const row of [/^Explain why/, /^Find out/, /^Rename/]) {
      const [icon, words] = await colours(wb.treeItem(row));
      assert.notEqual(icon, words, `the icon of ${row}`);
      icons.push(icon);
    }
    assert.equal(new Set(icons).size, icons.length, `${icons}`);
  },
  async wide(wb) {
    await wb.widen(460);
  },
  async 'in a side bar of 300 px again'(wb) {
    await wb.widen(300);
  },
  async 'a tooltip has the prompt, the steps and the terminal, and no words in it are a link'(wb) {
    const hover = await wb.tooltip(wb.treeItem(/^Find out/), 'Reason');
    const text = (await hover.innerText()).replaceAll('\u00a0', ' ');
    for (const words of ['http://evil.example/x', '[why](command:', 'failed', 'sent', 'ended', 'fails.md'])
      assert.ok(text.includes(words), `${words} in ${text}`);
    assert.equal(await hover.locator('a, img').count(), 0, 'no link, no picture');
  },
  async 'the tooltip of a session shows the last lines of its terminal'(wb) {
    await wb.tooltip(wb.treeItem(/^main/), 'esc to interrupt');
  },
  async 'the filter shows only what fits, says so, and is cleared by one click'(wb) {
    await wb.page.mouse.move(900, 500);
    await wb.page.getByRole('button', { name: 'Show Only…' }).click();
    await wb.pick('Failed');
    await view(wb).getByText('Shown only: failed').waitFor();
    await wb.treeItem(/^Explain why/).waitFor({ state: 'detached' });
    await wb.treeItem(/^Find out/).waitFor();
    await wb.shot('filtered');
    await wb.page.getByRole('button', { name: 'Show All Jobs' }).click();
    await wb.treeItem(/^Explain why/).waitFor();
    await view(wb).getByText('Shown only').waitFor({ state: 'detached' });
  },
  async 'each filter leaves what it says'(wb) {
    for (const [filter, left, gone] of [
      ['Running', [/^Rename/, /^Write a test/], [/^Explain why/, /^Find out/]],
      ['Waiting for Me', [], [/^Rename/, /^Find out/]],
      ['Today', [/^Rename/, /^Explain why/, /^Find out/], []],
    ]) {
      await wb.command('Courier: Show Only…');
      await wb.pick(filter);
      for (const row of gone) await wb.treeItem(row).waitFor({ state: 'detached' });
      for (const row of left) await wb.treeItem(row).waitFor();
    }
    await wb.command('Courier: Show All Jobs');
    await wb.treeItem(/^Explain why/).waitFor();
  },
  async 'a filter that nothing fits says so'(wb) {
    await wb.command('Courier: Show Only…');
    await wb.pick('Text…');
    await wb.answer('nowhere');
    await view(wb).getByText('No job fits the filter "nowhere".').waitFor();
    await wb.command('Courier: Show All Jobs');
    await wb.treeItem(/^Explain why/).waitFor();
  },
  async 'Enter opens, and what was looked at is marked no more'(wb) {
    await wb.treeItem(/^Explain why.*new answer/).waitFor();
    await wb.treeItem(/^main/).click();
    await wb.treeItem(/^main/).click();
    for (let i = 0; i < 4; i++) await wb.page.keyboard.press('ArrowDown');
    await until(async () => /Explain why/.test(await focused(wb).innerText()), 'the keys to be at the answer');
    await wb.page.keyboard.press('Enter');
    await wb.editorTab(/task_output_/).waitFor();
    await wb.treeItem(/^Explain why.*completed/).waitFor();
  },
  async 'a failure that was chosen has been seen'(wb) {
    await wb.treeItem(/^Find out/).click();
    await badge(wb).waitFor({ state: 'hidden' });
  },
  async 'F2 renames, Delete asks'(wb) {
    await wb.treeItem(/^main/).click();
    await wb.page.keyboard.press('F2');
    await wb.answer('stock');
    await wb.treeItem(/^stock/).waitFor();
    await wb.treeItem(/^stock/).click();
    await wb.page.keyboard.press('Delete');
    await wb.page.locator('.monaco-dialog-box').getByText('Delete the session "stock"?').waitFor();
    await wb.shot('asks');
    await wb.dialogButton('Cancel');
    await wb.treeItem(/^stock/).waitFor();
  },
  async 'a session that was closed stays closed while its row changes'(wb) {
    await wb.command('Courier: Focus on Sessions View');
    await until(async () => {
      if (/^stock/.test((await focused(wb).count()) ? await focused(wb).innerText() : '')) return true;
      await wb.page.keyboard.press('ArrowUp');
      return false;
    }, 'the keys to be at the session');
    await wb.page.keyboard.press('ArrowLeft');
    await wb.treeItem(/^Explain why/).waitFor({ state: 'detached' });
    await wb.command('Courier: Pause All Sessions');
    await wb.treeItem(/^stock.*paused/).waitFor();
    await wb.command('Courier: Resume All Sessions');
    await wb.treeItem(/^stock.*working/).waitFor();
    await wb.treeItem(/^stock.*paused/).waitFor({ state: 'detached' });
    assert.equal(await wb.treeItem(/^Explain why/).count(), 0);
  },
};
