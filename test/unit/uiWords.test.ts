import assert from 'node:assert/strict';
import type { Waiting } from '../../src/core/model/waiting';
import { newSessionId, suggestName } from '../../src/ui/sessionIds';
import { dialogWords, duration } from '../../src/ui/words';

const dialog = (text: string, ...labels: string[]): Waiting => ({
  dialog_id: 'd1',
  kind: 'permission',
  text,
  choices: labels.map((label, index) => ({ id: String(index), label })),
});

describe('words for a person', () => {
  it('take the question out of a screen', () => {
    const text = 'older output?\n\n Do you want to create a.txt?\n ❯ 1. Yes\n   2. No, and tell Claude what to do?\n';
    assert.equal(dialogWords(dialog(text, 'Yes', 'No, and tell Claude')), 'Do you want to create a.txt?');
  });

  it('take both lines of a question that is wrapped', () => {
    const first = 'May it write .courier/sessions/active/main/output/task_output_2026';
    assert.equal(dialogWords(dialog(`old\n${first}\n1122.md?\n1. Yes\n`, 'Yes')), `${first} 1122.md?`);
  });

  it('take the last line when nothing is asked', () => {
    assert.equal(dialogWords(dialog('one\ntwo\n\n')), 'two');
    assert.equal(dialogWords(dialog('')), '');
  });

  it('say how long it took', () => {
    const from = '2026-11-22T10:00:00.000Z';
    assert.equal(duration(from, '2026-11-22T10:00:00.449Z'), '0.4 s');
    assert.equal(duration(from, '2026-11-22T10:00:59.600Z'), '1 min 0 s');
    assert.equal(duration(from, '2026-11-22T11:02:03.000Z'), '1 h 2 min');
  });
});

describe('ids of new sessions', () => {
  it('are made of the name, and told apart', () => {
    assert.equal(newSessionId('Überprüfung: erste!', new Set()), 'Uberprufung-erste');
    assert.equal(newSessionId('review', new Set(['review', 'review-2'])), 'review-3');
    assert.equal(newSessionId('日本', new Set()), 'session');
    assert.equal(newSessionId('--#(x)--', new Set()), 'x');
  });

  it('start with main', () => {
    assert.equal(suggestName('claude', new Set()), 'main');
    assert.equal(suggestName('claude', new Set(['main'])), 'claude');
  });
});
