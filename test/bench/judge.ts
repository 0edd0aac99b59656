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

/** Holds a figure against its goals. What isn't a number failed. */
export function judge(figure: Figure): Verdict[] {
  return figure.goals.map((goal) => {
    const value = valueFor(figure, goal);
    const met = goal.at === 'most' ? value <= goal.value : value >= goal.value;
    const { reached = goal.value } = goal;
    const half = goal.at === 'most' ? value <= reached * 2 : value >= reached / 2;
    return { goal, value, outcome: met ? 'met' : half ? 'missed' : 'failed' };
  });
}
