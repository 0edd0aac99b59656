import type { Command } from 'commander';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { note } from './print';
import { requestDone } from './request';

/** `courier restore`: brings a deleted session back. */
export function registerRestore(program: Command): void {
  const command = program
    .command('restore')
    .description('bring a deleted session back; its next job goes on with its conversation')
    .argument('<name>', 'its name in sessions/deleted ("courier status --deleted" lists them)', parseId);
  withFolder(command).action(async (name: string, options: FolderOptions) => {
    const context = await openContext(options);
    await requestDone(context, { action: 'restore_session', session_id: name, requested_by: 'courier restore' });
    note(`${name} is restored. It is stopped; the next job starts it.`);
  });
}
