// The main job without a mouse: a session, a selection, its answer, the job, and the keys of the tree. Only the keyboard is used.
import assert from 'node:assert/strict';
import { ended, until } from './jobs.mjs';

export const themes = ['dark', 'light', 'contrast'];

/** Anything that Claude Code can be taken for, so that the view has its welcome. */
export const settings = { 'courier.agents': { claude: { command: process.execPath } } };

const mouseEvents = ['pointerdown', 'pointermove', 'wheel', 'touchstart'];

/** Counts what only a mouse or a finger does, in the page and in the frames that come. */
async function watchMouse(page) {
  const watch = (names) => {
    window.ofMouse = [];
    for (const name of names) window.addEventListener(name, () => window.ofMouse.push(name), { capture: true });
  };
  await page.evaluate(watch, mouseEvents);
  await page.addInitScript(watch, mouseEvents);
}

async function ofMouse(page) {
  const seen = await Promise.all(
    page.frames().map((frame) => frame.evaluate(() => window.ofMouse ?? []).catch(() => [])),
  );
  return seen.flat();
}

async function press(wb, ...keys) {
  for (const key of keys) await wb.page.keyboard.press(key);
}

const type = (wb, text) => wb.page.keyboard.type(text);

const input = (wb) => wb.page.locator('.quick-input-widget input.input:focus');
const chosen = (wb, text) => wb.page.locator('.quick-input-list .monaco-list-row.focused').filter({ hasText: text });

/** Types what a row of the quick pick that is open says, and takes it. */
async function take(wb, text) {
  await input(wb).waitFor();
  await type(wb, text);
  await chosen(wb, text).waitFor();
  await press(wb, 'Enter');
}

async function command(wb, title) {
  await press(wb, 'F1');
  await take(wb, title);
}

const focusedRow = (wb) => wb.page.locator('.part.sidebar .monaco-list:focus .monaco-list-row.focused');

/** Goes to the Courier view, and there to a row by the arrow keys. */
async function goTo(wb, name) {
  // Not "View: Show Courier", which takes the focus away from a view that has it.
  await command(wb, 'Focus on Sessions View');
  let before;
  await until(async () => {
    const row = focusedRow(wb);
    const label = (await row.count()) ? await row.getAttribute('aria-label') : null;
    if (label && name.test(label)) return true;
    await press(wb, label !== null && label === before ? 'Home' : 'ArrowDown');
    before = label;
    return false;
  }, `the keys to be at ${name}`);
}

/** In a menu that is open, goes to an item and takes it. */
async function takeItem(wb, name) {
  const item = wb.page.locator('.monaco-menu .action-item.focused').filter({ hasText: name });
  await wb.page.locator('.monaco-menu').first().waitFor();
  await until(async () => {
    if (await item.count()) return true;
    await press(wb, 'ArrowDown');
    return false;
  }, `the keys to be at ${name}`);
  await press(wb, 'Enter');
}

const jobPage = (wb) => wb.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
const dialog = (wb) => wb.page.locator('.monaco-dialog-box');

