import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { UserState } from '../../src/core/store/userState';
import { waitFor } from '../support/waitFor';
import { closeEditors, courier, deleteSessions, file, jobs, Person, sessions, workspace } from './uiSupport';

/** A program that takes lines and does what they ask for; called with `mute`, it does nothing. */
const program = `while printf 'say 1> ' && read -r line; do
  answer=$(printf '%s' "$line" | sed -n 's/.*Write your answer to \\([^ ]*\\) and end.*/\\1/p')
  if [ -n "$answer" ] && [ "$1" != mute ]; then printf 'ready\\nand more\\n' > "$answer"; fi
done
`;

const agents = () => vscode.workspace.getConfiguration('courier').inspect('agents')?.globalValue;
const tryAgent = () => vscode.commands.executeCommand('courier.tryAgent');

describe('Try an Agent', function () {
  this.timeout(90_000);
  let person: Person;
  let script: string;

  before(async () => {
    script = (await file('tries/agent.sh', program)).fsPath;
    person = new Person();
    await deleteSessions(person);
    person.leave();
  });
  beforeEach(async () => {
    person = new Person();
    deletedBefore = await deletedNames();
  });
  afterEach(async () => {
    await deleteSessions(person);
    person.leave();
    await closeEditors();
    const configuration = vscode.workspace.getConfiguration('courier');
    await configuration.update('agents', undefined, vscode.ConfigurationTarget.Global);
    const written = async () => JSON.parse(await fs.readFile(UserState.fromEnvironment().config, 'utf8'));
    await waitFor(async () => Object.keys((await written()).agents).length === 0, { what: 'the settings as before' });
    await waitFor(async () => (await courier()).folders()[0]?.snapshot, { what: 'the folder' });
  });

  /** Answers the questions for lines in their order; each reply may look at what was asked. */
  const type = (...replies: ((options: vscode.InputBoxOptions) => unknown)[]) => {
    const rest = [...replies];
    person.answer('showInputBox', (options: vscode.InputBoxOptions) => rest.shift()?.(options));
  };
  const asked = () => person.of('showQuickPick').map(({ args }) => (args[1] as vscode.QuickPickOptions).placeHolder);
  const deletedNames = async () =>
    (await fs.readdir(path.join(await workspace(), '.courier/sessions/deleted')).catch(() => [])).sort();
  let deletedBefore: string[];
  const nothingIsLeft = async () => {
    assert.equal(agents(), undefined);
    assert.deepEqual(await sessions(), []);
    assert.deepEqual(await deletedNames(), deletedBefore);
  };

  it('starts it, proposes how it looks when it is ready, has it do a job, and saves what was found', async () => {
    const said: unknown[] = [];
    type(
      () => `/bin/sh "${script}"`,
      async ({ value = '', validateInput }) => {
        for (const one of [value, '^nothing like it$', '(']) said.push(await validateInput?.(one));
        return value;
      },
    );
    person.choose('nothing moved for 2 seconds', 'Save "sh"');
    await tryAgent();
    const { Info, Warning } = vscode.InputBoxValidationSeverity;
    assert.deepEqual(said, [
      { message: 'Now it is seen as ready.', severity: Info },
      { message: 'Now it is not seen as ready; its last row is "say 1>".', severity: Warning },
      'This is not a regular expression, or longer than 500 characters.',
    ]);
    assert.deepEqual(agents(), {
      sh: { type: 'custom', command: '/bin/sh', args: [script], ready_pattern: '^say \\d+>$', quiet_time_s: 2 },
    });
    assert.equal(asked()[1], 'It answered: ready');
    const [job] = await jobs();
    assert.deepEqual([job?.status, job?.agent, job?.inferred], ['completed', 'sh', true], job?.message);
    assert.match(String(person.of('showInformationMessage')[0]?.args[0]), /^"sh" is saved/);
  });

  it('leaves nothing behind when a question is escaped', async () => {
    type(
      () => `/bin/sh "${script}"`,
      () => undefined,
    );
    await tryAgent();
    assert.equal(person.of('showInputBox').length, 2);
    await nothingIsLeft();
  });

  it('says what did not work, asks again, and leaves nothing behind when it is discarded', async () => {
    const same = ({ value }: vscode.InputBoxOptions) => value;
    type(() => `/bin/sh "${script}" mute`, same, same);
    person.choose('for 2 seconds', 'Change how it is seen', 'for 2 seconds', 'Discard it');
    await tryAgent();
    assert.match(asked()[1] ?? '', /^The test job did not work: /);
    assert.equal(asked().length, 4);
    await nothingIsLeft();
  });

  it('has more of it changed while its session stays, and tries again with that', async () => {
    const same = ({ value }: vscode.InputBoxOptions) => value;
    type(
      () => `/bin/sh "${script}"`,
      same,
      () => 'C-j',
    );
    person.choose('for 2 seconds', 'Change more of it', 'Submit keys', 'Close', 'Save "sh"');
    await tryAgent();
    assert.deepEqual((agents() as Record<string, { submit_keys?: string[] }>).sh?.submit_keys, ['C-j']);
    assert.deepEqual(
      (await jobs()).map(({ status }) => status),
      ['completed', 'completed'],
    );
  });

  it('says why a program does not start, and leaves nothing behind', async () => {
    type(() => '/nonexistent/agent');
    await tryAgent();
    assert.match(String(person.of('showErrorMessage')[0]?.args[0]), /agent/);
    await nothingIsLeft();
  });
});
