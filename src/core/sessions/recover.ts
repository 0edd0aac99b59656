import type { RecoveryAction } from '../model/session';
import { Health, SessionMetadata } from '../model/session';
import { readJson, setAside } from '../store/jsonFile';
import { QueueFile } from '../store/queueFile';
import type { Clock } from '../support/clock';
import type { TmuxClient } from '../tmux/client';
import { sessionName } from '../tmux/names';
import type { AgentPane } from './agentPane';
import { endTmuxSession } from './endProgram';
import type { ManagedSession } from './managedSession';
import { type StartContext, startSession } from './startSession';

export interface RecoverContext extends StartContext {
  tmux: TmuxClient;
  epoch: number;
}

/**
 * Does one of the guide's recovery actions, by itself, and starts the session with it: its conversation goes on, except
 * with `recreate`. Its jobs, prompts, outputs and history stay. Throws `start_failed`.
 */
export async function recover(
  session: ManagedSession,
  action: RecoveryAction,
  context: RecoverContext,
): Promise<AgentPane> {
  switch (action) {
    // The tmux session stays, and with it whoever is attached; where there is none, it is made.
    case 'restart_claude':
      return startSession(session, context, { inPlace: true });
    // What stands under the session's name is ended by the start itself.
    case 'restart_tmux':
    case 'initialize':
      return startSession(session, context);
    case 'recreate':
      await endTmuxSession({ ...context, ...context.options }, sessionName(context.options.settings, session.id));
      session.patch({ conversation_id: undefined, notice: undefined });
      session.rewrite();
      return startSession(session, context);
  }
}

/** Sets aside what of a session's state files can't be read, before its runner writes them again as it knows them. */
export async function setAsideUnreadable(session: ManagedSession, clock: Clock): Promise<void> {
  const { metadata, health, queue } = session.files;
  for (const [schema, file] of [
    [SessionMetadata, metadata],
    [Health, health],
    [QueueFile, queue],
  ] as const) {
    const read = await readJson(schema, file);
    if (read.kind === 'ok' || read.kind === 'missing') continue;
    session.log('warn', `${read.message}; it was set aside as ${await setAside(file, clock.now())}`);
  }
}
