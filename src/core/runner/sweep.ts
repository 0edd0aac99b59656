import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { oldFiles, temporaryFiles } from '../store/temporaryFiles';
import { chosenNamesIn } from '../store/userState';
import { isLeftover } from '../store/wholeFile';
import type { RequestContext } from './context';

/** How long replies are kept for a request that is repeated, in milliseconds. */
const keepReplies = 7 * 24 * 3600 * 1000;

/** Removes replies that nobody repeats a request for any more, and files that a crash left half written. */
export async function sweepFiles(context: RequestContext): Promise<void> {
  const { layout, folder, clock, stopping } = context;
  const replies = [layout.done, folder.answersDone].map((dir) => oldFiles(dir, clock.now() - keepReplies));
  const found = await Promise.all([...replies, temporaryFiles(layout, folder, clock.now())]);
  for (const { file } of found.flat()) {
    if (stopping.aborted) return;
    await fs.rm(file, { force: true });
  }
}

/** Removes a folder's temporary files: a crash left them, or a runner that is superseded is still at them. */
export async function sweepLeftovers(dir: string): Promise<void> {
  for (const name of await chosenNamesIn(dir, isLeftover)) await fs.rm(path.join(dir, name), { force: true });
}
