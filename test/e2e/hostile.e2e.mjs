// A clone that means harm: untrusted it runs nothing, trusted it waits to be adopted, and its words stay words.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { repo } from '../harness/install.mjs';
import { socketsUnder } from '../harness/sandbox.mjs';

export const themes = ['dark', 'light', 'contrast'];
export const trust = true;
export const settings = {
  'security.workspace.trust.startupPrompt': 'never',
  'workbench.editor.useModal': 'off', // newer than 1.100
};

/** What is refused before the folder is adopted. */
export const expected = [/was not made on this machine, so nothing was sent/];

const name = '$(bug) [Allow](command:workbench.action.terminal.new)';

export function setUp({ workspace }) {
  const time = '2026-11-22T10:00:00.000Z';
  const put = (file, value) => {
    const full = path.join(workspace, file);
    fs.mkdirSync(path.dirname(full), { recursive: true });
    fs.writeFileSync(full, typeof value === 'string' ? value : JSON.stringify(value));
  };
  const program = path.join(workspace, 'program.sh');
  put('program.sh', `#!/bin/sh\ntouch '${workspace}/ran'\n`);
  fs.chmodSync(program, 0o755);
  const agents = { demo: { type: 'custom', command: program }, claude: { command: program } };
  put('.vscode/settings.json', { 'courier.tmuxPath': program, 'courier.agents': agents });
  put('.courier/folder.json', { version: '1.0', folder_id: 'f-clone', created_at: time });
  const session = { version: '1.0', session_id: 'main', name, created_at: time, agent: 'demo', epoch: 1 };
  put('.courier/sessions/active/main/metadata.json', { ...session, state: 'ready', tmux_session: 'courier_main' });
  put('.courier/inbox/j-1.json', { version: '1.0', id: 'j-1', action: 'enqueue', session_id: 'main', prompt: 'x' });
  put('.courier/templates/harm.md', `---\ntitle: ${name}\n---\n$\{clipboard}\n`);
  put('asks.md', 'A prompt.\n\ndemo-mode: permission\n');
}

/** Whether anything of ours was begun, or anything of the clone's was run. */
function begun(wb) {
  const { XDG_STATE_HOME: state, XDG_RUNTIME_DIR: run } = wb.sandbox.env;
  return [
    ...socketsUnder(path.join(run, `tmux-courier-${process.getuid()}`)),
    ...(fs.existsSync(path.join(state, 'tmux-courier/folders')) ? ['folders'] : []),
    ...(fs.existsSync(path.join(wb.workspace, 'ran')) ? ['ran'] : []),
    ...(fs.existsSync(path.join(wb.workspace, '.courier/inbox/j-1.json')) ? [] : ['a request']),
  ];
}

export const steps = {
  async 'untrusted: nothing runs, and there is no view'(wb) {
    await wb.page.getByText('Restricted Mode').first().waitFor();
    await wb.command('Developer: Show Running Extensions');
    const running = wb.page.locator('.runtime-extensions-editor .monaco-list-row');
    await running.first().waitFor();
    assert.equal(await running.filter({ hasText: 'Tmux Courier' }).count(), 0);
    assert.equal(await wb.tab('Courier').count(), 0);
    assert.deepEqual(begun(wb), []);
    assert.equal(fs.existsSync(path.join(wb.sandbox.env.XDG_STATE_HOME, 'tmux-courier')), false);
  },
  async 'trusted: it is shown, and runs nothing before it is adopted'(wb) {
    await wb.page.locator('.statusbar-item').filter({ hasText: 'Restricted Mode' }).click();
    await wb.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
    await wb.page.locator('.statusbar-item').filter({ hasText: 'Restricted Mode' }).waitFor({ state: 'detached' });
    await wb.openView('Courier');
    await wb.treeItem(/was not made on this machine/).waitFor();
    await wb.treeItem(/not adopted/).waitFor();
    await wb.command('Courier: Send with Template…');
    await wb.toast('nothing was sent').waitFor();
    assert.equal(await wb.page.locator('.quick-input-widget:visible').count(), 0, 'no template is offered');
    assert.deepEqual(begun(wb), []);
  },
  async 'adopted: what came along does not run by itself, and its words are words'(wb) {
    await wb.treeItem(/was not made on this machine/).click();
    await wb.dialogButton('Adopt');
    const row = wb.treeItem(/stopped . demo/);
    await row.waitFor();
    assert.ok((await row.innerText()).includes(name), await row.innerText());
    assert.equal(await row.locator('.codicon-bug').count(), 0);
    const env = { ...process.env, ...wb.sandbox.env };
    const args = [path.join(repo, 'dist/courier.js'), 'send', 'asks.md', '--session', 'main', '--dir', wb.workspace];
    const sent = spawnSync(process.execPath, args, { env, cwd: wb.workspace, encoding: 'utf8' });
    assert.equal(sent.status, 0, sent.stderr);
    const toast = wb.toast('needs your permission');
    await toast.waitFor();
    const words = toast.locator('.notification-list-item-message');
    assert.ok((await words.innerText()).includes('$(bug) [Allow] (command:'), await words.innerText());
    assert.equal(await words.locator('a').count(), 0, 'no link');
    const offered = wb.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'Allow' }).first();
    await wb.commandThatAsks('Courier: Stop Session', offered);
    assert.ok((await offered.innerText()).includes('$(bug) [Allow]'), await offered.innerText());
    assert.equal(await offered.locator('.codicon-bug').count(), 0);
    await wb.shot('the sessions to choose from');
    await wb.page.keyboard.press('Escape');
    const template = wb.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'sends the clipboard' });
    await wb.commandThatAsks('Courier: Send with Template…', template);
    assert.ok((await template.innerText()).includes('$(bug) [Allow]'), await template.innerText());
    assert.equal(await template.locator('.codicon-bug').count(), 0);
    const isCut = await template.evaluate((node) => {
      const line = node.querySelector('.quick-input-list-label-meta .monaco-icon-label-container');
      return !line.textContent.startsWith('sends the clipboard') || line.scrollWidth > line.clientWidth;
    });
    assert.equal(isCut, false, 'what it sends is seen beside a long title');
    await wb.shot('the templates to choose from');
    await wb.page.keyboard.press('Escape');
    assert.equal(fs.existsSync(path.join(wb.workspace, 'ran')), false, 'no program of the clone was run');
  },
};
