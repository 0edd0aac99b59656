import { type Command, Option } from 'commander';
import { type RecoveryAction, recoveryActions, SessionMetadata } from '../core/model/session';
import { readJson } from '../core/store/jsonFile';
import { CourierError } from '../core/support/errors';
import { Emitter } from '../core/support/events';
import { until } from '../core/support/until';
import { type Context, type FolderOptions, openContext, parseId, withFolder } from './context';
import { noAnswerError } from './exitCodes';
import { commandFor, note, printJson } from './print';
import { checkReply, replyLimit } from './request';
import { whileRunning } from './runnerKeeper';

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
      return settled(context, sessionId);
    });
    const { state, message, notice, waiting } = session;
    if (options.json) printJson({ version: '1.0', session_id: sessionId, state, message, notice, waiting });
    if (state === 'error') throw new CourierError('start_failed', message ?? `${sessionId} could not be recovered.`);
    if (notice) note(notice);
    note(`${sessionId} is ${state}.`);
    if (waiting) note(`See what it waits for: ${commandFor(context, 'status')}`);
  });
}

/** The session when its start has come to something; the reply came after it had left its old state. */
async function settled({ layout, clock, settings }: Context, sessionId: string): Promise<SessionMetadata> {
  const ends = new Set<SessionMetadata['state']>(['ready', 'busy', 'waiting', 'error', 'stopped', 'deleted']);
  const waits = { clock, wake: new Emitter<void>().event, signal: new AbortController().signal };
  const found = await until(
    async () => {
      const read = await readJson(SessionMetadata, layout.session(sessionId).metadata);
      return read.kind === 'ok' && ends.has(read.value.state) ? read.value : undefined;
    },
    { ...waits, pollMs: 50, limitMs: settings.start_timeout_s * 1000 + replyLimit },
  );
  if (!found) throw noAnswerError();
  return found;
}