const byKeys = {
  async 'the view opens, and Tab goes to its next step'(wb) {
    await watchMouse(wb.page);
    // VS Code lists the commands that there are when it is asked.
    await wb.tab('Courier').waitFor();
    await command(wb, 'View: Show Courier');
    await wb.page.locator('.part.sidebar').getByRole('button', { name: 'New Session', exact: true }).waitFor();
    await until(async () => {
      if (await wb.page.evaluate(() => document.activeElement?.textContent === 'New Session')) return true;
      await press(wb, 'Tab');
      return false;
    }, 'the focus on New Session');
  },
  async 'a session is made'(wb) {
    await press(wb, 'Enter');
    await take(wb, 'Demo');
    await wb.page.getByText('A name for the session').waitFor();
    await input(wb).waitFor();
    await press(wb, 'ControlOrMeta+A');
    await type(wb, 'main');
    await press(wb, 'Enter');
    await wb.treeItem(/^main.*ready/).waitFor();
  },
  async 'a function is selected'(wb) {
    await press(wb, 'ControlOrMeta+P');
    await input(wb).waitFor();
    await type(wb, 'src/inventory.ts');
    await chosen(wb, 'inventory.ts').waitFor();
    await press(wb, 'Enter');
    await wb.editorLine('export function').waitFor();
    await wb.page.locator('.part.editor .monaco-editor.focused').waitFor();
    await press(wb, 'ControlOrMeta+Home', 'ArrowDown', 'ArrowDown');
    for (let i = 0; i < 4; i++) await press(wb, 'Shift+ArrowDown');
    await wb.page.getByText(/^Ln 7, Col 1 \(\d+ selected\)$/).waitFor();
  },
  async 'its key sends it to the session that is chosen'(wb) {
    await press(wb, 'Control+Shift+Alt+Enter');
    await take(wb, 'main');
    await wb.editorTab(/task_output_/).waitFor();
    await until(() => ended(wb).length === 1, 'the end of the job');
    const [job] = ended(wb);
    assert.deepEqual([job.status, job.source.path, job.source.start_line], ['completed', 'src/inventory.ts', 3]);
  },
  async 'Enter on the job opens its answer'(wb) {
    await command(wb, 'View: Close All Editors');
    await wb.editorTab(/task_output_/).waitFor({ state: 'detached' });
    await goTo(wb, /^export function.*job/);
    await press(wb, 'Enter');
    await wb.editorTab(/task_output_/).waitFor();
  },
  async 'its menu opens the job, and Tab goes through its page'(wb) {
    await goTo(wb, /^export function.*job/);
    await press(wb, 'Shift+F10');
    await takeItem(wb, 'Open Job');
    const back = jobPage(wb).getByRole('button', { name: /^src\/inventory\.ts:/ });
    await back.waitFor();
    await until(async () => {
      if (await back.evaluate((node) => node === document.activeElement)) return true;
      await press(wb, 'Tab');
      return false;
    }, 'the focus on the link to the lines');
    await wb.shot('focus in the page');
    await press(wb, 'Enter');
    await wb.page.getByText(/^Ln \d+, Col \d+ \(\d+ selected\)$/).waitFor();
  },
  async 'F2 renames the session'(wb) {
    await goTo(wb, /^main, session/);
    await press(wb, 'F2');
    await input(wb).waitFor();
    await press(wb, 'ControlOrMeta+A');
    await type(wb, 'stock');
    await press(wb, 'Enter');
    await wb.treeItem(/^stock, session/).waitFor();
  },
  async 'Delete asks, and Escape takes it back'(wb) {
    await goTo(wb, /^stock, session/);
    await press(wb, 'Delete');
    await dialog(wb).getByText('Delete the session "stock"?').waitFor();
    await wb.shot('the question');
    await press(wb, 'Escape');
    await dialog(wb).waitFor({ state: 'detached' });
    await wb.treeItem(/^stock, session/).waitFor();
  },
  async 'Delete and Enter delete it'(wb) {
    await goTo(wb, /^stock, session/);
    await press(wb, 'Delete');
    await dialog(wb).getByText('Delete the session "stock"?').waitFor();
    await press(wb, 'Enter');
    await wb.treeItem(/^stock, session/).waitFor({ state: 'detached' });
    await wb.page.getByText('There is no session yet.').first().waitFor();
  },
};

/** Each step, and that it used no mouse. */
const withoutMouse = Object.entries(byKeys).map(([name, step]) => [
  name,
  async (wb) => {
    await step(wb);
    assert.deepEqual(await ofMouse(wb.page), [], 'no mouse');
  },
]);

export const steps = {
  ...Object.fromEntries(withoutMouse),
  async 'a mouse that only moves would have been noticed'(wb) {
    await wb.page.mouse.move(700, 400);
    await until(async () => (await ofMouse(wb.page)).includes('pointermove'), 'the mouse to be noticed');
  },
};
