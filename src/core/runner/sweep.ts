import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { namesIn } from '../store/userState';
import { isLeftover } from '../store/wholeFile';
import type { RequestContext } from './context';

/** How long replies are kept for a request that is repeated, in milliseconds. */
const keepReplies = 7 * 24 * 3600 * 1000;

/** Removes replies that nobody repeats a request for any more, and files that a crash left half written. */
export async function sweepFiles(context: RequestContext): Promise<void> {
  const { layout, folder, clock } = context;
  for (const dir of [layout.done, folder.answersDone]) await removeOlder(dir, clock.now() - keepReplies, () => true);
  // Requests and claims that were never moved into place, too; a session's own leftovers went when it was loaded.
  const halfWritten = (name: string) =>
    isLeftover(name) || /^\.(r|j)-.*\.json$/.test(name) || name.startsWith('.draft-');
  const dirs = [layout.root, layout.inbox, folder.dir, folder.answers, folder.claims];
  for (const dir of dirs) await removeOlder(dir, clock.now() - 3_600_000, halfWritten);
}

async function removeOlder(dir: string, before: number, chosen: (name: string) => boolean): Promise<void> {
  for (const name of (await namesIn(dir)).filter(chosen)) {
    const file = path.join(dir, name);
    const stat = await fs.lstat(file).catch(() => undefined);
    if (stat?.isFile() && stat.mtimeMs < before) await fs.rm(file, { force: true });
  }
}
