import assert from 'node:assert/strict';
import { lastRow, patternOf, wordsOf } from '../../src/core/agents/readyPattern';

describe('the pattern that is proposed for an agent that is ready', () => {
  it('is its last row, with any number in place of a number', () => {
    assert.equal(lastRow('Welcome\n\nIn [12]: \n\n'), 'In [12]:');
    assert.equal(patternOf('In [12]:'), '^In \\[\\d+\\]:$');
    assert.equal(patternOf('> '), '^>$');
    assert.equal(patternOf(lastRow('')), '');
  });

  it('matches its row whatever signs are in it, and no other', () => {
    const rows = ['$', 'a|b>', '(main) ~/x.y* [3]?', '\\d{2}+', '/home>', 'm^2', '❯'];
    for (const row of rows) {
      const pattern = new RegExp(patternOf(row), 'm');
      assert.ok(pattern.test(`before\n${row}`), row);
      assert.ok(!pattern.test(`before\n${row}x`), row);
    }
  });
});

describe('a command in one line', () => {
  it('is apart by blanks, but for what stands in quotes', () => {
    assert.deepEqual(wordsOf('  aider --yes "my file" \'a "b"\' "" '), ['aider', '--yes', 'my file', 'a "b"', '']);
    assert.deepEqual(wordsOf(' '), []);
  });
});
