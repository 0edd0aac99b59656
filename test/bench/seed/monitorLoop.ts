import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';

/** The guide's POLL_INTERVAL, in milliseconds. */
export const pollInterval = 2000;

/** The guide's MAX_CONCURRENT. */
const maxConcurrent = 4;

/**
 * One turn of the seed guide's `main_loop`, as written: every session's folder is listed, every queue read. Where no job is
 * live that is all that it does: it never asks tmux whether an agent still lives. (A queue's list stands under `jobs` here.)
 */
export function pollOnce(active: string): number {
  let found = 0;
  for (const name of readdirSync(active)) {
    if (statSync(path.join(active, name)).isDirectory()) found += processSession(path.join(active, name));
  }
  return found;
}

function processSession(dir: string): number {
  const file = path.join(dir, 'job_queue.json');
  if (!existsSync(file)) return 0;
  const queue: { status: string }[] = JSON.parse(readFileSync(file, 'utf8')).jobs;
  const running = queue.filter((job) => job.status === 'running');
  const pending = queue.filter((job) => job.status === 'pending');
  return running.length + pending.slice(0, maxConcurrent - running.length).length;
}
