// One prompt for several sessions: it is sent to a session that is there and to a new one, its jobs are one row, and are compared.
import assert from 'node:assert/strict';
import { selectFunction, sendSelection } from './sendSteps.mjs';

export const themes = ['dark', 'light', 'contrast'];

export const steps = {
  async 'there is a session'(wb) {
    await wb.openView('Courier');
    await wb.newSession();
    await wb.pick('Demo');
    await wb.answer('helper');
    await wb.treeItem(/^helper.*ready/).waitFor();
  },
  async 'Send to Several Sessions asks which'(wb) {
    await selectFunction(wb);
    await sendSelection(wb, 'Send to Several Sessions…');
    await wb.pick('helper');
    await wb.pick('New session with Demo');
  },
  async 'its jobs stand below one row'(wb) {
    await wb.page.keyboard.press('Enter');
    await wb.treeItem(/2 of 2 done/).waitFor({ timeout: 60_000 });
    await wb.toast('2 of 2 sessions have answered.').waitFor();
    assert.equal(await wb.editorTab(/task_output_/).count(), 0, 'no answer opens by itself');
  },
  async 'their answers are compared side by side'(wb) {
    await wb.toastButton('2 of 2 sessions have answered.', 'Compare Answers');
    await wb.page.locator('.monaco-diff-editor .view-line').first().waitFor();
  },
  async 'one of them is picked as the answer'(wb) {
    await wb.contextMenu(wb.treeItem(/^helper, export function/), 'Pick as the Answer');
    await wb.treeItem(/^export function.*picked: helper/).waitFor();
    await wb.treeItem(/, picked\b/).waitFor();
  },
};
