import { randomUUID } from 'node:crypto';
import { isoTime } from '../support/clock';
import { CourierError, describeForLog, messageOf } from '../support/errors';
import { sessionName } from '../tmux/names';
import type { AgentPane } from './agentPane';
import type { Launcher, LauncherOptions } from './launcher';
import type { ManagedSession } from './managedSession';
import { settle } from './settle';
import { endedAtStart, lastWords, startOften } from './startOften';

export interface StartContext {
  launcher: Launcher;
  options: Pick<LauncherOptions, 'clock' | 'settings'>;
  /** Ends the waiting when the runner stops; the CLI goes on. */
  signal: AbortSignal;
}

/** How a session is started: in the pane that stands under its name, where there is one, or in a new tmux session. */
export interface StartOptions {
  inPlace?: boolean;
}

/**
 * Starts a session in the guide's three phases, each written to its files as it happens: folder, tmux with the CLI in
 * it, and the handshake (the CLI's own receipt and an input row that stands still). Its conversation goes on; only when
 * the CLI itself says that there is none of its id, a new one is begun, and that is said. Throws `start_failed`.
 */
export async function startSession(
  session: ManagedSession,
  context: StartContext,
  how: StartOptions = {},
): Promise<AgentPane> {
  const begin = () =>
    startOften(
      () => start(session, context, how),
      (message) => session.log('info', message),
    );
  try {
    await session.makeFolders();
    session.moveTo('folder_created', { ready_at: undefined });
    try {
      return await begin();
    } catch (error) {
      if (!(error instanceof CourierError && error.code === 'no_conversation')) throw error;
      const notice = `The conversation ${session.metadata.conversation_id} is not there any more, so a new one was begun: the agent remembers nothing of the earlier turns. Their prompts and answers are kept in the session's folder.`;
      session.log('warn', notice);
      session.patch({ conversation_id: undefined, notice });
      return await begin();
    }
  } catch (error) {
    if (context.signal.aborted) throw error;
    const message = messageOf(error);
    if (error instanceof CourierError && error.cause !== undefined) session.log('warn', describeForLog(error.cause));
    session.moveTo(
      'error',
      { message },
      { error: message, action: 'restart_claude', reason: 'the session could not be started' },
    );
    throw new CourierError('start_failed', message, { cause: error });
  }
}

/** Goes on with a start that an earlier runner began in this pane. */
export function goOnStarting(session: ManagedSession, pane: AgentPane, context: StartContext): Promise<AgentPane> {
  return startOften(
    (again) => (again ? start(session, context, {}) : handshake(session, pane, context)),
    (message) => session.log('info', message),
  );
}

async function start(session: ManagedSession, context: StartContext, how: StartOptions): Promise<AgentPane> {
  const { launcher, options } = context;
  const name = sessionName(options.settings, session.id);
  const agent = launcher.agent(session.metadata.agent);
  const resume = agent.canResume ? session.metadata.conversation_id : undefined;
  // Without receipts nobody says which conversation it is in: it is the one that we name.
  const begin = agent.canResume && !agent.receipts ? randomUUID() : undefined;
  const { subagent } = session.metadata;
  context.signal.throwIfAborted();
  const pane = await launcher.launch(agent, session.files, name, { ...how, resume, begin, subagent });
  session.setPane(pane);
  session.moveTo('tmux_started', { tmux_session: name });
  session.rest('tmux_started');
  await handshake(session, pane, context);
  if (begin !== undefined && resume === undefined) session.noteConversation(begin);
  return pane;
}

/** The third phase: the CLI's own receipt, and an input row that stands still. */
async function handshake(session: ManagedSession, pane: AgentPane, context: StartContext): Promise<AgentPane> {
  const { clock, settings } = context.options;
  const settled = await settle(pane, { clock, settings, signal: context.signal, starting: true });
  if (settled === 'ended') {
    const ended = await endedAtStart(pane);
    const { conversation_id } = session.metadata;
    const forgotten = conversation_id !== undefined && pane.agent.hasForgotten(await lastWords(pane), conversation_id);
    session.setPane(undefined);
    await context.launcher.discard(pane);
    throw forgotten ? new CourierError('no_conversation', ended.message) : ended;
  }
  session.patch({ ready_at: isoTime(clock.now()) });
  session.rest('ready');
  return pane;
}
