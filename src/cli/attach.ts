import type { Command } from 'commander';
import { openFolder } from '../core/store/folder';
import { readSnapshot } from '../core/store/snapshot';
import { ensureSocketFolder } from '../core/store/userState';
import { CourierError } from '../core/support/errors';
import { attachArgs } from '../core/tmux/attach';
import { findTmux } from '../core/tmux/findTmux';
import { type Context, type FolderOptions, openContext, withFolder } from './context';
import { exitCodes, usageError } from './exitCodes';
import { note } from './print';

/** `courier attach`: shows a session's terminal in this one. */
export function registerAttach(program: Command): void {
  const command = program
    .command('attach')
    .description("show a session's terminal in this one; leave it with Ctrl-B d")
    .argument('<session>', 'the session id, or the name of an unmanaged tmux session');
  withFolder(command).action(async (sessionId: string, options: FolderOptions) => {
    const context = await openContext(options);
    const registration = await openFolder(context.layout, context.user, context.clock);
    const tmuxSession = await findTmuxSession(context, sessionId);
    await ensureSocketFolder(registration.socket);
    const { runInTerminal, cleanEnvironment } = await import('../core/support/process');
    const { command, args } = attachArgs(await findTmux(context.settings.tmux_path), registration, tmuxSession);
    const status = await runInTerminal(command, args, cleanEnvironment());
    process.exitCode = status === 0 ? exitCodes.done : exitCodes.failed;
  });
}

/** The tmux session of one of our sessions, or an unmanaged one of that name. */
async function findTmuxSession({ layout, user, clock }: Context, name: string): Promise<string> {
  const { sessions, unmanaged, problems } = await readSnapshot(layout, user, clock, { historyLimit: 0 });
  const metadata = sessions.find((session) => session.metadata.session_id === name)?.metadata;
  if (metadata?.tmux_session) return metadata.tmux_session;
  if (unmanaged.some((session) => session.name === name)) return name;
  for (const problem of problems) note(`problem: ${problem}`);
  if (!metadata) throw usageError(`There is no session ${name} in ${layout.root}.`);
  throw new CourierError(
    'no_tmux_session',
    `${name} is ${metadata.state}: its agent does not run. The next job starts it.`,
  );
}
