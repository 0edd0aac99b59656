import type { Command } from 'commander';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { note } from './print';
import { requestDone } from './request';

/** `courier stop`: ends a session's agent. */
export function registerStop(program: Command): void {
  const command = program
    .command('stop')
    .description("stop a session's agent; its files stay, and the next job starts it again")
    .argument('<session>', 'the session id', parseId);
  withFolder(command).action(async (sessionId: string, options: FolderOptions) => {
    const context = await openContext(options);
    await requestDone(context, { action: 'stop_session', session_id: sessionId, requested_by: 'courier stop' });
    note(`${sessionId} is stopped.`);
  });
}
