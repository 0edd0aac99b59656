import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lastRow, lineOf, patternOf, wordsOf } from '../../src/core/agents/readyPattern';

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

  it('is written so that it reads the same, whatever its words are; there is no line for what can not be written', () => {
    const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '=', '\\', 'é') });
    const words = fc.array(word, { maxLength: 4 });
    fc.assert(
      fc.property(words, (all) => {
        const line = lineOf(all);
        if (line !== undefined) assert.deepEqual(wordsOf(line), all);
        else assert.ok(all.some((one) => /["']/.test(one)));
      }),
    );
    assert.equal(lineOf(['agent', 'a b', '', 'say "x y"']), `agent "a b" "" 'say "x y"'`);
    assert.equal(lineOf([`both " and '`]), undefined);
  });
});
