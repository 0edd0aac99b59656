// A queue behind a running job: edited, moved by key and by mouse, paused, followed up, cancelled several at once.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { ended, until } from './jobs.mjs';
import { seesAnswer } from './sendSteps.mjs';

export const themes = ['light', 'dark', 'contrast'];

const sessionFile = (wb, id, name) => path.join(wb.workspace, '.courier/sessions/active', id, name);
const read = (file) => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined);
const queue = (wb, id = 'main') => read(sessionFile(wb, id, 'job_queue.json'))?.jobs ?? [];
const titles = (wb, id) => queue(wb, id).map((job) => job.title);
const isPaused = (wb, id = 'main') => read(sessionFile(wb, id, 'metadata.json'))?.paused_at !== undefined;
const hold = 'Hold the line';
const edited = 'TODO: edited. beta asks';
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const queued = (wb, wanted, id) =>
  until(
    () => same(titles(wb, id), wanted),
    () => `the queue ${wanted}, not ${titles(wb, id)}`,
  );

/** Drops a request into the inbox, as any program may. */
function request(wb, id, fields) {
  const inbox = path.join(wb.workspace, '.courier/inbox');
  fs.writeFileSync(path.join(inbox, `.${id}`), JSON.stringify({ version: '1.0', id, ...fields }));
  fs.renameSync(path.join(inbox, `.${id}`), path.join(inbox, `${id}.json`));
}
const send = (wb, id, prompt) => request(wb, id, { action: 'enqueue', session_id: 'main', prompt });

/** Waits until these rows stand below one another in this order: the view is drawn a moment after the queue is written. */
async function drawn(wb, ...rows) {
  const isDrawn = async () => {
    const boxes = await Promise.all(rows.map((row) => wb.treeItem(row).boundingBox()));
    return boxes.every((box, at) => box && (at === 0 || boxes[at - 1].y < box.y));
  };
  await until(isDrawn, `the rows ${rows.join(', ')} in this order`);
}

/** Drags a row onto another one, slowly enough for VS Code to see where it is; by way of a view's tab, which shows that view. */
async function drag(wb, from, to, tab) {
  const box = async (row) => (await row.boundingBox()) ?? assert.fail('a row is not shown');
  const a = await box(from);
  const { mouse } = wb.page;
  await mouse.move(a.x + 60, a.y + a.height / 2);
  await mouse.down();
  await mouse.move(a.x + 70, a.y + a.height / 2 + 4, { steps: 4 });
  if (tab) {
    const way = await box(tab);
    await mouse.move(way.x + way.width / 2, way.y + way.height / 2, { steps: 10 });
    await to.waitFor();
  }
  const b = await box(to);
  await mouse.move(b.x + 60, b.y + b.height / 2, { steps: 10 });
  await mouse.move(b.x + 64, b.y + b.height / 2, { steps: 4 });
  await mouse.up();
}

/** Selects rows as a person does who wants to do something with them: a plain click would open the first. */
async function select(wb, ...rows) {
  await wb.command('Courier: Focus on Sessions View');
  const selected = wb.page.locator('.part.sidebar [role=treeitem][aria-selected=true]');
  // The palette is gone before the view has the keyboard.
  await wb.page.locator('.part.sidebar .monaco-list:focus-within').waitFor();
  // VS Code may not know yet that the view has it, and then the key goes elsewhere.
  const nothing = async () => {
    if ((await selected.count()) === 0) return true;
    await wb.page.keyboard.press('Escape');
    return false;
  };
  await until(nothing, 'nothing to be selected');
  for (const row of rows) {
    await wb.treeItem(row).click({ modifiers: ['ControlOrMeta'] });
    await wb.treeItem(row).and(selected).waitFor();
  }
}

