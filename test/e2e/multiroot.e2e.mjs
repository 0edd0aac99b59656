// A workspace of two root folders: each has a .courier of its own, and a prompt goes to the one that its file is in.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { ended, until } from './jobs.mjs';

export const themes = ['dark', 'light', 'contrast'];

const roots = {};

export async function setUp({ sandbox, workspace }) {
  roots.inventory = { workspace };
  roots.shop = { workspace: sandbox.dir('shop') };
  for (const [name, root] of Object.entries(roots)) {
    fs.writeFileSync(path.join(root.workspace, `${name}.md`), `${name}: a prompt.\n`);
  }
  const open = path.join(sandbox.dir('both'), 'both.code-workspace');
  const folders = Object.values(roots).map((root) => ({ path: root.workspace }));
  fs.writeFileSync(open, JSON.stringify({ folders }));
  return { open };
}

/** Sends a root's file to a new session with the Demo agent, which is its first. */
async function send(wb, name) {
  await wb.openFile(`${name}.md`);
  await wb.command('Courier: Send to Claude Session');
  await wb.pick('Demo');
}

export const steps = {
  async 'a prompt goes to the folder that its file is in'(wb) {
    await wb.openView('Courier');
    await wb.page.getByRole('button', { name: 'Try the Demo Agent' }).waitFor();
    await send(wb, 'shop');
    await until(() => ended(roots.shop).length === 1, 'the end of the job in shop');
    assert.ok(!fs.existsSync(path.join(roots.inventory.workspace, '.courier')), 'the other folder is left alone');
  },
  async 'each folder has its own sessions, under its name'(wb) {
    await send(wb, 'inventory');
    await until(() => ended(roots.inventory).length === 1, 'the end of the job in inventory');
    for (const [name, root] of Object.entries(roots)) {
      const [job, ...more] = ended(root);
      assert.deepEqual([job.status, job.source.path, more.length], ['completed', `${name}.md`, 0]);
      await wb.treeItem(new RegExp(`^${name}, folder`)).waitFor();
      await wb.treeItem(new RegExp(`^${name}: a prompt.*job, (completed|new)`)).waitFor();
    }
    const ids = Object.values(roots).map((root) => fs.readFileSync(path.join(root.workspace, '.courier/folder.json')));
    assert.notEqual(JSON.parse(ids[0]).folder_id, JSON.parse(ids[1]).folder_id);
  },
};
