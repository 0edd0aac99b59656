import assert from 'node:assert/strict';
import type { Figure, Goal } from '../bench/figure';
import { judge } from '../bench/judge';
import { median, quantile } from '../bench/samples';
import { type BenchRun, counts, markdownTable, textTable } from '../bench/table';

const figure = (goal: Goal, us: number, more: Partial<Figure> = {}): Figure => ({
  name: 'a job',
  unit: 'ms',
  us,
  goals: [goal],
  runs: 10,
  spread: [us, us],
  ...more,
});
const outcome = (...args: Parameters<typeof figure>) => judge(figure(...args))[0]!.outcome;

describe('the table of npm run bench', () => {
  it('calls a goal met, missed, or failed when less than half of it was reached', () => {
    const most: Goal = { at: 'most', value: 60, of: 'value' };
    assert.deepEqual(
      [60, 61, 120, 121, Number.NaN].map((us) => outcome(most, us)),
      ['met', 'missed', 'missed', 'failed', 'failed'],
    );
    const least: Goal = { at: 'least', value: 15, of: 'value' };
    assert.deepEqual(
      [15, 14, 7.5, 7].map((us) => outcome(least, us)),
      ['met', 'missed', 'missed', 'failed'],
    );
    assert.deepEqual(
      [60, 61, 200, 201].map((us) => outcome({ ...most, reached: 100 }, us)),
      ['met', 'missed', 'missed', 'failed'],
    );
  });

  it('lets what takes time fail later on a slower machine, and nothing else; met stays met', () => {
    const goal: Goal = { at: 'most', value: 60, of: 'value' };
    const on = (slowness: number, us: number, unit: string, one = goal) =>
      judge(figure(one, us, { unit, alternative: { name: 'other', value: 1 } }), slowness)[0]!.outcome;
    assert.deepEqual([on(1.5, 61, 'ms'), on(1.5, 180, 'ms'), on(1.5, 181, 'ms')], ['missed', 'missed', 'failed']);
    assert.deepEqual([on(1.5, 121, 'kB'), on(1.5, 121, 'writes')], ['failed', 'failed']);
    assert.equal(on(1.5, 121, 'ms', { ...goal, of: 'ratio to the alternative' }), 'failed');
    assert.equal(on(1.5, 5, 'jobs/s', { at: 'least', value: 15, of: 'value' }), 'missed');
    assert.equal(on(1.5, 4.9, 'jobs/s', { at: 'least', value: 15, of: 'value' }), 'failed');
  });

  it('compares with the floor and with the alternative, and refuses a goal for which there is none', () => {
    const above: Goal = { at: 'most', value: 60, of: 'above the floor' };
    assert.equal(outcome(above, 560, { floor: 500 }), 'met');
    assert.equal(outcome(above, 621, { floor: 500 }), 'failed');
    assert.throws(() => outcome(above, 560), /nothing to compare/);
    const ratio: Goal = { at: 'most', value: 0.75, of: 'ratio to the alternative' };
    assert.equal(outcome(ratio, 76, { alternative: { name: 'other', value: 100 } }), 'missed');
  });

  it('prints a row a figure, in text and in Markdown, counts what reached half of its goal and names the rest', () => {
    const goal: Goal = { at: 'most', value: 60, of: 'above the floor' };
    const rows = [figure(goal, 540, { floor: 500, note: 'as it is' }), figure(goal, 700, { floor: 500 })];
    const run: BenchRun = {
      date: '2026-11-22T10:00:00.000Z',
      form: 'short',
      machine: { cores: 2, memory_gb: 4, platform: 'linux x64', load: [0.1, 2] },
      versions: { courier: '0.1.0', node: '20.19.0', tmux: 'tmux 3.3a', claude: '2.1.197' },
      rows,
    };
    assert.deepEqual(counts(run), { passed: 1, failed: ['a job'] });
    assert.match(textTable(run), /a job +540 ms +500 ms +40 ms +≤ floor \+ 60 ms +met +540 – 540 +10/);
    assert.match(textTable(run), /failed \(200\)/);
    assert.match(markdownTable(run), /\| a job \| 540 ms \| {2}\| {2}\| 500 ms \| 40 ms \| ≤ floor \+ 60 ms \| met \|/);
    assert.match(markdownTable(run), /- a job: as it is/);
  });

  it('takes the middle of its values', () => {
    assert.equal(median([5, 1, 3]), 3);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    assert.deepEqual(
      [0.5, 0.95, 1].map((part) => quantile(hundred, part)),
      [50, 95, 100],
    );
    assert.throws(() => median([]), /nothing/);
  });
});