export const steps = {
  async 'three jobs wait behind one that runs'(wb) {
    await wb.openView('Courier');
    await wb.newSession();
    await wb.pick('Demo');
    await wb.answer('main');
    await wb.treeItem(/^main.*ready/).waitFor();
    send(wb, 'j-run', 'Hold the line\n\ndemo-mode: slow=600000\n');
    await until(() => queue(wb)[0]?.phase === 'working', 'the first job at work');
    for (const name of ['alpha', 'beta', 'gamma']) {
      send(wb, `j-${name}`, `${name} asks`);
      await wb.treeItem(new RegExp(`^${name} asks`)).waitFor();
    }
    await queued(wb, [hold, 'alpha asks', 'beta asks', 'gamma asks']);
  },
  async 'Edit Prompt opens the prompt file, and what is saved is taken'(wb) {
    await wb.treeAction(/^beta asks/, 'Edit Prompt');
    await wb.editorTab(/j-beta/).waitFor();
    await wb.editorLine('beta asks').waitFor();
    await wb.page.getByRole('button', { name: /Ln 10, Col 1/ }).waitFor();
    await wb.page.keyboard.type('TODO: edited. ');
    await wb.page.keyboard.press('ControlOrMeta+S');
    await queued(wb, [hold, 'alpha asks', edited, 'gamma asks']);
    await wb.treeItem(/^TODO: edited\. beta asks/).waitFor();
  },
  async 'a prompt that lost its marks is refused in words'(wb) {
    const { prompt_path } = queue(wb).find((job) => job.job_id === 'j-beta');
    const good = fs.readFileSync(path.join(wb.workspace, prompt_path), 'utf8');
    await wb.editorLine('beta asks').click();
    await wb.page.keyboard.press('ControlOrMeta+A');
    await wb.page.keyboard.type('nothing but this');
    await wb.page.keyboard.press('ControlOrMeta+S');
    await wb.toast(/was not taken.*lacks the two marks/).waitFor();
    // What was said of the text before is no longer true.
    assert.equal(await wb.page.locator('.statusbar-item', { hasText: 'will be sent as saved' }).count(), 0);
    await wb.shot('refused');
    // As any other program may put it right.
    fs.writeFileSync(path.join(wb.workspace, prompt_path), good);
    await wb.command('File: Revert File');
    await wb.editorLine('courier:prompt:end').waitFor();
    await wb.closeToasts();
  },
  async 'Alt+Up and Alt+Down move a job by a row'(wb) {
    await select(wb, /^alpha asks/);
    await wb.page.keyboard.press('Alt+ArrowUp');
    await queued(wb, [hold, edited, 'alpha asks', 'gamma asks']);
    await select(wb, /^gamma asks/);
    await wb.page.keyboard.press('Alt+ArrowDown');
    await queued(wb, [hold, edited, 'gamma asks', 'alpha asks']);
  },
  async 'a job is dragged to another place'(wb) {
    await drawn(wb, /^alpha asks/, /^gamma asks/, /beta asks/);
    await drag(wb, wb.treeItem(/^alpha asks/), wb.treeItem(/beta asks/));
    await queued(wb, [hold, 'alpha asks', edited, 'gamma asks']);
  },
  async 'a file that is dragged onto a session is sent'(wb) {
    await wb.openFile('src/item.ts');
    await wb.openView('Courier');
    await drag(wb, wb.editorTab('item.ts'), wb.treeItem(/^main/));
    await until(() => queue(wb).some((job) => job.source?.path === 'src/item.ts'), 'the job of the file');
    request(wb, 'r-item', { action: 'cancel', job_id: queue(wb).find((job) => job.source?.path).job_id });
    await queued(wb, [hold, 'alpha asks', edited, 'gamma asks']);
  },
  async 'and so is one that is dragged from the Explorer'(wb) {
    await wb.openView('Explorer');
    await drag(wb, wb.treeItem(/^README\.md/), wb.treeItem(/^main/), wb.tab('Courier'));
    await until(() => queue(wb).some((job) => job.source?.path === 'README.md'), 'the job of the file');
    request(wb, 'r-readme', { action: 'cancel', job_id: queue(wb).find((job) => job.source?.path).job_id });
    await queued(wb, [hold, 'alpha asks', edited, 'gamma asks']);
  },
  async 'a session is paused, and so is each job by key'(wb) {
    await wb.contextMenu(wb.treeItem(/^main/), 'Pause Session');
    await wb.treeItem(/^main.*paused/).waitFor();
    assert.equal(isPaused(wb), true);
    await select(wb, /^gamma asks/);
    await wb.page.keyboard.press('Alt+p');
    await wb.treeItem(/^gamma asks.*paused/).waitFor();
  },
  async 'a running job gets a follow-up, right behind it'(wb) {
    await wb.contextMenu(wb.treeItem(/^Hold the line/), /Send Follow-Up/);
    await wb.answer('and then this');
    await queued(wb, [hold, 'and then this', 'alpha asks', edited, 'gamma asks']);
  },
  async 'a job is dragged to another session'(wb) {
    await wb.command('Courier: New Session…');
    await wb.pick('Demo');
    await wb.answer('other');
    await wb.treeItem(/^other.*ready/).waitFor();
    await drag(wb, wb.treeItem(/^gamma asks/), wb.treeItem(/^other/));
    await queued(wb, ['gamma asks'], 'other');
    await queued(wb, [hold, 'and then this', 'alpha asks', edited]);
    await wb.treeItem(/^No jobs yet/).waitFor({ state: 'detached' });
  },
  async 'in a side bar of 250 px'(wb) {
    await wb.widen(250);
  },
  async 'several are cancelled at once'(wb) {
    await select(wb, /^alpha asks/, /beta asks/);
    await wb.contextMenu(wb.treeItem(/^alpha asks/), 'Cancel Job');
    await queued(wb, [hold, 'and then this']);
    assert.equal(ended(wb).filter((job) => job.status === 'cancelled').length, 4);
    await wb.treeItem(/^alpha asks.*cancelled/).waitFor();
  },
  async 'Resume All Sessions lets all go on'(wb) {
    await wb.contextMenu(wb.treeItem(/^Hold the line/), 'Cancel Job');
    await until(() => queue(wb).length === 1 && queue(wb)[0].status === 'pending', 'the follow-up still waits');
    await wb.command('Courier: Resume All Sessions');
    assert.match(await seesAnswer(wb), /Demo agent/i);
    await until(() => queue(wb).length === 0, 'the end of the follow-up');
    assert.equal(isPaused(wb), false);
  },
  async 'several sessions are deleted with one question'(wb) {
    await select(wb, /^main/, /^other/);
    await wb.page.keyboard.press('Delete');
    await wb.page.locator('.monaco-dialog-box').filter({ hasText: 'Delete 2 sessions?' }).waitFor();
    await wb.shot('the question');
    await wb.dialogButton('Delete');
    await wb.page.getByText('There is no session yet.').waitFor();
  },
  async 'one message tells of both, and its Undo brings them back'(wb) {
    const toasts = wb.page.locator('.notification-toast');
    const told = toasts.filter({ hasText: '2 sessions are deleted.' });
    await told.getByRole('button', { name: 'Undo' }).click();
    for (const row of [/^main.*stopped/, /^other.*stopped/]) await wb.treeItem(row).waitFor();
    await wb.page.getByText('There is no session yet.').first().waitFor({ state: 'hidden' });
    assert.equal(await toasts.filter({ hasText: 'deleted' }).count(), 0);
  },
};
