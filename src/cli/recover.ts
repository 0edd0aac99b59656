import { type Command, Option } from 'commander';
import { type RecoveryAction, recoveryActions } from '../core/model/session';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { checkReply, replyLimit } from './request';
import { whileRunning } from './runnerKeeper';
import { startedSession, tellStarted } from './startedSession';

interface RecoverOptions extends FolderOptions {
  action?: RecoveryAction;
}

/** `courier recover`: brings a session back, and waits for what comes of it. */
export function registerRecover(program: Command): void {
  const command = program
    .command('recover')
    .description('bring a session back whose agent or tmux is gone or stuck; what its agent was doing ends')
    .argument('<session>', 'the session id', parseId)
    .addOption(
      new Option('--action <action>', "what to do (default: what the session's health recommends)").choices(
        recoveryActions,
      ),
    );
  withFolder(command, { json: true }).action(async (sessionId: string, options: RecoverOptions) => {
    const context = await openContext(options);
    const request = { action: 'recover_session', session_id: sessionId, recovery: options.action } as const;
    const session = await whileRunning(context, async () => {
      const requested_by = 'courier recover';
      checkReply(await context.client.request({ ...request, requested_by }, replyLimit));
      return startedSession(context, sessionId);
    });
    tellStarted(context, session, options);
  });
}
