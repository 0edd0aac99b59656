import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { ScreenState } from '../../src/core/agents/agent';
import { readScreen } from '../../src/core/agents/geminiScreen';

const screens = path.resolve('test/fixtures/screens/gemini');
const fixture = (name: string) => readFileSync(path.join(screens, `${name}.txt`), 'utf8');

/** The title, which stands padded to 80 columns; in what is not listed here nothing waits and nothing works. */
const titles: Record<string, string> = {
  working: '✦  Working… (work)',
  'working-typed': '✦  Working… (work)',
  'permission-bash': '✋  Action Required (work)',
  'permission-edit': '✋  Action Required (work)',
  exited: '',
  'exited-no-conversation': '',
};
const titleOf = (name: string) => (titles[name] ?? '◇  Ready (work)').padEnd(80);

const read = (text: string, title = titleOf('ready')): ScreenState => readScreen({ text, title, cursor: '0,0' });
const readFixture = (name: string) => read(fixture(name), titleOf(name));
const word = (state: ScreenState) => (state.kind === 'dialog' ? `dialog ${state.dialog.kind}` : state.kind);

function dialog(name: string, text = fixture(name)) {
  const state = read(text, titleOf(name));
  assert.ok(state.kind === 'dialog');
  return state.dialog;
}

/** What each recorded screen is. */
const expected: Record<string, string> = {
  'api-error': 'ready',
  'ctrl-c': 'ready',
  'esc-again': 'ready',
  exited: 'unknown',
  'exited-no-conversation': 'unknown',
  interrupted: 'ready',
  login: 'dialog login',
  'login-key-set': 'dialog login',
  'permission-bash': 'dialog permission',
  'permission-denied': 'ready',
  'permission-edit': 'dialog permission',
  ready: 'ready',
  'ready-after-turn': 'ready',
  'ready-colors-yolo': 'ready',
  'ready-manual': 'ready',
  resumed: 'ready',
  'shell-mode': 'unknown',
  shortcuts: 'ready',
  'slash-menu': 'unknown',
  starting: 'unknown',
  trust: 'dialog trust',
  'trust-early': 'unknown',
  typed: 'typed',
  'typed-colors': 'typed',
  'typed-long': 'typed',
  untrusted: 'dialog trust',
  working: 'working',
  'working-typed': 'working',
};

describe('screens of Gemini CLI', () => {
  for (const [name, what] of Object.entries(expected))
    it(`reads ${name} as ${what}`, () => assert.equal(word(readFixture(name)), what));

  it('has no recorded screen that is not listed', () => {
    const names = readdirSync(screens).map((file) => file.replace(/\.txt$/, ''));
    assert.deepEqual(names.sort(), Object.keys(expected).sort());
  });

  it('sees a turn by the title, whatever the screen says, and takes no input row for ready without one', () => {
    for (const name of ['ready', 'typed', 'working']) {
      assert.equal(read(fixture(name), titleOf('working')).kind, 'working');
      assert.equal(read(fixture(name), titleOf('permission-bash')).kind, name === 'working' ? 'working' : 'unknown');
    }
    assert.equal(read(fixture('ready'), 'Gemini CLI (work)').kind, 'unknown');
  });

  it('reads a line that goes over several rows as one', () => {
    const state = readFixture('typed-long');
    assert.ok(state.kind === 'typed');
    assert.match(state.text, /^Job \S+: read .* and write your answer to \S+, then end your turn$/);
  });

  it('answers a permission by the digit of its own choice and by Esc, and shows what is asked for', () => {
    for (const name of ['permission-bash', 'permission-edit'])
      assert.deepEqual(
        dialog(name).choices.map(({ id, keys }) => [id, ...keys]),
        [
          ['allow-once', '1'],
          ['deny', 'Escape'],
        ],
      );
    assert.match(dialog('permission-bash').text, /touch \/home\/user\/made\nAllow execution of \[Shell\]\?$/);
    assert.match(dialog('permission-edit').text, /o5\.md\n1 Done\.\nApply this change\?$/);
    const renamed = fixture('permission-bash').replace('3. No, suggest changes (esc)', '3. No, and go on        ');
    assert.deepEqual(dialog('permission-bash', renamed).choices, []);
  });

  it('offers to trust a folder only when the CLI has read its configuration, and nothing where it is not trusted', () => {
    assert.deepEqual(dialog('trust').choices, [{ id: 'trust', label: 'Trust folder (work)', keys: ['1'] }]);
    assert.deepEqual(dialog('untrusted').choices, []);
    assert.match(fixture('trust-early'), /● 1\. Trust folder/);
  });

  it('says how a turn ended of which the receipt is the same, until the next line is taken', () => {
    const turn = (text: string) => {
      const state = read(text);
      return state.kind === 'ready' ? state.turn : undefined;
    };
    for (const name of ['ready', 'ready-after-turn', 'resumed']) assert.equal(turn(fixture(name)), undefined);
    assert.equal(turn(fixture('interrupted'))?.kind, 'interrupted');
    assert.equal(turn(fixture('permission-denied'))?.kind, 'interrupted');
    assert.deepEqual(turn(fixture('api-error')), {
      kind: 'failed',
      message: '{"error":{"code":400,"message":"scripted 400","status":"invalid_request_error"}}',
    });
    // After the error it went on, and then it said something.
    const on = fixture('api-error').replace(/^( {2}Executing Hooks)/m, '✦ The answer is written.\n$1');
    assert.equal(turn(on), undefined);
    const next = fixture('api-error').replace(/^( {2}Executing Hooks)/m, ' > Job j-9: read it\n$1');
    assert.equal(turn(next), undefined);
  });
});
