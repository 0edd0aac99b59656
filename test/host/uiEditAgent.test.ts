import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as vscode from 'vscode';
import { UserState } from '../../src/core/store/userState';
import { waitFor } from '../support/waitFor';
import { Person } from './uiSupport';

const configuration = () => vscode.workspace.getConfiguration('courier');
const said = () => configuration().inspect<Record<string, unknown>>('agents')?.globalValue;
const set = (agents: unknown) => configuration().update('agents', agents, vscode.ConfigurationTarget.Global);
const editAgent = () => vscode.commands.executeCommand('courier.editAgent');

describe('Edit an Agent', () => {
  let person: Person;
  let refused: unknown[];

  beforeEach(() => {
    person = new Person();
    refused = [];
  });
  afterEach(async () => {
    person.leave();
    await set(undefined);
    const written = async () => JSON.parse(await fs.readFile(UserState.fromEnvironment().config, 'utf8'));
    await waitFor(async () => Object.keys((await written()).agents).length === 0, { what: 'the settings as before' });
  });

  /** Types lines, each after those before it were tried and should be refused. */
  const type = (...lines: (string | undefined | [wrong: string, right: string])[]) =>
    person.answer('showInputBox', async ({ validateInput }: vscode.InputBoxOptions) => {
      const next = lines.shift();
      const [wrong, right] = Array.isArray(next) ? next : [undefined, next];
      if (wrong !== undefined) refused.push(await validateInput?.(wrong));
      if (right !== undefined) assert.equal(await validateInput?.(right), undefined, right);
      return right;
    });
  const rows = (nth: number) => person.of('showQuickPick')[nth]?.args[0] as vscode.QuickPickItem[];

  it('changes one thing after the other, each saved at once, and refuses what the setting would not take', async () => {
    await set({ 'my-agent': { type: 'custom', command: 'agent', args: ['--x', 'a b'] }, demo: { env: { A: '1' } } });
    person.choose(
      'my-agent',
      'Command',
      'Environment',
      'Ready',
      'Submit keys',
      'Quiet time',
      'Interrupt key',
      'Escape',
      'Close',
    );
    type(['', "agent --y 'c d' e"], ['A', 'A=1 "B=2 3"'], ['(', '^> $'], ['Enter;', 'M-m Enter'], ['much', '2.5']);
    await editAgent();
    assert.deepEqual(said(), {
      'my-agent': {
        type: 'custom',
        command: 'agent',
        args: ['--y', 'c d', 'e'],
        env: { A: '1', B: '2 3' },
        ready_pattern: '^> $',
        submit_keys: ['M-m', 'Enter'],
        quiet_time_s: 2.5,
        interrupt_key: 'Escape',
      },
      demo: { env: { A: '1' } },
    });
    assert.equal(refused.length, 5);
    for (const words of refused) assert.match(String(words), /needed|NAME=value|regular expression|Keys are/);
    assert.deepEqual(
      rows(0).map(({ label }) => label),
      ['my-agent'],
    );
    assert.equal(rows(1)[0]?.description, 'agent --x "a b"');
    assert.equal(rows(2)[0]?.description, 'agent --y "c d" e');
  });

  it('adds, changes and removes dialogs, and takes out what was emptied', async () => {
    const ready_pattern = '^>';
    await set({ mine: { type: 'custom', command: 'agent', ready_pattern } });
    person.choose('mine', 'Dialogs', 'Ready', 'Close');
    type('sure\\?$', ['Yes = Return', 'Yes, do it = y Enter; No = Escape'], '');
    await editAgent();
    const choices = [
      { id: 'yes-do-it', label: 'Yes, do it', keys: ['y', 'Enter'] },
      { id: 'no', label: 'No', keys: ['Escape'] },
    ];
    assert.deepEqual(said(), {
      mine: { type: 'custom', command: 'agent', dialogs: [{ pattern: 'sure\\?$', choices }] },
    });
    assert.match(String(refused), /Keys are/);
    person.choose('mine', 'Dialogs', 'sure', 'Close');
    type('certain$', 'No = n');
    await editAgent();
    const [dialog] = (said()!.mine as { dialogs: unknown[] }).dialogs;
    assert.deepEqual(dialog, { pattern: 'certain$', choices: [{ id: 'no', label: 'No', keys: ['n'] }] });
    person.choose('mine', 'Dialogs', 'certain', 'Close');
    type('');
    await editAgent();
    assert.deepEqual(said(), { mine: { type: 'custom', command: 'agent' } });
  });

  it('changes nothing when a question is escaped', async () => {
    const before = { mine: { type: 'custom', command: 'agent' } };
    await set(before);
    person.choose('mine', 'Ready', 'Close');
    type(undefined);
    await editAgent();
    assert.deepEqual(said(), before);
    assert.deepEqual(person.of('showErrorMessage'), []);
  });

  it('says where to begin when there is none, and what is to be mended when it is not taken', async () => {
    await set({ demo: { env: { A: '1' } } });
    await editAgent();
    assert.match(String(person.of('showInformationMessage')[0]?.args[0]), /no agent of your own/);
    await set({ broken: { type: 'custom', command: 'agent', dialogs: 'no' } });
    person.choose('broken');
    await editAgent();
    await waitFor(() => person.of('showErrorMessage').length === 1, { what: 'the error' });
    assert.match(String(person.of('showErrorMessage')[0]?.args[0]), /"broken" is not taken/);
  });
});
