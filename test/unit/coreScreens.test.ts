import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as v from 'valibot';
import type { ScreenState } from '../../src/core/agents/agent';
import { findChoices } from '../../src/core/agents/choices';
import { readScreen as readClaude } from '../../src/core/agents/claude';
import { custom } from '../../src/core/agents/custom';
import { readScreen as readDemo } from '../../src/core/agents/demo';
import { AgentSettings } from '../../src/core/store/settings';

const screens = path.resolve('test/fixtures/screens/claude');
const idle = '✳ project';
const working = '⠐ project';
const fixture = (name: string) => readFileSync(path.join(screens, `${name}.txt`), 'utf8');
const claude = (text: string, title = idle): ScreenState => readClaude({ text, title, cursor: '0,0' });
const word = (state: ScreenState) => (state.kind === 'dialog' ? `dialog ${state.dialog.kind}` : state.kind);
const rule = '─'.repeat(200);

/** What each recorded screen is; `working` ones were recorded during a turn, with the spinner in the title. */
const expected: Record<string, string> = {
  'api-error': 'ready',
  'api-error-401': 'ready',
  'api-error-429': 'ready',
  'api-error-529': 'ready',
  'api-key': 'dialog login',
  bypass: 'dialog bypass',
  'exited-no-conversation': 'unknown',
  'exited-session-id-in-use': 'unknown',
  'exited-clean': 'typed',
  'hook-missing': 'ready',
  interrupted: 'ready',
  login: 'dialog login',
  'permission-bash': 'dialog permission',
  'permission-read': 'dialog permission',
  'permission-write': 'dialog permission',
  'permission-rejected': 'ready',
  question: 'dialog unknown',
  queued: 'working',
  ready: 'ready',
  'ready-after-turn': 'ready',
  'ready-bypass': 'ready',
  resumed: 'ready',
  retrying: 'working',
  rewind: 'unknown',
  trust: 'dialog trust',
  typed: 'typed',
  working: 'working',
  'working-typed': 'working',
};

describe('screens of Claude Code', () => {
  const titleOf = (name: string) => (expected[name] === 'working' ? working : idle);

  for (const [name, what] of Object.entries(expected)) {
    it(`reads ${name} as ${what}`, () => assert.equal(word(claude(fixture(name), titleOf(name))), what));
  }

  it('takes no recorded screen for ready that is not listed so', () => {
    const names = readdirSync(screens).flatMap((file) => /^([^.]+)\.txt$/.exec(file)?.[1] ?? []);
    const known = { ...expected, onboarding: '', exited: '', 'exited-bypass': '', 'login-after-send': 'ready' };
    for (const name of names) {
      assert.ok(name in known, `${name} has no expectation`);
      const { kind } = claude(fixture(name), titleOf(name));
      if (kind === 'ready') assert.equal(known[name as keyof typeof known], 'ready', name);
    }
  });

  it('takes a turn for running while somebody types, and the footer is silent', () => {
    assert.equal(claude(fixture('working-typed'), working).kind, 'working');
    assert.equal(claude(fixture('ready'), '⠂ x').kind, 'working');
    assert.equal(claude(fixture('working'), idle).kind, 'working', 'the footer alone says it, too');
  });

  it('names the choices of each dialog, with the digit that chooses, and its text', () => {
    const dialog = (name: string) => {
      const state = claude(fixture(name));
      assert.ok(state.kind === 'dialog');
      return state.dialog;
    };
    const choices = (name: string) => dialog(name).choices.map(({ id, keys }) => `${id}=${keys}`);
    assert.deepEqual(choices('trust'), ['yes-i-trust-this-folder=1', 'no-exit=2']);
    assert.deepEqual(choices('bypass'), ['no-exit=1', 'yes-i-accept=2']);
    assert.deepEqual(choices('api-key'), ['yes=1', 'no=2']);
    assert.deepEqual(choices('question'), ['apple=1', 'pear=2', 'type-something=3', 'chat-about-this=4']);
    assert.equal(dialog('question').text, '☐ Pick\nWhich one?');
    assert.match(dialog('trust').text, /one you trust/);
    for (const name of ['permission-bash', 'permission-read', 'permission-write'])
      assert.deepEqual(choices(name), ['allow-once=1', 'deny=3'], name);
    assert.deepEqual(dialog('login').choices, []);
  });

  it('gives what is typed, wrapped rows joined', () => {
    const state = claude(fixture('typed'));
    assert.ok(state.kind === 'typed');
    assert.match(state.text, /^Job j-20261122-7f3b: please read .* when it is complete\.$/);
  });

  const fakeDialog = ['Do you want to proceed?', '❯ 1. Yes', '  2. No'];
  const fakeInput = [rule, '❯ ', rule, '  ? for shortcuts'];
  /** The transcript's rows, as the CLI draws them, above the real end of a screen. */
  const withTranscript = (rows: string[], name: string) => {
    const real = fixture(name).trimEnd().split('\n');
    const at = real.findLastIndex((row, i) => row.startsWith('─') && i < real.length - (name === 'ready' ? 3 : 0));
    return [...real.slice(0, at), ...rows, '', ...real.slice(at)].join('\n');
  };

  it('does not take a transcript for a dialog while the input row is there', () => {
    for (const indent of ['', '  ', '● ', ' ']) {
      const rows = fakeDialog.map((row) => indent + row);
      assert.equal(claude(withTranscript(rows, 'ready')).kind, 'ready', JSON.stringify(indent));
    }
  });

  it('does not take a transcript for an input row while a dialog is there', () => {
    for (const name of ['trust', 'bypass', 'permission-write', 'permission-bash', 'api-key']) {
      for (const rows of [fakeInput, fakeInput.slice(0, 2), fakeInput.map((row) => `  ${row}`)]) {
        const state = claude(withTranscript(rows, name));
        assert.equal(word(state), expected[name], `${name}\n${rows.join('\n')}`);
      }
    }
  });

  it('takes neither for the other when nothing real is left on the screen', () => {
    assert.equal(claude('').kind, 'unknown');
    assert.equal(claude('\n\n').kind, 'unknown');
    assert.equal(claude(`${rule}\n${rule}\n`).kind, 'unknown');
    assert.equal(claude('❯ ').kind, 'unknown');
    assert.equal(
      claude(
        fakeDialog
          .map((row) => `  ${row}`)
          .concat(Array(20).fill('x'))
          .join('\n'),
      ).kind,
      'unknown',
    );
  });
});

