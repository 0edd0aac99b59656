import assert from 'node:assert/strict';
import type { Job } from '../../src/core/model/job';
import type { Waiting } from '../../src/core/model/waiting';
import { newSessionId, suggestName } from '../../src/ui/sessionIds';
import { answeredWords, briefProblem, dialogWords, duration, missedWords, notificationWords } from '../../src/ui/words';

const dialog = (text: string, ...labels: string[]): Waiting => ({
  dialog_id: 'd1',
  kind: 'unknown',
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

  it('say first what permission is asked for, by the receipt or by the screen', () => {
    const permission = (text: string): Waiting => ({ ...dialog(text, 'Allow Once', 'Deny'), kind: 'permission' });
    assert.equal(dialogWords(permission('Bash: ls who?\nList  it')), 'Bash: ls who? · List it');
    const screen = 'Bash command\nls\n\nThis command requires approval\nDo you want to proceed?';
    assert.equal(dialogWords(permission(screen)), 'Bash command · ls');
    assert.equal(dialogWords(permission('Demo agent asks: may it write x?')), 'Demo agent asks: may it write x?');
    assert.equal(notificationWords('main', permission('Write: a.ts')), 'Write: a.ts (main needs your permission)');
    assert.match(notificationWords('main', dialog('Sure?')), /^main: .* Sure\?$/);
  });

  it('take the last line when nothing is asked', () => {
    assert.equal(dialogWords(dialog('one\ntwo\n\n')), 'two');
    assert.equal(dialogWords(dialog('')), '');
  });

  it('leave out of a notification what the screen showed last', () => {
    const message =
      'Demo ended (signal 9; its last words: you: Job j-1 (now)\nworking…). What it wrote so far is kept in out.md.';
    const job = { status: 'failed', message } as Job;
    assert.equal(briefProblem(job), 'Demo ended (signal 9). What it wrote so far is kept in out.md');
  });

  it('say of an end that it is inferred', () => {
    const ended = (id: string, status: Job['status'], inferred = true) =>
      ({ job_id: id, title: id, type: 'task', status, message: 'It ended.', ...(inferred ? { inferred } : {}) }) as Job;
    assert.equal(briefProblem(ended('a', 'failed')), 'It ended (inferred)');
    assert.equal(briefProblem(ended('a', 'failed', false)), 'It ended');
    assert.match(missedWords([ended('a', 'completed')]), /^"a": the answer came .* \(inferred\)\.$/);
    assert.match(missedWords([ended('a', 'failed')]), /failed \(It ended \(inferred\)\) while/);
    assert.equal(answeredWords(ended('a', 'completed')), 'a: the answer is there (inferred).');
    const several = [ended('a', 'completed'), ended('b', 'failed'), ended('c', 'completed', false)];
    assert.match(missedWords(several), /closed\. 2 of these ends are inferred\.$/);
    assert.match(missedWords(several.slice(1)), / 1 of these ends is inferred\.$/);
    assert.doesNotMatch(missedWords([ended('c', 'completed', false)]), /inferred/);
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
