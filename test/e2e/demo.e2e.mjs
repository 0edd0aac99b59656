// The whole way with the Demo agent: a session is made in the view, a selection is sent, the answer opens beside it.
import assert from 'node:assert/strict';
import { seesAnswer, selectFunction, sendSelection } from './sendSteps.mjs';

export const themes = ['dark', 'light', 'contrast'];

export const steps = {
  async 'the empty view says what to do'(wb) {
    await wb.openView('Courier');
    await wb.page.getByText('There is no session yet.').waitFor();
    await wb.page.getByRole('button', { name: 'New Session', exact: true }).waitFor();
  },
  async 'New Session makes a Demo session'(wb) {
    await wb.newSession();
    await wb.pick('Demo');
    await wb.answer('helper');
    await wb.treeItem(/^helper.*ready/).waitFor();
  },
  async 'a selection and its context menu'(wb) {
    await selectFunction(wb);
    await wb.editorLine('export function').click({ button: 'right' });
    await wb.page.getByRole('menuitem', { name: 'Send to Claude Session' }).waitFor();
  },
  async 'Send to Claude Session asks which session'(wb) {
    await wb.page.keyboard.press('Escape');
    await sendSelection(wb);
    await wb.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'helper' }).waitFor();
  },
  async 'the answer opens beside the code'(wb) {
    await wb.pick('helper');
    const text = await seesAnswer(wb);
    assert.match(text, /Demo agent/i);
  },
  async 'the job stands in the view as completed'(wb) {
    await wb.treeItem(/completed/).waitFor();
    await wb.treeItem(/completed/).hover();
  },
  async 'Attach in Terminal shows the agent'(wb) {
    await wb.treeAction(/^helper/, 'Attach in Terminal');
    await wb.terminalText('demo>');
  },
};
