import type { Command } from 'commander';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { usageError } from './exitCodes';
import { commandFor, note } from './print';
import { requestDone } from './request';

/** `courier purge`: removes a deleted session for good. */
export function registerPurge(program: Command): void {
  const command = program
    .command('purge')
    .description('remove a deleted session with its prompts and answers, for good')
    .argument('<name>', 'its name in sessions/deleted ("courier status --deleted" lists them)', parseId)
    .option('--yes', 'really do it');
  withFolder(command).action(async (name: string, options: FolderOptions & { yes?: boolean }) => {
    const context = await openContext(options);
    if (!options.yes) {
      const again = commandFor(context, 'purge', name, '--yes');
      throw usageError(
        `The prompts and answers in ${context.layout.deletedSession(name).dir} can't be brought back after this. Nothing was removed. If you mean it: ${again}`,
      );
    }
    await requestDone(context, { action: 'purge_session', session_id: name, requested_by: 'courier purge' });
    note(`${name} is removed for good.`);
  });
}
