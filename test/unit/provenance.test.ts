import assert from 'node:assert/strict';
import { codeBlocks } from '../../src/core/model/codeBlocks';
import { findSent } from '../../src/core/model/provenance';

const text = 'one\ntwo (a.b)\nthree\ntwo (a.b)\nfive\n';
const found = (sent: string, start_line?: number, of = text) => {
  const place = findSent(of, sent, { start_line });
  return place && [place.start, of.slice(place.start, place.end)];
};

describe('where a sent text stands in its document', () => {
  it('is at the lines that it was sent from, whatever else looks like it', () => {
    assert.deepEqual(found('two (a.b)', 2), [4, 'two (a.b)']);
    assert.deepEqual(found('two (a.b)', 4), [20, 'two (a.b)']);
    assert.deepEqual(found('wo (a', 4), [21, 'wo (a'], 'a part of a line');
  });

  it('is at its only place when the lines moved, and nowhere when there are two', () => {
    assert.deepEqual(found('three', 9), [14, 'three']);
    assert.equal(found('two (a.b)', 9), undefined);
    assert.equal(found('changed', 1), undefined);
    assert.equal(found('two .a.b.', 2), undefined, 'the text is no pattern');
  });

  it('is found behind an instruction, and whatever the line ends are', () => {
    assert.deepEqual(found('Do it.\n\nthree\ntwo (a.b)', 3), [14, 'three\ntwo (a.b)']);
    assert.deepEqual(found('one\ntwo', 1, 'one\r\ntwo\r\n'), [0, 'one\r\ntwo']);
    assert.equal(found('', 1), undefined);
    assert.equal(found('Only an instruction.\n\n', 1), undefined);
  });
});

describe('the code blocks of an answer', () => {
  it('are its fenced blocks, in their order', () => {
    const answer = 'Words.\n\n```ts\nconst a = 1;\n\nb();\n```\nMore.\n~~~\nplain\n~~~\n';
    assert.deepEqual(codeBlocks(answer), [
      { language: 'ts', code: 'const a = 1;\n\nb();\n' },
      { language: '', code: 'plain\n' },
    ]);
    assert.deepEqual(codeBlocks('No code, only `a word` and ```three```.\n'), []);
  });

  it('may hold shorter fences, and end with the text', () => {
    assert.deepEqual(codeBlocks('````md\n```\nin\n```\n````'), [{ language: 'md', code: '```\nin\n```\n' }]);
    assert.deepEqual(codeBlocks('```js\r\nx\r\n'), [{ language: 'js', code: 'x\n' }]);
  });
});
