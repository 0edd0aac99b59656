import type { Figure, Goal } from './figure';

/** What became of one goal. `failed`: less than half of it, or of what was reached before, was reached. */
export interface Verdict {
  goal: Goal;
  value: number;
  outcome: 'met' | 'missed' | 'failed';
}

/** The value that a goal speaks of. Throws when the figure has no such value. */
export function valueFor(figure: Figure, goal: Goal): number {
  if (goal.of === 'value') return figure.us;
  const other = goal.of === 'above the floor' ? figure.floor : figure.alternative?.value;
  if (other === undefined) throw new Error(`${figure.name}: nothing to compare with for "${goal.of}"`);
  return goal.of === 'above the floor' ? figure.us - other : figure.us / other;
}

/** What takes longer on a slower machine; sizes, counts and ratios don't. */
const timed = ['ms', 'jobs/s', '% of a core'];

/**
 * Holds a figure against its goals. What isn't a number failed. On a machine that is so many times slower than the one that the
 * goals were set on, as a bare Node process shows, what takes time fails so much later; whether a goal is met stays as it is.
 */
export function judge(figure: Figure, slowness = 1): Verdict[] {
  return figure.goals.map((goal) => {
    const value = valueFor(figure, goal);
    const met = goal.at === 'most' ? value <= goal.value : value >= goal.value;
    const { reached = goal.value } = goal;
    const isTimed = timed.includes(figure.unit) && goal.of !== 'ratio to the alternative';
    const factor = 2 * (isTimed ? slowness : 1);
    const half = goal.at === 'most' ? value <= reached * factor : value >= reached / factor;
    return { goal, value, outcome: met ? 'met' : half ? 'missed' : 'failed' };
  });
}
