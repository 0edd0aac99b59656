import * as fs from 'node:fs';
import * as path from 'node:path';
import type { TestCourier } from '../support/testCourier';

/** When the newest receipt of each event was written, in milliseconds since the epoch. */
export type ReceiptTimes = Partial<Record<string, number>>;

/** The receipts in a folder. */
export function receiptTimesIn(dir: string): ReceiptTimes {
  const times: ReceiptTimes = {};
  for (const name of fs.readdirSync(dir).filter((one) => one.endsWith('.json'))) {
    const file = path.join(dir, name);
    const { hook_event_name } = JSON.parse(fs.readFileSync(file, 'utf8')) as { hook_event_name: string };
    times[hook_event_name] = Math.max(times[hook_event_name] ?? 0, fs.statSync(file).mtimeMs);
  }
  return times;
}

/** The receipts of the one launch in a workspace's own state; none before that launch. */
export function receiptTimes(courier: TestCourier): ReceiptTimes {
  const launches = fs
    .readdirSync(courier.user.root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^folders\/[^/]+\/launches\/[^/]+\/receipts$/.test(name));
  if (launches.length > 1) throw new Error(`${launches.length} launches instead of one`);
  return launches[0] ? receiptTimesIn(path.join(courier.user.root, launches[0])) : {};
}

/** The CLI's own time for its last turn, in milliseconds: from taking the line to the end of the turn. */
export function turnTime(times: ReceiptTimes): number {
  const { UserPromptSubmit, Stop } = times;
  if (!UserPromptSubmit || !Stop || Stop < UserPromptSubmit)
    throw new Error(`no whole turn in the receipts: ${JSON.stringify(times)}`);
  return Stop - UserPromptSubmit;
}