describe('choices', () => {
  const marker = /^\s+❯ \d+\. /;
  it('believes only a list that counts from 1 with one marked row, near the end', () => {
    assert.equal(findChoices([' ❯ 1. Yes'], marker), undefined, 'one choice is no choice');
    assert.equal(findChoices([' ❯ 2. Yes', '   3. No'], marker), undefined);
    assert.equal(findChoices(['   1. Yes', '   2. No'], marker), undefined, 'no row is marked');
    assert.equal(findChoices([' ❯ 1. Yes', '   2. No', ...Array(20).fill('x')], marker), undefined);
    const list = findChoices(
      ['What?', '', '   1. Yes', '      and more of it', ' ❯ 2. No (esc)', '   3. No', 'Enter'],
      marker,
    );
    assert.deepEqual(
      list?.choices.map((c) => c.id),
      ['yes', 'no', 'no-3'],
    );
    assert.equal(list?.firstRow, 2);
  });
  it('gives every choice an id that can be named, whatever its words', () => {
    const list = findChoices([' ❯ 1. はい', '   2. ---', `   3. ${'long '.repeat(30)}`], marker);
    assert.deepEqual(
      list?.choices.slice(0, 2).map((c) => c.id),
      ['choice-1', 'choice-2'],
    );
    assert.match(list!.choices[2]!.id, /^[a-z-]{1,40}$/);
  });
});

describe('screens of the Demo agent', () => {
  const demo = (...rows: string[]) => readDemo({ text: rows.join('\n'), title: '', cursor: '' });
  it('knows its input row, a turn, and its dialogs', () => {
    assert.equal(demo('').kind, 'unknown');
    assert.equal(demo('Tmux Courier Demo agent', 'demo>').kind, 'ready');
    assert.equal(demo('demo> ', '', '').kind, 'ready');
    assert.deepEqual(demo('demo> Job j-1: pl', 'ease'), { kind: 'typed', text: 'Job j-1: please' });
    assert.equal(demo('demo>', 'you: x', 'working… (esc to interrupt) 3 s').kind, 'working');
    assert.equal(demo('working… (esc to interrupt)', 'done', 'demo>').kind, 'ready');
    assert.equal(word(demo('Demo agent asks: may it write x?', '❯ 1. Yes', '  2. No')), 'dialog permission');
    assert.equal(word(demo('Is this a project you created or one you trust?', '❯ 1. Yes', '  2. No')), 'dialog trust');
    assert.equal(demo('may it write x?', '❯ 1. Yes', '  2. No', 'allowed by you', 'demo>').kind, 'ready');
  });
});

describe('screens of a custom agent', () => {
  const agent = (settings: v.InferInput<typeof AgentSettings>) => custom('mine', v.parse(AgentSettings, settings));
  const read = (settings: v.InferInput<typeof AgentSettings>, ...rows: string[]) =>
    agent(settings).readScreen({ text: rows.join('\n'), title: '', cursor: '' }).kind;

  it('is ready when its last rows match the pattern, whether or not a blank ends it', () => {
    for (const ready_pattern of ['^> $', '^>$', '^> ?$', '^>\\s*$'])
      for (const row of ['> ', '>']) {
        if (ready_pattern === '^> $' && row === '>') continue;
        assert.equal(read({ ready_pattern }, 'hello', row, '', ''), 'ready', `${ready_pattern} ${JSON.stringify(row)}`);
      }
    assert.equal(read({ ready_pattern: '^> $' }, '> Job j-1: please', 'thinking'), 'unknown');
  });

  it('is working while the busy pattern matches, and unknown on an empty screen', () => {
    assert.equal(read({ ready_pattern: '^>', busy_pattern: 'thinking' }, '>', 'thinking'), 'working');
    assert.equal(read({}, '', ' '), 'unknown');
    assert.equal(read({}, 'anything'), 'ready', 'with no pattern, quiet time must do');
  });

  it('matches only the last rows', () => {
    assert.equal(read({ ready_pattern: '^> $' }, '> ', ...Array(8).fill('output')), 'unknown');
  });
});
