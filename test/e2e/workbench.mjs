// One VS Code with the packaged extension installed, in a sandbox, and what a person does in it by mouse and keyboard.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { repo, which } from '../harness/install.mjs';
import { copySample, makeSandbox } from '../harness/sandbox.mjs';
import { runCli, startServer, workbenchUrl } from '../harness/server.mjs';
import { hearPage, readLogs } from './complaints.mjs';

const contrast = { contrast: 'Default High Contrast' };
const oldThemes = { dark: 'Default Dark Modern', light: 'Default Light Modern', ...contrast };
const newThemes = { dark: 'Dark 2026', light: 'Light 2026', ...contrast };
const classes = { dark: 'vs-dark', light: 'vs', contrast: 'hc-black' };
const themes = which === 'oldest' ? oldThemes : newThemes;

/** What VS Code gives its side bar in a window of 1400 px, and what each picture is taken with: what matters has to be in it. */
const sideBarWidth = 300;

/** Where screenshots and the logs of failures go. */
export const outputDir = path.join(repo, 'test/.output', which);

/** VS Code ignores the mouse for a menu's first 100 ms: a plain click on an item is lost about every other time. */
const menuClick = { delay: 150 };

/** Whether what is waited for came in time. */
const came = (wait) =>
  wait.then(
    () => true,
    () => false,
  );

/**
 * Does something until what it leads to is there: a row or button that is drawn anew at that moment loses what is done to it.
 * `limit` and `last` are milliseconds for each try and for the third one, which throws; `missed` may end it by returning true.
 */
async function untilShown(act, shown, { limit, last, missed }) {
  for (let tries = 3; ; tries--) {
    await act();
    const shows = shown.waitFor({ timeout: tries > 1 ? limit : last });
    if (tries === 1) return shows;
    if ((await came(shows)) || (await missed?.())) return;
  }
}

