import type { SeededRandom } from '../support/seededRandom';

/** How much is soaked. Pauses are in milliseconds, between two strikes of the killer. */
export interface SoakSize {
  jobs: number;
  sessions: number;
  pause: [number, number];
  /** For how long, in milliseconds, a process is stopped. */
  stop: [number, number];
  /** How many jobs may be live before the next one is sent. */
  ahead: number;
  /** An upper bound, in seconds, for all jobs' ends. */
  limitS: number;
}

export const sizes: Record<'short' | 'full', SoakSize> = {
  short: { jobs: 40, sessions: 6, pause: [1200, 2600], stop: [200, 2500], ahead: 24, limitS: 240 },
  full: { jobs: 1000, sessions: 20, pause: [2000, 6000], stop: [200, 4000], ahead: 60, limitS: 900 },
};

/** What the agent does with a job, as its prompt asks for. */
export const kinds = ['plain', 'slow', 'halves', 'late', 'reminded', 'silent', 'error', 'crash', 'asks'] as const;
export type SoakKind = (typeof kinds)[number];

/** A job to be sent. */
export interface PlannedJob {
  number: number;
  session: string;
  mode: 'session' | 'fresh';
  kind: SoakKind;
  title: string;
  prompt: string;
  /** Whether a person cancels it some time after it was sent. */
  cancelled: boolean;
}

const weights: Record<SoakKind, number> = {
  plain: 36,
  slow: 20,
  halves: 16,
  late: 12,
  reminded: 4,
  silent: 2,
  error: 2,
  crash: 2,
  asks: 6,
};

/** Every job of a soak, in the order in which it is sent. */
export function planSoak(random: SeededRandom, size: SoakSize): PlannedJob[] {
  return Array.from({ length: size.jobs }, (_, number) => {
    const kind = random.weighted(weights);
    const ms = random.between(50, 900);
    const modes = {
      slow: `slow=${ms}`,
      halves: `two-step=${ms}`,
      late: `late-stop=${ms}`,
      asks: `permission,slow=${ms}`,
    };
    const others = { reminded: 'no-output', silent: 'never-output', error: 'api-error', crash: 'crash=7', plain: '' };
    const mode = { ...modes, ...others }[kind];
    const title = `Soak prompt ${number} of seed ${random.seed}.`;
    return {
      number,
      session: `s${random.between(1, size.sessions)}`,
      mode: random.next() < 0.3 ? 'fresh' : 'session',
      kind,
      title,
      prompt: `${title}\n\n${mode === '' ? '' : `demo-mode: ${mode}\n`}`,
      cancelled: random.next() < 0.02,
    };
  });
}
