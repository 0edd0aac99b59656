// A folder of many sessions: a window first shows them as it last did, then as their files say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { repo } from '../harness/install.mjs';
import { until } from './jobs.mjs';

export const themes = ['dark', 'light', 'contrast'];

const sessions = 60;
const asLastShown = 'as it was last shown';
/** Another name than the usual one, which starts the extension before its view is opened: its files may be read by then. */
const directory = 'courier-state';

const write = `require(process.argv[1]).writeManySessions(process.argv[2], JSON.parse(process.argv[3]))`;

export async function setUp({ sandbox, workspace }) {
  const program = path.join(repo, 'out/test/support/manySessions.js');
  const how = JSON.stringify({ sessions, jobsOfEach: 3, directory });
  execFileSync(process.execPath, ['-e', write, program, workspace, how], { env: { ...process.env, ...sandbox.env } });
  fs.writeFileSync(path.join(workspace, 'late.md'), 'Tell what comes late\n');
  return {
    settings: { 'courier.openOutput': 'never', 'courier.defaultAgent': 'demo', 'courier.directory': directory },
  };
}

/** The file in which a window keeps how it showed the sessions, when it is there. */
function lastRowsFile({ sandbox }) {
  const folders = path.join(sandbox.env.XDG_STATE_HOME, 'tmux-courier/folders');
  const files = fs.readdirSync(folders).map((name) => path.join(folders, name, 'last_rows.json'));
  return files.find((file) => fs.existsSync(file));
}

/** Notes in each page that is opened from now on whether these words were ever shown. */
const noteWords = (page, words) =>
  page.addInitScript((wanted) => {
    const look = () => {
      if (document.querySelector('.part.sidebar')?.textContent.includes(wanted)) globalThis.wordsWereShown = true;
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  }, words);

export const steps = {
  async 'all sessions are listed, closed, and one opens to its jobs'(wb) {
    await wb.openView('Courier');
    await wb.treeItem(/^s-0.*stopped/).waitFor();
    assert.equal(await wb.treeItem(/^Find out why/).count(), 0, 'a job of a session that is closed');
    await wb.treeItem(/^s-1\b/).click();
    await wb.page.keyboard.press('ArrowRight');
    await wb.treeItem(/^Find out why.*completed/).waitFor();
  },
  async 'opened again, it first shows them as they were last shown, then as they are'(wb) {
    await until(() => lastRowsFile(wb), 'the file of the rows as they were last shown');
    const file = lastRowsFile(wb);
    const kept = JSON.parse(fs.readFileSync(file, 'utf8'));
    assert.equal(kept.sessions.length, sessions);
    // Something that only this file says.
    const address = wb.page.url();
    await wb.page.goto('about:blank');
    for (const { row } of kept.sessions) row.description = asLastShown;
    fs.writeFileSync(file, JSON.stringify(kept));
    await noteWords(wb.page, asLastShown);
    await wb.page.goto(address);
    await wb.tab('Courier').waitFor({ timeout: 60_000 });
    await wb.openView('Courier');
    await wb.treeItem(/^s-0.*stopped/).waitFor();
    assert.equal(await wb.page.evaluate(() => globalThis.wordsWereShown), true, 'the rows as they were last shown');
    assert.equal(await wb.treeItem(new RegExp(asLastShown)).count(), 0);
  },
  async 'a prompt goes to one of them'(wb) {
    await wb.openFile('late.md');
    await wb.command('Courier: Send to Claude Session');
    await wb.page.locator('.quick-input-widget input.input').fill('s-3');
    await wb.pick(/s-3\D/);
    await wb.treeItem(/^s-3\b.*ready · 1 new/).waitFor();
    await wb.shot('its answer is new below a session that is closed');
    await wb.treeItem(/^s-3\b/).click();
    await wb.page.keyboard.press('ArrowRight');
    await wb.treeItem(/^Tell what comes late.*(completed|new answer)/).waitFor();
  },
};