/** The page helpers: each acts through what a person sees, by role and name. */
function pageHelpers(page) {
  const input = page.locator('.quick-input-widget input.input');
  const row = (label) => page.locator('.quick-input-list .monaco-list-row').filter({ hasText: label }).first();
  const toast = (text) => page.locator('.notification-toast .notification-list-item').filter({ hasText: text });
  /**
   * Types into the quick pick that a key opens, and takes the row with this label by keys: rows that come and go lose clicks. It
   * closes when something that was under way takes the keyboard; then it is opened again.
   */
  const enter = async (key, text, label) => {
    const isAt = page.locator('.quick-input-list .monaco-list-row.focused').filter({ hasText: label });
    for (let tries = 3; ; tries--) {
      await page.keyboard.press(key);
      const limit = { timeout: tries > 1 ? 10_000 : 60_000 };
      const found = (async () => {
        await input.fill(text, limit);
        await row(label).waitFor(limit);
        for (let rows = 0; rows < 10 && !(await isAt.isVisible()); rows++) await input.press('ArrowDown', limit);
        await isAt.waitFor(limit);
      })();
      if (tries === 1) await found;
      if (await came(found)) break;
      await page.keyboard.press('Escape');
    }
    await input.press('Enter');
  };
  const helpers = {
    /** The activity bar's tab of a view container. */
    tab: (name) => page.getByRole('tab', { name }),
    /** Shows a view container; a click on the one that is shown would hide it. */
    async openView(name) {
      const tab = helpers.tab(name);
      const title = page.locator('.part.sidebar .composite.title').filter({ hasText: name });
      await tab.waitFor();
      // A window that still restores what it showed may take a click for the second one.
      for (let tries = 3; ; tries--) {
        if (!(await title.isVisible()) && (tries < 3 || (await tab.getAttribute('aria-selected')) !== 'true'))
          await tab.click();
        const shown = title.waitFor({ timeout: 5000 });
        if (tries === 0) return shown;
        if (await came(shown)) return;
      }
    },
    /** A row of a tree in the side bar, by the start of its name or a pattern. */
    treeItem: (name) => page.locator('.part.sidebar').getByRole('treeitem', { name }).first(),
    /** Clicks an inline action of a tree row. */
    async treeAction(name, action) {
      const item = helpers.treeItem(name);
      await item.hover();
      await item.getByRole('button', { name: action }).click();
    },
    /** Opens the context menu of what a locator finds and clicks one of its items. */
    async contextMenu(locator, item, options = {}) {
      const entry = page.getByRole('menuitem', { name: item });
      const open = () => locator.click({ button: 'right', ...options });
      const missed = () => page.keyboard.press('Escape');
      await untilShown(open, entry, { limit: 5000, last: 20_000, missed });
      await entry.click(menuClick);
    },
    /** Clicks a button of the view's welcome until what it leads to is there, or the button is not. */
    async begin(button, shown) {
      const welcome = page.locator('.part.sidebar').getByRole('button', { name: button, exact: true });
      const missed = async () => !(await welcome.isVisible());
      await untilShown(() => welcome.click(), shown, { limit: 15_000, last: 40_000, missed });
    },
    /** The Demo agent's session, by the welcome's button. */
    tryDemo: () => helpers.begin('Try the Demo Agent', helpers.treeItem(/^main/)),
    /** The choice of an agent for a new session, by the welcome's button. */
    newSession: () => helpers.begin('New Session', input),
    /** The tooltip of what a locator finds, with these words. */
    async tooltip(locator, words) {
      const hover = page.locator('.workbench-hover, .monaco-hover').filter({ hasText: words });
      const comeAgain = async () => {
        await page.mouse.move(900, 500);
        await locator.hover();
      };
      await untilShown(comeAgain, hover, { limit: 10_000, last: 40_000 });
      return hover;
    },
    /** Runs a command from the palette, by its title. */
    async command(title) {
      await enter('F1', `>${title}`, title);
    },
    /** Runs a command that asks, and waits for this row; what was under way in a window that has just changed may close its list. */
    commandThatAsks: (title, asked) => untilShown(() => helpers.command(title), asked, { limit: 15_000, last: 60_000 }),
    /** Chooses a row of the quick pick that is open. */
    async pick(label) {
      await row(label).click();
    },
    /** Fills the input box that is open and presses Enter. */
    async answer(text) {
      await input.waitFor();
      await input.fill(text);
      await input.press('Enter');
    },
    /** Opens a file of the workspace by its path. */
    async openFile(file) {
      await enter('ControlOrMeta+P', file, path.basename(file));
      await helpers.editorTab(path.basename(file)).waitFor();
    },
    /** An editor's tab. */
    editorTab: (name) => page.locator('.part.editor').getByRole('tab', { name }),
    /** A line of an open editor that holds this text. */
    editorLine: (text) => page.locator('.monaco-editor .view-line').filter({ hasText: text }).first(),
    /** A notification. */
    toast,
    /** Clicks a notification's button. */
    async toastButton(text, button) {
      await toast(text).hover();
      await toast(text).getByRole('button', { name: button }).click();
    },
    /** The words in the places where something goes wrong: side bar, notifications, quick pick, dialog, tabs. */
    async seen() {
      const places = {
        'side bar': '.part.sidebar .monaco-list-rows, .part.sidebar .welcome-view-content',
        notifications: '.notification-toast .notification-list-item-message',
        'quick pick': '.quick-input-widget:visible',
        dialog: '.monaco-dialog-box',
        tabs: '.part.editor .tab',
        'status bar': '.statusbar-item:has-text("Courier")',
      };
      const texts = await Promise.all(
        Object.entries(places).map(async ([place, css]) => [place, await page.locator(css).allInnerTexts()]),
      );
      return texts.flatMap(([place, found]) => (found.length ? [`${place}: ${found.join(' | ')}`] : [])).join('; ');
    },
    /** Closes all notifications. */
    async closeToasts() {
      await helpers.command('Notifications: Clear All Notifications');
      await page.locator('.notification-toast').first().waitFor({ state: 'detached' });
    },
    /** Clicks a button of a modal dialog. */
    dialogButton: (name) => page.locator('.monaco-dialog-box').getByRole('button', { name }).click(),
    /** Waits until a terminal shows this text. */
    terminalText: (text) => page.locator('.xterm-rows').filter({ hasText: text }).first().waitFor(),
    /** Types into the terminal that is shown. */
    async typeInTerminal(text) {
      await page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
      await page.keyboard.type(text);
    },
  };
  return helpers;
}

