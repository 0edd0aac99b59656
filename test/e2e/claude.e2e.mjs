// The whole way with the real Claude Code, which talks to a pretended API on this machine.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { repo } from '../harness/install.mjs';
import { seesAnswer, selectFunction, sendSelection } from './sendSteps.mjs';

export const themes = ['dark', 'light', 'contrast'];

const require = createRequire(import.meta.url);
const support = (name) => require(path.join(repo, 'out/test/support', `${name}.js`));

let api;

/** Claude Code as a person has it who is logged in and has not trusted this folder yet. */
export async function setUp({ sandbox }) {
  const { installClaude, claudeHome, claudeEnv } = support('claudeCode');
  const { startMessagesApi } = support('messagesApi');
  const { answer, byMarker } = support('messagesTurns');
  const reply = (prompt) => `# About the selection\n\nIt has ${prompt.split('\n').length} lines in its prompt file.\n`;
  api = await startMessagesApi(byMarker({}, answer(reply)));
  const home = claudeHome(sandbox.dir('claude-home'));
  const env = claudeEnv({ home, apiUrl: api.url });
  return { settings: { 'courier.agents': { claude: { command: installClaude(), env } } } };
}

export async function tearDown() {
  await api?.stop();
}

/** The tree's row of the choice that trusts the folder. */
const choice = (wb) =>
  wb.page.locator('.part.sidebar').getByRole('button', { name: 'Answer: Yes, I trust this folder' });

export const steps = {
  async 'a selection is sent to a new Claude Code session'(wb) {
    await wb.openView('Courier');
    await selectFunction(wb);
    await sendSelection(wb);
    await wb.pick('Claude Code');
    await wb.treeItem(/^main/).waitFor();
  },
  async 'the trust question stands in the view with its choices'(wb) {
    await choice(wb).waitFor({ timeout: 60_000 });
  },
  async 'the named choice is pressed, and the answer opens beside the code'(wb) {
    await choice(wb).click();
    const text = await seesAnswer(wb);
    assert.match(text, /About the selection/);
  },
  async 'the instruction was taken once, and the pair is on disk'(wb) {
    await wb.treeItem(/completed/).waitFor();
    const [turn] = api.turns;
    assert.equal(api.turns.length, 1);
    assert.equal(api.taken(`Job ${turn.jobId}:`), 1);
    assert.equal(fs.statSync(turn.promptPath).mode & 0o777, 0o600);
    assert.match(fs.readFileSync(turn.promptPath, 'utf8'), /export function stockValue/);
    assert.match(fs.readFileSync(turn.outputPath, 'utf8'), /About the selection/);
  },
  async 'its conversation is listed as the one of the session'(wb) {
    await wb.command('Courier: Continue a Conversation…');
    const rows = wb.page.locator('.quick-input-list .monaco-list-row');
    await rows.filter({ hasText: 'already in session "main"' }).waitFor();
    assert.equal(await rows.count(), 1);
  },
  async 'choosing it makes no second session of it'(wb) {
    await wb.pick('already in session "main"');
    await wb.toast('It is in session "main" already, which runs.').waitFor();
    assert.equal(await wb.treeItem(/^main/).count(), 1);
  },
};
