// A background monitor: the window is closed with jobs pending, and all are done, and listed as new, when it opens again.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { repo } from '../harness/install.mjs';
import { commandLine, processesUnder } from '../harness/sandbox.mjs';
import { ended, until } from './jobs.mjs';

export const themes = ['dark', 'light', 'contrast'];

const pending = ['one', 'two', 'three', 'four', 'five'];

export async function setUp({ workspace }) {
  fs.writeFileSync(path.join(workspace, 'asks.md'), 'asks: a prompt.\n\ndemo-mode: permission\n');
  for (const name of pending) fs.writeFileSync(path.join(workspace, `${name}.md`), `${name}: a prompt.\n`);
  return { settings: { 'courier.monitor': 'background' } };
}

/** The `courier` command, outside of VS Code. */
function courier(wb, ...args) {
  const program = path.join(repo, 'dist/courier.js');
  const env = { ...process.env, ...wb.sandbox.env };
  return spawnSync(process.execPath, [program, ...args, '--dir', wb.workspace], { env, encoding: 'utf8' });
}

const runner = (wb) => JSON.parse(courier(wb, 'status', '--json').stdout).runner;
const extensionHosts = (wb) =>
  processesUnder(wb.sandbox.root).filter((pid) => /type=extensionHost/.test(commandLine(pid)));

async function send(wb, name) {
  await wb.openFile(`${name}.md`);
  await wb.command('Courier: Send to Claude Session');
  await wb.pick('main');
}

let address;

export const steps = {
  async 'a monitor runs the jobs, not the window'(wb) {
    await wb.openView('Courier');
    await wb.tryDemo();
    await wb.treeItem(/^main.*ready/).waitFor();
    assert.equal(runner(wb).kind, 'background');
  },
  async 'one job asks, five are pending behind it'(wb) {
    await send(wb, 'asks');
    await wb.treeItem(/^asks.*needs an answer/).waitFor();
    for (const name of pending) {
      await send(wb, name);
      await wb.treeItem(new RegExp(`^${name}.*pending`)).waitFor();
    }
  },
  async 'the window is closed; what asks is answered on the command line; all are done'(wb) {
    address = wb.page.url();
    await wb.page.goto('about:blank');
    for (const pid of extensionHosts(wb)) process.kill(pid, 'SIGKILL');
    await until(() => extensionHosts(wb).length === 0, 'the end of the extension host');
    const answered = courier(wb, 'answer', 'main', 'allow-once');
    assert.equal(answered.status, 0, answered.stderr);
    await until(() => ended(wb).length === 1 + pending.length, 'the end of all jobs');
    const ends = ended(wb).map((job) => `${job.source.path} ${job.status} ${job.attempts}`);
    assert.deepEqual(ends.sort(), ['asks', ...pending].map((name) => `${name}.md completed 1`).sort());
  },
  async 'it opens again: the answers are told of once, and stand as new in the view'(wb) {
    await wb.page.goto(address);
    await wb.toast('6 answers came while this window was closed.').waitFor({ timeout: 60_000 });
    await wb.openView('Courier');
    for (const name of ['asks', ...pending]) await wb.treeItem(new RegExp(`^${name}.*new answer`)).waitFor();
    assert.equal(await wb.editorTab(/task_output_/).count(), 0, 'none was opened by itself');
  },
  async 'an answer that was opened is new no more'(wb) {
    await wb.treeItem(/^three.*new answer/).click();
    await wb.editorTab(/task_output_/).waitFor();
    await wb.treeItem(/^three.*completed/).waitFor();
    await wb.treeItem(/^four.*new answer/).waitFor();
  },
  async 'without a monitor the status bar says so, and a click starts one'(wb) {
    await wb.command('Courier: Stop Monitor');
    const item = wb.page.locator('.statusbar-item').filter({ hasText: 'Courier' });
    await item.and(wb.page.locator('.warning-kind')).waitFor();
    await until(() => runner(wb) === null, 'the end of the monitor');
    await wb.shot('no monitor');
    await item.getByRole('button').click();
    await until(() => runner(wb)?.kind === 'background', 'a monitor');
    await item.and(wb.page.locator('.warning-kind')).waitFor({ state: 'detached' });
  },
};

export async function tearDown() {
  address = undefined;
}
