import * as fs from 'node:fs/promises';
import type { Command } from 'commander';
import { openFolder } from '../core/store/folder';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { note } from './print';
import { readPrompt } from './readPrompt';
import { checkReply, replyLimit } from './request';
import { whileRunning } from './runnerKeeper';

/** `courier update`: gives a job that has not begun another prompt. */
export function registerUpdate(program: Command): void {
  const command = program
    .command('update')
    .description('give a job that has not begun another prompt')
    .argument('<job>', 'the job id', parseId)
    .argument('<file>', 'the prompt; "-" reads standard input');
  withFolder(command).action(async (jobId: string, file: string, options: FolderOptions) => {
    const context = await openContext(options);
    await openFolder(context.layout, context.user, context.clock);
    const { prompt, temporary } = await readPrompt(context.layout, context.clock, file);
    try {
      const ask = () => context.client.update(jobId, prompt, 'courier update', replyLimit);
      checkReply(await whileRunning(context, ask));
    } finally {
      if (temporary) await fs.rm(temporary, { force: true });
    }
    note(`${jobId} has its new prompt.`);
  });
}
