import type { Command } from 'commander';
import { SessionMetadata } from '../core/model/session';
import { openFolder } from '../core/store/folder';
import { readJson } from '../core/store/jsonFile';
import { CourierError } from '../core/support/errors';
import { attachArgs } from '../core/tmux/attach';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { exitCodes, usageError } from './exitCodes';

/** `courier attach`: shows a session's terminal in this one. */
export function registerAttach(program: Command): void {
  const command = program
    .command('attach')
    .description("show a session's terminal in this one; leave it with Ctrl-B d")
    .argument('<session>', 'the session id', parseId);
  withFolder(command).action(async (sessionId: string, options: FolderOptions) => {
    const { layout, user, clock, settings } = await openContext(options);
    const registration = await openFolder(layout, user, clock);
    const metadata = await readJson(SessionMetadata, layout.session(sessionId).metadata);
    if (metadata.kind === 'missing') throw usageError(`There is no session ${sessionId} in ${layout.root}.`);
    if (metadata.kind !== 'ok') throw new CourierError('unreadable', metadata.message);
    const { tmux_session, state } = metadata.value;
    if (!tmux_session) {
      throw new CourierError(
        'no_tmux_session',
        `${sessionId} is ${state}: its agent does not run. The next job starts it.`,
      );
    }
    const { runInTerminal, cleanEnvironment } = await import('../core/support/process');
    const { command, args } = attachArgs(settings, registration, tmux_session);
    const status = await runInTerminal(command, args, cleanEnvironment());
    process.exitCode = status === 0 ? exitCodes.done : exitCodes.failed;
  });
}
