import type { Command } from 'commander';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { note, plain } from './print';
import { requestDone } from './request';

/** `courier rename`: changes a session's name. */
export function registerRename(program: Command): void {
  const command = program
    .command('rename')
    .description("change a session's name; its id stays")
    .argument('<session>', 'the session id', parseId)
    .argument('<name>', 'the new name: 1 to 100 characters on one line');
  withFolder(command).action(async (sessionId: string, name: string, options: FolderOptions) => {
    const context = await openContext(options);
    const request = { action: 'rename_session', session_id: sessionId, name } as const;
    await requestDone(context, { ...request, requested_by: 'courier rename' });
    note(`${sessionId} is now called "${plain(name.trim())}".`);
  });
}
