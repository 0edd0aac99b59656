// A job's own tab, and what is done with its answer: read, compare, put into the code, and the agent's screen beside it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { ended, until } from './jobs.mjs';
import { seesAnswer, selectFunction, sendSelection } from './sendSteps.mjs';

export const themes = ['dark', 'light', 'contrast'];

/** The page of the job's tab: VS Code puts a web view into a frame in a frame. */
const page = (wb) => wb.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
const button = (wb, name) => page(wb).getByRole('button', { name });
const job = (wb) => wb.treeItem(/^export function/);
const showTab = (wb) => wb.editorTab(/^inventory\.ts:\d+-\d+, Editor/).click();
const inserted = (wb) =>
  wb.page
    .locator('.part.editor .editor-group-container')
    .first()
    .locator('.view-line')
    .filter({ hasText: 'Demo agent' })
    .first();

export const steps = {
  async 'a selection is answered'(wb) {
    await wb.openView('Courier');
    await wb.newSession();
    await wb.pick('Demo');
    await wb.answer('main');
    await wb.treeItem(/^main.*ready/).waitFor();
    await selectFunction(wb);
    await sendSelection(wb);
    await wb.pick('main');
    assert.match(await seesAnswer(wb), /Demo agent/i);
  },
  async 'Open Job shows prompt and answer side by side'(wb) {
    // The last row that changes: a menu of one that is drawn anew meanwhile has lost its row.
    await wb.treeItem(/^main.*ready/).waitFor();
    await wb.contextMenu(job(wb), 'Open Job');
    await page(wb).getByRole('region', { name: 'Prompt' }).getByText('export function').first().waitFor();
    await page(wb).getByRole('region', { name: 'Answer' }).getByText('Demo agent').first().waitFor();
    await page(wb).getByRole('listitem').filter({ hasText: 'Completed' }).waitFor();
  },
  async 'its link goes back to the lines'(wb) {
    await button(wb, /^src\/inventory\.ts:/).click();
    await wb.page.getByText(/^Ln \d+, Col \d+ \(\d+ selected\)$/).waitFor();
  },
  async 'Send Again makes another answer'(wb) {
    await showTab(wb);
    await button(wb, 'Send Again').click();
    await until(() => ended(wb).length === 2, 'the second job to end');
    const [first, second] = ended(wb);
    assert.deepEqual([second.status, second.retry_of], ['completed', first.job_id]);
  },
  async 'Compare with… shows both in the diff editor'(wb) {
    await showTab(wb);
    await button(wb, 'Compare with…').click();
    await wb.pick('the same prompt');
    await wb.editorTab(/ ↔ /).waitFor();
    await wb.page.locator('.monaco-diff-editor .view-line').first().waitFor();
  },
  async 'Insert Answer previews the edit'(wb) {
    await showTab(wb);
    await button(wb, 'Insert Answer…').click();
    await wb.page.getByRole('button', { name: 'Apply' }).waitFor();
  },
  async 'applied, it stands below the lines; one undo takes it away'(wb) {
    // VS Code takes up only what is marked in its preview.
    await wb.page.locator('.bulk-edit-panel .edit-checkbox').first().click();
    await wb.page.getByRole('button', { name: 'Apply' }).click();
    await inserted(wb).waitFor();
    await wb.editorLine('export function').click();
    await wb.page.keyboard.press('ControlOrMeta+Z');
    await inserted(wb).waitFor({ state: 'detached' });
  },
  async 'Replace Selection with Answer previews the edit, too'(wb) {
    await showTab(wb);
    await button(wb, /^Replace Selection with Answer/).click();
    await wb.page.getByRole('button', { name: 'Apply' }).waitFor();
  },
  async 'applied, it stands in the place of the lines; one undo brings them back'(wb) {
    await wb.page.locator('.bulk-edit-panel .edit-checkbox').first().click();
    await wb.page.getByRole('button', { name: 'Apply' }).click();
    await inserted(wb).waitFor();
    const line = wb.editorLine('return items.reduce');
    await line.waitFor({ state: 'detached' });
    await inserted(wb).click();
    await wb.page.keyboard.press('ControlOrMeta+Z');
    await inserted(wb).waitFor({ state: 'detached' });
    await line.waitFor();
  },
  async 'Copy Path copies where the answer is'(wb) {
    await wb.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await showTab(wb);
    await button(wb, 'Copy Path').click();
    const answer = path.join(wb.workspace, ended(wb)[0].output_path);
    const copied = () => wb.page.evaluate(() => navigator.clipboard.readText());
    await until(async () => (await copied()) === answer, 'the path in the clipboard');
  },
  async 'Send to Another Session asks which, and that one answers too'(wb) {
    await wb.command('Courier: New Session…');
    await wb.pick('Demo');
    await wb.answer('other');
    await wb.treeItem(/^other.*ready/).waitFor();
    await showTab(wb);
    await button(wb, 'Send to Another Session…').click();
    await wb.pick('other');
    await until(() => ended(wb, 'other').length === 1, 'the answer of the other session');
    const [job] = ended(wb, 'other');
    assert.deepEqual([job.status, job.source], ['completed', ended(wb)[0].source]);
  },
  async 'the session that was used last is offered first'(wb) {
    await button(wb, 'Send to Another Session…').click();
    const rows = wb.page.locator('.quick-input-list .monaco-list-row');
    await rows.filter({ hasText: 'New Session…' }).waitFor();
    assert.match(await rows.first().innerText(), /^other/);
    await wb.page.keyboard.press('Escape');
    await rows.first().waitFor({ state: 'hidden' });
  },
  async 'Show Screen follows the terminal'(wb) {
    await wb.contextMenu(wb.treeItem(/^main/), 'Show Screen');
    await wb.editorTab('main (screen)').waitFor();
    await wb.editorLine('demo>').waitFor();
  },
};
