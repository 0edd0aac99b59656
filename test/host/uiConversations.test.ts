import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { identityOf } from '../../src/core/support/processIdentity';
import { recordedIds, storeLive, storeRecorded } from '../support/storedClaude';
import { codexIds, storeCodex, storeLock } from '../support/storedCodex';
import { geminiFolder, storeGemini } from '../support/storedGemini';
import { waitFor } from '../support/waitFor';
import { deleteSessions, Person, sessions, workspace } from './uiSupport';

describe('Continue a Conversation', () => {
  let person: Person;
  let config: string;
  let codexHome: string;
  let geminiHome: string;
  let folder: string;
  const run = () => vscode.commands.executeCommand('courier.continueConversation');
  const rows = () => person.of('showQuickPick').at(-1)?.args[0] as vscode.QuickPickItem[];
  const withIt = async () =>
    (await sessions()).filter(({ metadata }) => metadata.conversation_id === recordedIds.terminal);
  const runs = async (procStart?: string) =>
    storeLive(config, folder, { pid: process.pid, sessionId: recordedIds.terminal, procStart });
  beforeEach(async () => {
    person = new Person();
    folder = await workspace();
    config = path.join(process.env.HOME!, '.claude');
    codexHome = path.join(process.env.HOME!, '.codex');
    geminiHome = path.join(process.env.HOME!, '.gemini');
    for (const dir of [config, codexHome, geminiHome]) await fs.rm(dir, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const dir of [config, codexHome, geminiHome]) await fs.rm(dir, { recursive: true, force: true });
    await deleteSessions(person);
    person.leave();
  });

  it('says so where there is none', async () => {
    await run();
    assert.match(String(person.of('showInformationMessage')[0]?.args[0]), /no conversation of this folder/);
    assert.equal(person.of('showQuickPick').length, 0);
  });

  it('lists what the CLI keeps, and goes on in a session that has it; later in that session itself', async () => {
    await storeRecorded(config, folder, 'courier');
    await storeRecorded(config, folder, 'terminal');
    await runs('1');
    person.answer('showQuickPick', (items: readonly vscode.QuickPickItem[]) =>
      items.find(({ detail }) => detail === 'begun in a terminal'),
    );
    await run();
    const details = rows().map(({ label, detail }) => `${label}: ${detail}`);
    assert.deepEqual(details.sort(), [
      'A test: begun by Tmux Courier, in a session that is gone or for one job',
      'A test: begun in a terminal',
    ]);
    assert.deepEqual(person.of('showWarningMessage'), []);
    const [made] = await waitFor(async () => ((await withIt()).length > 0 ? withIt() : undefined), {
      what: 'a session with the conversation',
    });
    assert.deepEqual([made?.metadata.name, made?.metadata.agent], ['A test', 'claude']);

    person.answer('showQuickPick', (items: readonly vscode.QuickPickItem[]) =>
      items.find(({ detail }) => detail?.startsWith('already in session "A test"')),
    );
    await run();
    assert.ok(rows().some(({ detail }) => detail?.startsWith('already in session "A test"')));
    assert.equal((await withIt()).length, 1);
    assert.equal((await sessions()).length, 1);
  });

  it('names the agent of each where several keep some, and goes on with the one that is chosen', async () => {
    await storeRecorded(config, folder, 'terminal');
    await storeCodex(codexHome, folder, 'terminal');
    await storeLock(codexHome, codexIds.exec);
    await storeGemini(await geminiFolder(geminiHome, folder), folder, 'program');
    person.answer('showQuickPick', (items: readonly vscode.QuickPickItem[]) =>
      items.find(({ description }) => description?.endsWith(' · Codex')),
    );
    await run();
    const agents = rows().map(({ label, description }) => `${label}: ${description?.replace(/^.* · /, '')}`);
    assert.deepEqual(agents.sort(), [
      'A test: Claude Code',
      'A test: Gemini CLI',
      'Remember the word pineapple please.: Codex',
    ]);
    const ofGemini = rows().find(({ description }) => description?.endsWith(' · Gemini CLI'));
    assert.equal(ofGemini?.detail, 'begun in a terminal, or by another program');
    assert.deepEqual(person.of('showWarningMessage'), []);
    const made = () => sessions().then((all) => all.filter(({ metadata }) => metadata.agent === 'codex'));
    await waitFor(async () => (await made()).length === 1, { what: 'a session of Codex' });
    assert.equal((await made())[0]?.metadata.conversation_id, codexIds.terminal);
  });

  it('warns when it still runs elsewhere, and when that is not known; Escape leaves all as it is', async () => {
    await storeRecorded(config, folder, 'terminal');
    const start = (await identityOf(process.pid)).start_time;
    assert.ok(start, 'a process that can be told from others');
    const asked = [/still runs elsewhere/, /not known whether/];
    person.answer('showQuickPick', (items: readonly vscode.QuickPickItem[]) => items[0]);
    for (const [i, procStart] of [start, undefined].entries()) {
      await runs(procStart);
      await run();
      const [message, options, button] = person.of('showWarningMessage')[i]?.args ?? [];
      assert.match(String(message), asked[i]!);
      assert.deepEqual([(options as vscode.MessageOptions).modal, button], [true, 'Continue Anyway']);
      assert.equal((await sessions()).length, 0);
    }
    await runs(start);
    person.answer('showWarningMessage', () => 'Continue Anyway');
    await run();
    await waitFor(async () => (await withIt()).length === 1, { what: 'a session with the conversation' });
  });
});
