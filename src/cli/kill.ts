import type { Command } from 'commander';
import { type FolderOptions, openContext, withFolder } from './context';
import { usageError } from './exitCodes';
import { commandFor, note } from './print';
import { requestDone } from './request';

/** `courier kill`: ends a tmux session on the folder's server that is none of ours. */
export function registerKill(program: Command): void {
  const command = program
    .command('kill')
    .description("end an unmanaged tmux session on the folder's own server")
    .argument('<name>', 'its name ("courier status" lists them)')
    .option('--yes', 'really do it');
  withFolder(command).action(async (name: string, options: FolderOptions & { yes?: boolean }) => {
    const context = await openContext(options);
    if (!options.yes) {
      const again = commandFor(context, 'kill', name, '--yes');
      throw usageError(`What runs in "${name}" is ended with it. Nothing was ended. If you mean it: ${again}`);
    }
    await requestDone(context, { action: 'kill_unmanaged', tmux_session: name, requested_by: 'courier kill' });
    note(`"${name}" is ended.`);
  });
}
