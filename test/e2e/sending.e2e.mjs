// All that is sent from elsewhere than a selection: templates, problems, staged changes, prompts written here, several files.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ended, until } from './jobs.mjs';
import { selectFunction } from './sendSteps.mjs';

export const themes = ['dark', 'light', 'contrast'];
export const settings = { 'courier.openOutput': 'never' };

const agents = { reviewer: 'Reviews code', 'read-only': 'Looks, and changes nothing' };

export function setUp({ workspace, sandbox }) {
  const git = (...args) => execFileSync('git', args, { cwd: workspace, env: { ...process.env, ...sandbox.env } });
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '-q', '-m', 'first');
  fs.writeFileSync(path.join(workspace, 'src/broken.ts'), 'export const count: string = 1;\n');
  git('add', 'src/broken.ts');
  fs.mkdirSync(path.join(workspace, '.claude/agents'), { recursive: true });
  for (const [name, description] of Object.entries(agents)) {
    const tools = name === 'read-only' ? 'tools: Read, Grep\n' : '';
    const text = `---\nname: ${name}\ndescription: ${description}\n${tools}---\nYou review.\n`;
    fs.writeFileSync(path.join(workspace, '.claude/agents', `${name}.md`), text);
  }
}

/** Waits until so many jobs have ended, and returns the newest one's prompt. */
async function sent(wb, count) {
  await until(() => ended(wb).length >= count, `the end of job ${count}`);
  const job = ended(wb)[count - 1];
  assert.equal(job.status, 'completed', JSON.stringify(job));
  const text = fs.readFileSync(path.join(wb.workspace, job.prompt_path), 'utf8');
  return text.split('<!-- courier:prompt:begin -->\n')[1].split('\n<!-- courier:prompt:end -->')[0];
}

const row = (wb, text) => wb.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();

const problemAction = (wb) => wb.page.locator('.action-widget').getByText('Send Problem to Claude Session');

export const steps = {
  async 'New Session offers the agents that Claude Code has of its own'(wb) {
    await wb.openView('Courier');
    await wb.newSession();
    await wb.pick('Claude Code');
    await row(wb, 'reviewer').waitFor();
    await row(wb, 'has no Write tool').waitFor();
  },
  async 'Send with Template shows what there is and what it sends'(wb) {
    await wb.page.keyboard.press('Escape');
    await wb.command('Courier: Try the Demo Agent');
    await wb.treeItem(/^main.*ready/).waitFor();
    await selectFunction(wb);
    await wb.contextMenu(wb.editorLine('export function'), /^Send with Template/, { position: { x: 40, y: 8 } });
    await row(wb, 'Review this code').waitFor();
    await row(wb, 'sends the text · asks').waitFor();
  },
  async 'a template asks for its input'(wb) {
    await wb.pick('Review this code');
    await wb.page.getByText('What to look at').waitFor();
  },
  async 'a template is filled and sent'(wb) {
    await wb.answer('names');
    await wb.pick('main');
    assert.match(
      await sent(wb, 1),
      /from src\/inventory\.ts \(typescript, lines [\d-]+\)\.\n\nWhat to look at: names\n/,
    );
  },
  async 'a problem offers to be sent'(wb) {
    await wb.openFile('src/broken.ts');
    await wb.page.locator('.squiggly-error').first().waitFor({ timeout: 60_000 });
    await wb.editorLine('count').click({ position: { x: 100, y: 8 } });
    await wb.page.keyboard.press('Home');
    for (let i = 0; i < 'export const c'.length; i++) await wb.page.keyboard.press('ArrowRight');
    // VS Code asks for actions with the problems that it knew when the cursor came: who asks at once may get none.
    for (let tries = 4; ; tries--) {
      await wb.page.keyboard.press('ControlOrMeta+.');
      const offered = problemAction(wb).waitFor({ timeout: 5000 });
      if (tries === 0) return offered;
      const there = await offered.then(
        () => true,
        () => false,
      );
      if (there) return;
    }
  },
  async 'the problem is sent with its line'(wb) {
    const action = problemAction(wb);
    // What keeps a click from an action that has just come up goes when the mouse moves.
    await action.hover({ force: true });
    await action.click();
    await wb.pick('main');
    assert.match(
      await sent(wb, 2),
      /\nsrc\/broken\.ts:1:14: error: Type 'number'.*\n[\s\S]*Line 1 of src\/broken\.ts:/,
    );
  },
  async 'the staged changes have it in their menu'(wb) {
    await wb.openView('Source Control');
    const group = wb.treeItem(/^Staged Changes/);
    await group.waitFor({ timeout: 60_000 });
    await group.click({ button: 'right' });
    await wb.page.getByRole('menuitem', { name: /^Send Staged Changes/ }).waitFor();
  },
  async 'the staged changes are sent'(wb) {
    await wb.page.getByRole('menuitem', { name: /^Send Staged Changes/ }).click({ delay: 150 });
    await wb.answer('Review what is staged.');
    await wb.pick('main');
    assert.match(
      await sent(wb, 3),
      /^Review what is staged\.\n\n```diff\ndiff --git a\/src\/broken\.ts b\/src\/broken\.ts\n/,
    );
  },
  async 'Write a Prompt opens an editor with a Send button'(wb) {
    await wb.openView('Courier');
    await wb.treeItem(/^Review what is staged/).waitFor();
    await wb.contextMenu(wb.treeItem(/^main/), /^Write a Prompt/);
    await wb.editorTab(/^prompt-/).waitFor();
    await wb.page.keyboard.type('Say what the sample does.');
    await wb.page
      .locator('.part.editor')
      .getByRole('button', { name: /^Send Prompt/ })
      .waitFor();
  },
  async 'Ctrl+Enter sends the prompt and closes its editor'(wb) {
    await wb.page.keyboard.press('ControlOrMeta+Enter');
    assert.equal(await sent(wb, 4), 'Say what the sample does.');
    await wb.editorTab(/^prompt-/).waitFor({ state: 'detached' });
    assert.equal(await wb.page.getByRole('button', { name: /^Send Prompt/ }).count(), 0);
  },
  async 'several files may be one job'(wb) {
    await wb.openView('Explorer');
    await wb.treeItem(/^README\.md/).click();
    await wb.treeItem(/^tsconfig\.json/).click({ modifiers: ['ControlOrMeta'] });
    await wb.contextMenu(wb.treeItem(/^tsconfig\.json/), 'Send to Claude Session');
    await row(wb, 'One job for all files').waitFor();
    await row(wb, 'One job for each file').waitFor();
  },
  async 'several files are sent as one job'(wb) {
    await wb.pick('One job for all files');
    await wb.pick('main');
    const text = await sent(wb, 5);
    for (const name of ['README.md', 'tsconfig.json']) assert.ok(text.includes(`## ${name}\n\n\`\`\``), text);
  },
  async 'or as one job each'(wb) {
    await wb.contextMenu(wb.treeItem(/^tsconfig\.json/), 'Send to Claude Session');
    await wb.pick('One job for each file');
    await wb.pick('main');
    await sent(wb, 7);
    const sources = ended(wb)
      .slice(5)
      .map((job) => job.source.path);
    assert.deepEqual(sources, ['README.md', 'tsconfig.json']);
  },
};
