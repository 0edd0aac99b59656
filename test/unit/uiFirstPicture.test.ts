import assert from 'node:assert/strict';
import { FirstPicture, treeMarks } from '../../src/ui/firstPicture';
import type { Node } from '../../src/ui/nodes';

describe('the marks of the first picture', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((start) => ({ kind: 'start', start }) as unknown as Node) as [Node, Node, Node];
  const marks = () =>
    [treeMarks.painted, treeMarks.whole].filter((name) => performance.getEntriesByName(name).length > 0);
  let first: FirstPicture;
  beforeEach(() => {
    for (const name of Object.values(treeMarks)) performance.clearMarks(name);
    first = new FirstPicture();
  });
  const hand = (...nodes: Node[]) => {
    for (const node of nodes) first.handed(node);
  };

  it('are set together when the rows are those of the files', () => {
    first.asked([a, b], true);
    hand(a);
    assert.deepEqual(marks(), []);
    hand(b);
    assert.deepEqual(marks(), [treeMarks.painted, treeMarks.whole]);
  });

  it('are set one after the other when the rows were last seen, and one of them is another now', async () => {
    first.asked([a, b], false);
    hand(a, b);
    await first.drawn;
    assert.deepEqual(marks(), [treeMarks.painted]);
    first.correct([b]);
    assert.deepEqual(marks(), [treeMarks.painted]);
    hand(b);
    assert.deepEqual(marks(), [treeMarks.painted, treeMarks.whole]);
  });

  it('wait for all rows when some came or went', () => {
    first.asked([a, b], false);
    hand(a, b);
    first.correct('all');
    hand(a);
    first.asked([b, c], true);
    hand(b);
    assert.deepEqual(marks(), [treeMarks.painted]);
    hand(c);
    assert.deepEqual(marks(), [treeMarks.painted, treeMarks.whole]);
  });

  it('are set at the look when it changes nothing, and not before all was drawn', () => {
    first.asked([a, b], false);
    hand(a);
    first.correct([]);
    assert.deepEqual(marks(), []);
    hand(b);
    assert.deepEqual(marks(), [treeMarks.painted, treeMarks.whole]);
  });

  it('are set once', () => {
    first.asked([a], true);
    hand(a, a);
    first.correct([a]);
    first.asked([a, b], true);
    hand(a, b);
    assert.equal(performance.getEntriesByName(treeMarks.painted).length, 1);
    assert.equal(performance.getEntriesByName(treeMarks.whole).length, 1);
  });
});
