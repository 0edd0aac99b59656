import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { commands } from 'vscode';
import { waitFor } from '../support/waitFor';
import { demoSession, firstRow, Person, sessions } from './uiSupport';

describe('Recover Session', () => {
  let person: Person;
  beforeEach(async () => {
    person = new Person();
    await demoSession();
  });
  afterEach(() => person.leave());

  const first = async () => (await sessions())[0]!.metadata;
  const isReady = () =>
    waitFor(async () => (await first()).state === 'ready', { what: 'a session that is ready', timeout: 30_000 });

  it('offers the four actions, the recommended one first, and does the one that is chosen', async () => {
    await isReady();
    const { ready_at } = await first();
    const offered: (vscode.QuickPickItem & { action?: string })[][] = [];
    const choose = await firstRow();
    person.answer('showQuickPick', (items: readonly (vscode.QuickPickItem & { action?: string })[]) => {
      offered.push([...items]);
      return choose(items);
    });
    await commands.executeCommand('courier.recoverSession');
    const actions = offered.at(-1)!;
    assert.deepEqual(
      actions.map(({ action }) => action),
      ['restart_claude', 'recreate', 'initialize', 'restart_tmux'],
    );
    assert.match(actions[0]!.description ?? '', /^recommended/);
    await waitFor(async () => (await first()).state === 'ready' && (await first()).ready_at !== ready_at, {
      what: 'a session that is ready anew',
      timeout: 30_000,
    });
    assert.deepEqual(person.of('showErrorMessage'), []);
  });

  it('does nothing when nothing is chosen', async () => {
    await isReady();
    const { ready_at } = await first();
    const choose = await firstRow();
    person.answer('showQuickPick', (items: readonly vscode.QuickPickItem[]) =>
      'session' in items[0]! ? choose(items) : undefined,
    );
    await commands.executeCommand('courier.recoverSession');
    assert.equal((await first()).ready_at, ready_at);
  });
});
