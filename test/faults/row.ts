import { appendFileSync } from 'node:fs';

/** What a fault did, over all tries: one row of the table that `npm run test:faults` prints. */
export interface FaultRow {
  fault: string;
  tried: number;
  /** Tries after which everything was as it has to be. */
  survived: number;
  /** Jobs, answers or files that are gone. */
  lost: number;
  /** Instructions that were taken more than once. */
  doubled: number;
  /** Jobs that came to a wrong end, answers given to another job, messages that name no file. */
  wrong: number;
  /** What stood in for the real thing, for a fault that this machine can't have. */
  simulated?: string;
  /** Why it was not tried at all here. */
  not_run?: string;
  /** How long all tries took, in seconds. */
  seconds: number;
}

/** Adds a row to the run's table (the file named by FAULT_ROWS, a JSON object a line). */
export function addRow(row: FaultRow): void {
  if (process.env.FAULT_ROWS) appendFileSync(process.env.FAULT_ROWS, `${JSON.stringify(row)}\n`);
}