/** The side bar, which stays as wide as it is at first or as a step made it. */
function sideBarOf(page) {
  const part = page.locator('.part.sidebar');
  let width = sideBarWidth;
  /** That it is so wide, where one is shown. */
  async function check() {
    const found = (await part.isVisible()) ? (await part.boundingBox())?.width : undefined;
    assert.equal(found ?? width, width, 'the width of the side bar');
  }
  /** Makes it as wide as that, by its sash. */
  async function widen(wanted) {
    const box = await part.boundingBox();
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width, y);
    await page.mouse.down();
    await page.mouse.move(box.x + wanted, y, { steps: 8 });
    await page.mouse.up();
    width = wanted;
    await check();
  }
  return { check, widen };
}

/** Copies what explains a failure: the server's log and the logs of VS Code and of the extensions. */
function keepLogs(server, serverDataDir, target) {
  fs.rmSync(target, { recursive: true, force: true });
  fs.mkdirSync(target, { recursive: true });
  fs.cpSync(server.logFile, path.join(target, 'server.log'));
  const logs = path.join(serverDataDir, 'data/logs');
  if (fs.existsSync(logs)) fs.cpSync(logs, path.join(target, 'logs'), { recursive: true });
}

/**
 * Opens VS Code on a fresh copy of the sample project. `setUp({sandbox, workspace})` runs before it starts and may return
 * `{settings, env, args, open}` for it; `open` is a folder or .code-workspace file other than that copy. Returns the page helpers, `page`, `workspace`, `sandbox`, `widen(px)`,
 * `shot(name)`, which fails when the side bar has another width, and `close()`, which resolves with what was found against our extension.
 */
export async function openWorkbench({ browser, vsix, theme = 'dark', settings = {}, trust = false, setUp, name }) {
  const sandbox = makeSandbox();
  let server;
  let context;
  let heard = [];
  const serverDataDir = sandbox.dir('server');
  const saveLogs = () => keepLogs(server, serverDataDir, path.join(outputDir, `${name}-${theme}-logs`));
  const close = async () => {
    await context?.close().catch(() => {});
    await server?.stop();
    // Not before: an extension may also fail at its end.
    const found = [...heard, ...readLogs(path.join(serverDataDir, 'data/logs'))];
    if (found.length > 0) saveLogs();
    sandbox.close();
    return found;
  };
  try {
    const dirs = { serverDataDir, extensionsDir: sandbox.dir('extensions') };
    const workspace = copySample(repo, sandbox.dir('inventory'));
    const made = (await setUp?.({ sandbox, workspace })) ?? {};
    const env = { ...sandbox.env, ...made.env };
    const installed = runCli(['--install-extension', vsix], { ...dirs, env });
    assert.equal(installed.status, 0, `${installed.stdout}${installed.stderr}`);
    server = await startServer({
      ...dirs,
      env,
      args: made.args,
      trust,
      settings: {
        'workbench.colorTheme': themes[theme],
        'terminal.integrated.gpuAcceleration': 'off', // so that a terminal's text is in the page
        'window.dialogStyle': 'custom',
        ...settings,
        ...made.settings,
      },
    });
    context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    const page = await context.newPage();
    heard = hearPage(page);
    page.setDefaultTimeout(90_000); // on a busy machine VS Code alone takes half a minute to start
    await page.goto(workbenchUrl(server, { folder: made.open ?? workspace }), { timeout: 120_000 });
    await page.locator(`.monaco-workbench.${classes[theme]}`).waitFor({ timeout: 120_000 });
    fs.mkdirSync(outputDir, { recursive: true });
    const sideBar = sideBarOf(page);
    await page.locator('.part.sidebar').waitFor();
    await sideBar.check();
    const shot = async (step) => {
      await page.screenshot({ path: path.join(outputDir, `${name}-${theme}-${step.replace(/\W+/g, '-')}.png`) });
      await sideBar.check();
    };
    return { ...pageHelpers(page), page, workspace, sandbox, theme, widen: sideBar.widen, shot, saveLogs, close };
  } catch (e) {
    await close();
    throw e;
  }
}
