/** How much is measured: all of it, or what fits into .ci/run. */
export type Form = 'full' | 'short';

/** A value that must be reached: a number, or a part of the alternative's or the floor's. */
export interface Goal {
  /** `most`: the value must not be above it; `least`: not below it. */
  at: 'most' | 'least';
  value: number;
  /** What `value` stands for: the figure itself, or the figure divided by the alternative's, or minus the floor's. */
  of: 'value' | 'ratio to the alternative' | 'above the floor';
  /** Of a goal that is not reached yet, what was measured when that was last looked into: half of this fails, not half of the goal. */
  reached?: number;
}

/** One row of the table that `npm run bench` prints. */
export interface Figure {
  name: string;
  unit: string;
  /** Medians, over so many runs. */
  us: number;
  alternative?: { name: string; value: number };
  /** What no program of ours could do without: the CLI's own time between its receipts, in the same unit. */
  floor?: number;
  goals: Goal[];
  runs: number;
  /** The least and the most of ours. */
  spread: [number, number];
  note?: string;
}

/** Measures one or more rows; a file in figures/ exports it as `measure`. Pairs are interleaved in one run. */
export type Measure = (form: Form) => Promise<Figure[]>;
