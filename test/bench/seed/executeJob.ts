import * as fs from 'node:fs';
import { jobMinWait, jobTimeout, sleep } from './config';
import { preparePrompt } from './preparePrompt';
import type { TmuxHelper } from './tmuxHelper';

/** How a job ended, and the moment after its line was sent, which the guide takes for its start (ms since the epoch). */
export interface SeedEnd {
  completed: boolean;
  jobStart: number;
  outputPath: string;
}

/**
 * The seed guide's execute_job (job_queue_manager.py) from its step 2 on, in a session that stands ready: prepare the
 * prompt, send the instruction, wait, look every 2 s. `timeout` in seconds, after the shortest wait.
 */
export async function executeJob(
  tmux: TmuxHelper,
  session: { name: string; path: string },
  promptText: string,
  timeout = jobTimeout,
): Promise<SeedEnd> {
  const { instruction, outputPath } = preparePrompt(session.path, promptText);
  await tmux.sendInstruction(session.name, instruction);
  const jobStart = Date.now();
  const end = (completed: boolean): SeedEnd => ({ completed, jobStart, outputPath });

  await sleep(jobMinWait);

  const startTime = performance.now();
  while (performance.now() - startTime < timeout * 1000) {
    const stat = fs.statSync(outputPath, { throwIfNoEntry: false });
    if (!stat || stat.mtimeMs < jobStart || stat.size < 100) {
      await sleep(2);
      continue;
    }
    return end(true);
  }
  return end(false);
}
