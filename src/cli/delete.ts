import type { Command } from 'commander';
import { readDeletedSessions } from '../core/store/deletedSessions';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { commandFor, note } from './print';
import { requestDone } from './request';

/** `courier delete`: ends a session's agent and archives its folder. */
export function registerDelete(program: Command): void {
  const command = program
    .command('delete')
    .description('end a session and move its files to sessions/deleted, from where they can be restored')
    .argument('<session>', 'the session id', parseId);
  withFolder(command).action(async (sessionId: string, options: FolderOptions) => {
    const context = await openContext(options);
    await requestDone(context, { action: 'delete_session', session_id: sessionId, requested_by: 'courier delete' });
    const { deleted } = await readDeletedSessions(context.layout);
    const folder = deleted.find((session) => session.session_id === sessionId)?.folder ?? sessionId;
    note(`${sessionId} is deleted. Its files are kept; this brings it back: ${commandFor(context, 'restore', folder)}`);
  });
}
