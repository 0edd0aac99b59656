import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from './waitFor';

/** One hook event as an agent under test wrote it. */
export interface SeenReceipt {
  hook_event_name: string;
  session_id: string;
  prompt_id?: string;
  [field: string]: unknown;
}

/** All receipts in a folder, in the order of their names. */
export async function readReceipts(dir: string): Promise<SeenReceipt[]> {
  const names = (await readdir(dir)).filter((name) => /^[^.].*\.json$/.test(name)).sort();
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(dir, name), 'utf8'))));
}

/** Waits for the n-th receipt of an event, the first when no number is given. */
export function waitForReceipt(dir: string, event: string, count = 1): Promise<SeenReceipt> {
  const look = async () => (await readReceipts(dir)).filter((receipt) => receipt.hook_event_name === event)[count - 1];
  const seen = async () => (await readReceipts(dir)).map((receipt) => receipt.hook_event_name).join(', ');
  return waitFor(look, { what: async () => `receipt ${event} number ${count}; there are: ${await seen()}` });
}
