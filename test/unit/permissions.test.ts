import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { AgentEvent, Dialog } from '../../src/core/agents/agent';
import { Decisions } from '../../src/core/agents/decisions';
import { Permissions } from '../../src/core/sessions/permissions';
import { namesIn } from '../../src/core/store/userState';
import { FakeClock } from '../support/fakeClock';
import { makeTempDir, type TempDir } from '../support/tempDir';

type Permission = Extract<AgentEvent, { kind: 'permission' }>;
const wants = (command: string): Permission => ({
  kind: 'permission',
  what: `Bash: ${command}`,
  holds: command,
  yesOrNo: true,
});
const named = [
  { id: 'allow-once', label: 'Allow Once', keys: ['1'] },
  { id: 'deny', label: 'Deny', keys: ['3'] },
];
const onScreen = (words: string, choices: Dialog['choices'] = named): Dialog => ({
  kind: 'permission',
  text: `Bash command\n${words}\nDo you want to proceed?`,
  choices,
});
const working = { kind: 'working' } as const;
const shows = (dialog: Dialog) => ({ kind: 'dialog' as const, dialog });

describe('permissions', () => {
  let temp: TempDir;
  let clock: FakeClock;
  let permissions: Permissions;
  beforeEach(async () => {
    temp = await makeTempDir();
    clock = new FakeClock();
    permissions = new Permissions(
      { decisions: { 'allow-once': 'yes', deny: 'no' } },
      new Decisions(temp.path, clock),
      clock,
    );
  });
  afterEach(() => temp.remove());

  const hear = async (receipt: string, command: string, waits = true) => {
    if (waits) await fs.writeFile(path.join(temp.path, `${receipt}.waiting`), '');
    await permissions.hear(receipt, wants(command));
  };
  const waiting = async () => (await namesIn(temp.path)).map((name) => name.replace('.waiting', '')).sort();
  /** Decides as a hook that waits would be heard to take it. */
  const decides = async (dialog: Dialog, choice: string, screen: Dialog) => {
    const done = permissions.decide(dialog, choice, shows(screen));
    const file = path.join(temp.path, `${dialog.receipt}.json`);
    let text = '';
    while (text === '') text = await fs.readFile(file, 'utf8').catch(() => '');
    await fs.unlink(file);
    await clock.advance(100);
    assert.equal(await done, true);
    return text;
  };

  it('are shown by their receipt, have their keys when they are drawn, and go when the screen moves on', async () => {
    await hear('r1', 'npm test');
    const heard = permissions.heard!;
    assert.deepEqual([heard.receipt, heard.text, heard.choices[0]?.keys], ['r1', 'Bash: npm test', []]);
    assert.equal((await permissions.standing(working))?.receipt, 'r1', 'not drawn yet');
    const drawn = (await permissions.standing(shows(onScreen('npm test'))))!;
    assert.deepEqual([drawn.receipt, drawn.text, drawn.choices], ['r1', 'Bash: npm test', named]);
    assert.deepEqual(await waiting(), ['r1']);
    assert.equal(await permissions.standing(working), undefined);
    assert.deepEqual(await waiting(), [], 'its hook was let go');
    assert.equal(permissions.isOpen(drawn), false);
  });

  it('are let go when they are not drawn for long, and never while the screen is hidden', async () => {
    await hear('r1', 'npm test');
    const copy: Dialog = { kind: 'copy_mode', text: 'Somebody scrolls.', choices: [] };
    await clock.advance(60_000);
    assert.equal((await permissions.standing(shows(copy)))?.receipt, 'r1');
    await hear('r2', 'npm run x');
    assert.equal((await permissions.standing(working))?.receipt, 'r2');
    assert.deepEqual(await waiting(), ['r2']);
    assert.equal((await permissions.standing(shows(onScreen('npm run x'))))?.receipt, 'r2');
    await permissions.leaveAll();
    assert.deepEqual(await permissions.standing(shows(copy)), copy);
  });

  it('are shown one at a time, each with its own words', async () => {
    await hear('r1', 'first');
    await hear('r2', 'second');
    assert.equal((await permissions.standing(shows(onScreen('second'))))?.receipt, 'r2');
    assert.deepEqual(await waiting(), ['r1', 'r2']);
    assert.equal((await permissions.standing(shows(onScreen('first'))))?.receipt, 'r1');
    assert.deepEqual(await waiting(), ['r1']);
    const other = onScreen('a third, whose receipt is late');
    assert.equal(await permissions.standing(shows(other)), other);
    assert.deepEqual(await waiting(), []);
    await permissions.hear('r3', wants('a third'));
    const late = await permissions.standing(shows(other));
    assert.deepEqual([late?.receipt, late?.isShownAs?.(other.text)], ['r3', true]);
  });

  it('are decided by their own hook, also while the CLI draws the dialog of another one', async () => {
    await hear('r1', 'first');
    await hear('r2', 'second');
    const first = permissions.heard!;
    assert.equal(await decides(first, 'allow-once', onScreen('second')), 'yes\n');
    const second = (await permissions.standing(shows(onScreen('second'))))!;
    assert.equal(second.receipt, 'r2');
    assert.equal(await decides(second, 'deny', onScreen('second')), 'no\n');
  });

  it('stay when the dialog of one that is asked for later is drawn over them, also while they are decided', async () => {
    await hear('r1', 'first');
    const first = (await permissions.standing(shows(onScreen('first'))))!;
    await clock.advance(10);
    await hear('r2', 'second');
    assert.equal((await permissions.standing(shows(onScreen('second'))))?.receipt, 'r2');
    assert.deepEqual(await waiting(), ['r1', 'r2']);
    const second = permissions.standing(shows(onScreen('second')));
    assert.equal(await decides((await second)!, 'deny', onScreen('second')), 'no\n');
    assert.equal((await permissions.standing(working))?.receipt, 'r1', 'between two dialogs');
    assert.deepEqual((await permissions.standing(shows(onScreen('first'))))?.receipt, first.receipt);
    assert.deepEqual(await waiting(), ['r1']);
  });

  it('are decided once; the dialog that is still drawn is shown no more, unless the CLI goes on asking', async () => {
    await hear('r1', 'npm test');
    const screen = onScreen('npm test');
    const dialog = (await permissions.standing(shows(screen)))!;
    assert.equal(await permissions.decide(dialog, 'maybe', shows(screen)), false);
    assert.equal(await decides(dialog, 'deny', screen), 'no\n');
    assert.equal(permissions.heard, undefined);
    assert.equal(await permissions.standing(shows(screen)), undefined);
    assert.equal(await permissions.decide(dialog, 'allow-once', shows(screen)), false);
    await clock.advance(10_000);
    assert.equal(await permissions.standing(shows(screen)), screen);
  });

  it('are not decided when they were answered in the terminal', async () => {
    await hear('r1', 'npm test');
    const dialog = (await permissions.standing(shows(onScreen('npm test'))))!;
    assert.equal(await permissions.decide(dialog, 'allow-once', working), false);
    await hear('r2', 'npm test');
    assert.equal(await permissions.decide(dialog, 'allow-once', shows(onScreen('npm test'))), false);
    assert.deepEqual(await waiting(), ['r2'], 'nor is another one in its place');
  });

  it('have the keys of their dialog when no hook waits, under the same id', async () => {
    await hear('r0', 'npm test', false);
    assert.equal(permissions.heard, undefined, 'a receipt of which nobody waits proves no dialog');
    const dialog = (await permissions.standing(shows(onScreen('npm test'))))!;
    assert.deepEqual([dialog.receipt, dialog.text, dialog.choices], ['r0', 'Bash: npm test', named]);
    assert.equal(dialog.stands?.({ state: shows(onScreen('npm test')), text: '' }), true);
    assert.equal(dialog.stands?.({ state: shows(onScreen('npm test\nmore')), text: '' }), false);
    const raw = [{ id: 'go', label: 'Go', keys: ['1'] }];
    assert.deepEqual((await permissions.standing(shows(onScreen('npm test', raw))))?.choices, raw);
  });

  it('leave to the screen what a yes or no does not answer', async () => {
    await fs.writeFile(path.join(temp.path, 'q.waiting'), '');
    await permissions.hear('q', { ...wants('{}'), yesOrNo: false });
    assert.deepEqual(await waiting(), []);
    const question: Dialog = { kind: 'unknown', text: 'Which?', choices: [{ id: 'a', label: 'A', keys: ['1'] }] };
    assert.equal(await permissions.standing(shows(question)), question);
  });
});
