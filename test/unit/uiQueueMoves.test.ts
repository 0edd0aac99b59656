import assert from 'node:assert/strict';
import { CourierError } from '../../src/core/support/errors';
import type { Node } from '../../src/ui/nodes';
import { type DropPlace, dropMoves, type QueueMove, shiftMoves } from '../../src/ui/queueMoves';
import { chosenNodes, forEachOf, selectionArgument, underFocus } from '../../src/ui/selection';
import { makeJob } from '../support/coreFixtures';

/** A queue in the order in which it runs; what is shown stands the other way round. */
const queueOf = (...ids: string[]) =>
  ids.map((id) =>
    makeJob(id, { status: id.startsWith('run') ? 'running' : id.startsWith('p') ? 'paused' : 'pending' }),
  );

/** What a runner makes of moves, one after the other. */
function apply(ids: readonly string[], moves: readonly QueueMove[]): string[] {
  const queue = [...ids];
  for (const { job_id, before } of moves) {
    const at = queue.indexOf(job_id);
    if (at >= 0) queue.splice(at, 1);
    queue.splice(before === undefined ? queue.length : queue.indexOf(before), 0, job_id);
  }
  return queue;
}

describe('moves in the view', () => {
  const ids = ['run', 'a', 'b', 'p', 'c'];

  it('shift a row by one, past the waiting rows alone, and not beyond the ends', () => {
    const shift = (by: -1 | 1, ...chosen: string[]) => apply(ids, shiftMoves(queueOf(...ids), new Set(chosen), by));
    assert.deepEqual(shift(-1, 'a'), ['run', 'b', 'a', 'p', 'c'], 'up is later: what is next stands lowest');
    assert.deepEqual(shift(1, 'p'), ['run', 'a', 'p', 'b', 'c']);
    assert.deepEqual(shift(-1, 'c'), ids, 'it is the highest');
    assert.deepEqual(shift(1, 'a'), ids, 'what runs is not passed');
    assert.deepEqual(shift(1, 'run'), ids);
    assert.deepEqual(shift(-1, 'nobody'), ids);
  });

  it('shift several together, and those at an end stay together', () => {
    const shift = (by: -1 | 1, ...chosen: string[]) => apply(ids, shiftMoves(queueOf(...ids), new Set(chosen), by));
    assert.deepEqual(shift(-1, 'a', 'b'), ['run', 'p', 'a', 'b', 'c']);
    assert.deepEqual(shift(-1, 'p', 'c'), ids);
    assert.deepEqual(shift(1, 'b', 'c'), ['run', 'b', 'a', 'c', 'p']);
    assert.deepEqual(shift(1, 'a', 'b'), ids);
  });

  it('drop a job into the place of the one that it is dropped on', () => {
    const drop = (place: DropPlace, ...dropped: string[]) =>
      apply(ids, dropMoves(queueOf(...ids), queueOf(...dropped), place));
    assert.deepEqual(drop({ over: 'a' }, 'c'), ['run', 'c', 'a', 'b', 'p']);
    assert.deepEqual(drop({ over: 'c' }, 'a'), ['run', 'b', 'p', 'c', 'a']);
    assert.deepEqual(drop({ over: 'b' }, 'a'), ['run', 'b', 'a', 'p', 'c']);
    assert.deepEqual(drop({ over: 'a' }, 'a'), ids);
    assert.deepEqual(drop('first', 'p'), ['run', 'p', 'a', 'b', 'c']);
    assert.deepEqual(drop('last', 'a'), ['run', 'b', 'p', 'c', 'a']);
  });

  it('drop several together, in their order, also from another session', () => {
    const drop = (place: DropPlace, ...dropped: string[]) =>
      apply(ids, dropMoves(queueOf(...ids), queueOf(...dropped), place));
    assert.deepEqual(drop({ over: 'c' }, 'a', 'b'), ['run', 'p', 'c', 'a', 'b']);
    assert.deepEqual(drop({ over: 'a' }, 'p', 'c'), ['run', 'p', 'c', 'a', 'b']);
    assert.deepEqual(drop('first', 'x', 'y'), ['run', 'x', 'y', 'a', 'b', 'p', 'c']);
    assert.deepEqual(drop('last', 'x', 'y'), ['run', 'a', 'b', 'p', 'c', 'x', 'y']);
    const over = drop({ over: 'b' }, 'x', 'y');
    assert.deepEqual(
      over.filter((id) => ids.includes(id)),
      ids,
    );
    assert.equal(over.indexOf('y'), over.indexOf('x') + 1);
    assert.deepEqual(apply([], dropMoves([], queueOf('x', 'y'), 'last')), ['x', 'y']);
  });
});

describe('what a command is for', () => {
  const node = (kind: 'session' | 'job', id: string) => ({ kind, folder: {}, id }) as unknown as Node;
  const [a, b, main] = [node('job', 'a'), node('job', 'b'), node('session', 'main')];

  it('is what a menu was opened on, with all that is selected, or for a key the selection', () => {
    assert.deepEqual(chosenNodes('job', [b], a), [a]);
    assert.deepEqual(chosenNodes('job', [b], a, [a, b, main]), [a, b]);
    assert.deepEqual(chosenNodes('session', [a], a, [a, b, main]), [main]);
    assert.deepEqual(chosenNodes('job', [b, main], selectionArgument), [b]);
    assert.deepEqual(chosenNodes('job', [], selectionArgument), []);
    assert.equal(chosenNodes('job', [a, b], undefined), undefined, 'the palette asks, whatever is selected');
  });

  it('is, for a key, the row with the focus, and all that is selected when that row is one of them', () => {
    assert.deepEqual(underFocus([a], [a, b]), [b], 'the keys went on from what was clicked');
    assert.deepEqual(underFocus([], [b]), [b]);
    assert.deepEqual(underFocus([a, b], [a]), [a, b]);
    assert.deepEqual(underFocus([a], []), [a]);
    assert.deepEqual(underFocus([a], [a]), [a], 'nothing has the focus');
  });

  it('is done for each, and what fails keeps no other from being done', async () => {
    const done: number[] = [];
    const run = async (n: number) => {
      if (n % 2 === 0) throw new CourierError('refused', `${n} has begun.`);
      done.push(n);
    };
    await assert.rejects(forEachOf([1, 2, 3, 4], run), /2 of 4 were done\. 2 has begun\./);
    assert.deepEqual(done, [1, 3]);
    await assert.rejects(forEachOf([2], run), /^Error: 2 has begun\.$|^CourierError: 2 has begun\.$/);
    await forEachOf([], run);
  });
});
