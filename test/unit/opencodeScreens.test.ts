import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { ScreenState } from '../../src/core/agents/agent';
import { readScreen } from '../../src/core/agents/opencodeScreen';

const screens = path.resolve('test/fixtures/screens/opencode');
const fixture = (name: string) => readFileSync(path.join(screens, `${name}.txt`), 'utf8');
/** The cursor stands where a text begins on the screen of a new conversation. */
const read = (text: string, cursor = '66,25'): ScreenState => readScreen({ text, title: 'OpenCode', cursor });
const behind = '87,25';
const inConversation = '5,44';
/** Where it stood when the screen was recorded, where not there. */
const cursors: Record<string, string> = {
  typed: behind,
  'api-error': inConversation,
  interrupted: inConversation,
  'ready-after-turn': inConversation,
  commands: '74,16',
};
const word = (state: ScreenState) => (state.kind === 'dialog' ? `dialog ${state.dialog.kind}` : state.kind);

/** What each recorded screen is. */
const expected: Record<string, string> = {
  'api-error': 'ready',
  commands: 'unknown',
  'exited-no-conversation': 'unknown',
  interrupted: 'ready',
  login: 'dialog login',
  'login-closed': 'dialog login',
  'permission-bash': 'dialog permission',
  ready: 'ready',
  'ready-after-turn': 'ready',
  retrying: 'working',
  typed: 'typed',
  working: 'working',
};

describe('screens of OpenCode', () => {
  for (const [name, what] of Object.entries(expected))
    it(`reads ${name} as ${what}`, () => assert.equal(word(read(fixture(name), cursors[name])), what));

  it('has no recorded screen that is not listed', () => {
    const names = readdirSync(screens).map((file) => file.replace(/\.txt$/, ''));
    assert.deepEqual(names.sort(), Object.keys(expected).sort());
  });

  it('reads what is typed, and nothing of the sidebar', () => {
    assert.deepEqual(read(fixture('typed'), behind), { kind: 'typed', text: 'Job x: read it and do it' });
  });

  it('shows what a permission is for, and presses no key for it', () => {
    const state = read(fixture('permission-bash'));
    assert.ok(state.kind === 'dialog');
    assert.match(state.dialog.text, /^△ Permission required\n← Access external directory \/var\/tmp\n/);
    assert.deepEqual(state.dialog.choices, []);
  });

  it('says that it has no provider, with the list of them open or closed, and presses no key for it', () => {
    for (const name of ['login', 'login-closed']) {
      const state = read(fixture(name));
      assert.ok(state.kind === 'dialog');
      assert.match(state.dialog.text, /\/connect/);
      assert.deepEqual(state.dialog.choices, []);
    }
  });

  it('takes what stands in an empty row for typed when the cursor is behind it', () => {
    assert.equal(read(fixture('ready'), behind).kind, 'typed');
    assert.equal(read(fixture('typed')).kind, 'unknown');
  });

  it('takes a screen without its footer for unknown', () => {
    assert.equal(read(fixture('ready').replace('ctrl+p', 'ctrl+k')).kind, 'unknown');
  });
});
