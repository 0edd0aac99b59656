import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { ScreenState } from '../../src/core/agents/agent';
import { readScreen } from '../../src/core/agents/codexScreen';

const screens = path.resolve('test/fixtures/screens/codex');
const fixture = (name: string) => readFileSync(path.join(screens, `${name}.txt`), 'utf8');
const read = (text: string, title = 'folder'): ScreenState => readScreen({ text, title, cursor: '0,0' });
const word = (state: ScreenState) => (state.kind === 'dialog' ? `dialog ${state.dialog.kind}` : state.kind);

/** What each recorded screen is. */
const expected: Record<string, string> = {
  'agents-center': 'unknown',
  'api-error': 'ready',
  'esc-again': 'ready',
  exited: 'unknown',
  'exited-no-conversation': 'unknown',
  'hooks-review': 'dialog trust',
  interrupted: 'ready',
  login: 'dialog login',
  'open-elsewhere': 'dialog unknown',
  'permission-bash': 'dialog permission',
  'permission-denied': 'ready',
  ready: 'ready',
  'ready-after-turn': 'ready',
  resumed: 'ready',
  'slash-menu': 'typed',
  trust: 'dialog trust',
  typed: 'typed',
  'typed-long': 'typed',
  warnings: 'unknown',
  working: 'working',
  'working-typed': 'working',
};

describe('screens of Codex', () => {
  for (const [name, what] of Object.entries(expected))
    it(`reads ${name} as ${what}`, () => assert.equal(word(read(fixture(name))), what));

  it('has no recorded screen that is not listed', () => {
    const names = readdirSync(screens).map((file) => file.replace(/\.txt$/, ''));
    assert.deepEqual(names.sort(), Object.keys(expected).sort());
  });

  it('sees a turn by the spinner of the title, whatever the screen says', () => {
    for (const name of ['ready', 'typed', 'working']) assert.equal(read(fixture(name), '⠙ folder').kind, 'working');
  });

  it('reads a line that goes over several rows as one', () => {
    const state = read(fixture('typed-long'));
    assert.ok(state.kind === 'typed');
    assert.match(state.text, /^Job \S+: read .* and end your turn$/);
  });

  it('takes the words that stand in an empty row for a typed line only where the footer says so', () => {
    const lines = fixture('ready').split('\n');
    const without = lines.map((row) => row.replace(/← for agents.*/, '')).join('\n');
    assert.equal(read(without).kind, 'unknown');
  });

  it('answers a permission by its own two keys, and shows what is asked for', () => {
    const state = read(fixture('permission-bash'));
    assert.ok(state.kind === 'dialog');
    assert.deepEqual(
      state.dialog.choices.map(({ id, keys }) => [id, ...keys]),
      [
        ['allow-once', 'y'],
        ['deny', 'Escape'],
      ],
    );
    assert.match(state.dialog.text, /^Would you like to run the following command\?\n.*\$ touch \/etc\/x-codex$/s);
  });

  it('offers to trust a folder only while the mark stands there, and nothing for a review of hooks', () => {
    const state = read(fixture('trust'));
    assert.ok(state.kind === 'dialog');
    assert.deepEqual(state.dialog.choices, [{ id: 'trust', label: 'Trust and continue', keys: ['Enter'] }]);
    const moved = fixture('trust').replace('› 1.', '  1.').replace('  2. Back', '› 2. Back');
    const other = read(moved);
    assert.ok(other.kind === 'dialog');
    assert.deepEqual(other.dialog.choices, []);
    const review = read(fixture('hooks-review'));
    assert.ok(review.kind === 'dialog' && review.dialog.choices.length === 0);
  });

  it('offers to try again where another process has the conversation open', () => {
    const state = read(fixture('open-elsewhere'));
    assert.ok(state.kind === 'dialog');
    assert.equal(
      state.dialog.text,
      'This conversation is open in another app\nClose it there and press R to continue here.',
    );
    assert.deepEqual(state.dialog.choices, [{ id: 'retry', label: 'Try Again', keys: ['r'] }]);
  });

  it('says how a turn ended of which there is no receipt, until the next line is taken', () => {
    const turn = (name: string) => {
      const state = read(fixture(name));
      return state.kind === 'ready' ? state.turn : undefined;
    };
    assert.equal(turn('ready'), undefined);
    assert.equal(turn('ready-after-turn'), undefined);
    assert.equal(turn('interrupted')?.kind, 'interrupted');
    assert.equal(turn('permission-denied')?.kind, 'interrupted');
    assert.deepEqual(turn('api-error'), {
      kind: 'failed',
      message: '{"error":{"message":"scripted 400","type":"invalid_request_error"}}',
    });
    // The error of an earlier turn, and a turn after it.
    assert.match(fixture('resumed'), /^■ /m);
    assert.equal(turn('resumed'), undefined);
  });
});
