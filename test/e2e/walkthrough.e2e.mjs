// The walkthrough: it opens from the view, its buttons do what they say, and each step that was done is checked off.
import fs from 'node:fs';
import path from 'node:path';
import { repo } from '../harness/install.mjs';
import { seesAnswer, selectFunction, sendSelection } from './sendSteps.mjs';

export const themes = ['dark', 'light', 'contrast'];

/** An agent of the person's own, in the place of Claude Code. */
export function setUp() {
  const args = [path.join(repo, 'test/fixtures/customAgent.mjs')];
  const own = { type: 'custom', title: 'Own Agent', command: process.execPath, args, ready_pattern: '^> $' };
  return { settings: { 'courier.agents': { own } } };
}

const step = (wb, id) => wb.page.locator(`.getting-started-step[data-step-id$="#${id}"]`);
const mark = (wb, id, checked) => wb.page.locator(`[data-done-step-id$="#${id}"][aria-checked="${checked}"]`).first();

/** What a step's picture says that it shows. */
const titleOf = (id) =>
  /<title>(.*)<\/title>/.exec(fs.readFileSync(path.join(repo, `media/walkthrough/${id}.svg`), 'utf8'))[1];

/** Opens a step, and waits for its picture. */
async function show(wb, id) {
  await step(wb, id).locator('.step-title').click();
  await step(wb, id).and(wb.page.locator('.expanded')).waitFor();
  const frame = wb.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  await frame
    .locator('svg > title')
    .filter({ hasText: titleOf(id) })
    .waitFor({ state: 'attached' });
  await frame.locator('svg').first().waitFor();
}

const press = (wb, id, name) => step(wb, id).getByRole('button', { name, exact: true }).click();

export const steps = {
  async 'the view has a link to it, and nothing is checked off'(wb) {
    await wb.openView('Courier');
    await wb.page.locator('.part.sidebar').getByRole('button', { name: 'Get Started', exact: true }).click();
    for (const id of ['setup', 'demo', 'agent', 'send', 'back']) await mark(wb, id, false).waitFor();
  },
  async 'Check Setup'(wb) {
    await show(wb, 'setup');
    await wb.shot('step setup');
    await press(wb, 'setup', 'Check Setup');
    await wb.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'tmux 3' }).waitFor();
    await wb.shot('what was checked');
    await wb.page.keyboard.press('Escape');
    await mark(wb, 'setup', true).waitFor();
  },
  async 'the Demo agent'(wb) {
    await show(wb, 'demo');
    await wb.shot('step demo');
    await mark(wb, 'demo', false).waitFor();
    await press(wb, 'demo', 'Try the Demo Agent');
    await wb.treeItem(/^main.*ready/).waitFor();
    await mark(wb, 'demo', true).waitFor();
    await mark(wb, 'agent', false).waitFor();
  },
  async 'an agent of one’s own'(wb) {
    await show(wb, 'agent');
    await wb.shot('step agent');
    await press(wb, 'agent', 'New Session');
    // By its name: with another program at work, a click on the last row was once taken for the first one's.
    const row = wb.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'Own Agent' });
    await row.waitFor();
    await wb.answer('Own Agent');
    await row.waitFor({ state: 'hidden' });
    await wb.answer('own');
    await wb.treeItem(/^own.*ready/).waitFor();
    await mark(wb, 'agent', true).waitFor();
  },
  async 'a selection that is sent and answered'(wb) {
    await show(wb, 'send');
    await wb.closeToasts();
    await wb.shot('step send');
    await mark(wb, 'send', false).waitFor();
    await selectFunction(wb);
    await sendSelection(wb);
    await wb.answer('main');
    await seesAnswer(wb);
    // With the answer beside it there is no room for its picture.
    await wb.command('View: Close All Editors');
    await wb.editorTab(/task_output_/).waitFor({ state: 'detached' });
    await wb.command('Courier: Get Started');
    await mark(wb, 'send', true).waitFor();
  },
  async 'the window is reloaded, and the session is there'(wb) {
    await show(wb, 'back');
    await wb.shot('step back');
    await mark(wb, 'back', false).waitFor();
    const gone = wb.page.waitForEvent('framenavigated', (frame) => frame === wb.page.mainFrame());
    await press(wb, 'back', 'Reload Window');
    await gone;
    await wb.openView('Courier');
    await wb.treeItem(/^main.*ready/).waitFor({ timeout: 60_000 });
    // By a command, which VS Code has before it has opened its editors again.
    await wb.command('Courier: Get Started');
    for (const id of ['setup', 'demo', 'agent', 'send', 'back']) await mark(wb, id, true).waitFor();
  },
  async 'Open Settings shows ours alone'(wb) {
    await wb.command('Courier: Open Settings');
    const editor = wb.page.locator('.settings-editor');
    await editor.getByText('@ext:tmux-courier.tmux-courier').first().waitFor();
    await editor.locator('.setting-item-label').filter({ hasText: 'Open Output' }).first().waitFor();
  },
};
