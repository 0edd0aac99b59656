import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { waitFor } from '../support/waitFor';
import { Person, sessions, workspace } from './uiSupport';

const run = (command: string, ...args: unknown[]) => vscode.commands.executeCommand(`courier.${command}`, ...args);

describe('naming, archiving and clearing away', () => {
  let person: Person;
  let id: string;
  const here = async () => (await sessions()).find((session) => session.metadata.session_id === id);
  const comes = () => waitFor(here, { what: 'the session is there' });
  const goes = () => waitFor(async () => !(await here()), { what: 'the session is gone' });
  const archived = async () => fs.readdir(path.join(await workspace(), '.courier/sessions/deleted'));

  beforeEach(async () => {
    person = new Person();
    const before = new Set((await sessions()).map((session) => session.metadata.session_id));
    await run('tryDemo');
    const made = async () => (await sessions()).find((session) => !before.has(session.metadata.session_id));
    id = (await waitFor(made, { what: 'a new session' })).metadata.session_id;
  });

  afterEach(async () => {
    if (await here()) {
      person.answer('showWarningMessage', () => 'Delete');
      person.answer('showInformationMessage', () => undefined);
      person.choose(id);
      await run('deleteSession');
      await goes();
    }
    person.leave();
  });

  /** Makes the person choose our session by its name wherever one is asked for. */
  const choose = async () => {
    const name = (await here())?.metadata.name ?? id;
    person.answer('showQuickPick', (items: readonly vscode.QuickPickItem[]) =>
      items.find(({ label }) => label === name),
    );
  };

  it('renames a session, whose id stays', async () => {
    await choose();
    person.answer('showInputBox', () => '  Another name ');
    await run('renameSession');
    await waitFor(async () => (await here())?.metadata.name === 'Another name', { what: 'the name' });
    person.answer('showInputBox', () => id);
    await choose();
    await run('renameSession');
    await waitFor(async () => (await here())?.metadata.name === id, { what: 'its old name' });
    assert.deepEqual(person.of('showErrorMessage'), []);
  });

  it('brings a deleted session back by Undo', async () => {
    await choose();
    person.answer('showWarningMessage', () => 'Delete');
    person.answer('showInformationMessage', (_message: string, button: string) => button);
    await run('deleteSession');
    await waitFor(async () => (await here())?.metadata.state === 'stopped', { what: 'the session is back, stopped' });
    assert.deepEqual(person.of('showErrorMessage'), []);
  });

  it('restores a deleted session from the list, and purges one only after a modal yes', async () => {
    await choose();
    person.answer('showWarningMessage', () => 'Delete');
    await run('deleteSession');
    await goes();
    let described = '';
    person.answer('showQuickPick', (items: readonly vscode.QuickPickItem[]) => {
      const item = items.find(({ label }) => label === id);
      described = item?.description ?? '';
      return item;
    });
    await run('restoreSession');
    await comes();
    assert.match(described, /^deleted \d\d:\d\d · 0 jobs · demo$/);

    await run('deleteSession');
    await goes();
    const before = await archived();
    person.answer('showWarningMessage', () => undefined);
    await run('purgeSession');
    assert.deepEqual(await archived(), before);
    const [, options] = person.of('showWarningMessage').at(-1)!.args as [string, vscode.MessageOptions];
    assert.equal(options.modal, true);
    person.answer('showWarningMessage', () => 'Remove for Good');
    await run('purgeSession');
    assert.equal((await archived()).length, before.length - 1);
    assert.deepEqual(person.of('showErrorMessage'), []);
  });

  it('lists what can be cleaned up before it removes it', async () => {
    const half = path.join(await workspace(), '.courier/inbox/.r-0123456789ab.json');
    await fs.writeFile(half, '{');
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
    await fs.utimes(half, hoursAgo, hoursAgo);
    let listed: readonly vscode.QuickPickItem[] = [];
    person.answer('showQuickPick', (items: readonly vscode.QuickPickItem[]) => {
      listed = items;
      return undefined;
    });
    await run('cleanUp');
    assert.match(
      listed.map(({ label, detail }) => `${label} ${detail}`).join(),
      /temporary files .*\.r-0123456789ab\.json/,
    );
    assert.equal(await fs.readFile(half, 'utf8'), '{', 'Escape removes nothing');
    person.answer('showQuickPick', (items: readonly unknown[]) => items);
    await run('cleanUp');
    await assert.rejects(fs.stat(half), /ENOENT/);
    assert.match(String(person.of('showInformationMessage').at(-1)?.args[0]), /^Clean Up: \d+ removed\.$/);
  });

  it('collects diagnostics and says where they are', async () => {
    let told = '';
    person.answer('showInformationMessage', (message: string) => {
      told = message;
      return undefined;
    });
    await run('collectDiagnostics');
    const file = /are in (\S+\.zip)\./.exec(told)?.[1];
    assert.ok(file, told);
    assert.equal((await fs.readFile(file)).subarray(0, 2).toString(), 'PK');
    await fs.rm(file);
  });
});
