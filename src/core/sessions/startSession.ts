import { CourierError, describeForLog, messageOf } from '../support/errors';
import { sessionName } from '../tmux/names';
import type { AgentPane } from './agentPane';
import type { Launcher, LauncherOptions } from './launcher';
import type { ManagedSession } from './managedSession';
import { settle } from './settle';

export interface StartContext {
  launcher: Launcher;
  options: Pick<LauncherOptions, 'clock' | 'settings'>;
  /** Ends the waiting when the runner stops; the CLI goes on. */
  signal: AbortSignal;
}

/**
 * Starts a session in the guide's three phases, each written to its files as it happens: folder, tmux with the CLI in
 * it, and the handshake (the CLI's own receipt and an input row that stands still). Throws `start_failed`.
 */
export async function startSession(session: ManagedSession, context: StartContext): Promise<AgentPane> {
  const { settings } = context.options;
  try {
    await session.makeFolders();
    session.moveTo('folder_created', { ready_at: undefined });
    const name = sessionName(settings, session.id);
    const agent = context.launcher.agent(session.metadata.agent);
    const resume = agent.canResume ? session.metadata.conversation_id : undefined;
    try {
      return await start(session, context, name, resume);
    } catch (error) {
      // A conversation that can't be gone on with makes the CLI end at once; a new one is better than none.
      if (resume === undefined || context.signal.aborted) throw error;
      session.log('warn', `the conversation ${resume} could not be resumed, a new one is begun: ${messageOf(error)}`);
      session.patch({ conversation_id: undefined });
      session.moveTo('error');
      session.moveTo('folder_created');
      return await start(session, context, name, undefined);
    }
  } catch (error) {
    if (context.signal.aborted) throw error;
    const message = messageOf(error);
    if (error instanceof CourierError && error.cause !== undefined) session.log('warn', describeForLog(error.cause));
    session.moveTo(
      'error',
      { message },
      { error: message, action: 'recreate', reason: 'the session could not be started' },
    );
    throw new CourierError('start_failed', message, { cause: error });
  }
}

async function start(
  session: ManagedSession,
  context: StartContext,
  name: string,
  resume: string | undefined,
): Promise<AgentPane> {
  const agent = context.launcher.agent(session.metadata.agent);
  const { pane } = await context.launcher.launch(agent, session.files, name, resume);
  session.setPane(pane);
  session.moveTo('tmux_started', { tmux_session: name });
  session.rest('tmux_started');
  return handshake(session, pane, context);
}

/** The third phase by itself; also for a session whose start an earlier runner began. */
export async function handshake(session: ManagedSession, pane: AgentPane, context: StartContext): Promise<AgentPane> {
  const { clock, settings } = context.options;
  const settled = await settle(pane, { clock, settings, signal: context.signal, starting: true });
  if (settled === 'ended') {
    const words = await endOf(pane);
    session.setPane(undefined);
    await context.launcher.discard(pane);
    throw new CourierError('agent_exited', `${pane.agent.title} ended while it was starting (${words}).`);
  }
  session.rest('ready');
  session.patch({ ready_at: session.metadata.updated_at });
  return pane;
}

/** How a program ended and its last words, for a person. */
export async function endOf(pane: AgentPane): Promise<string> {
  const { ended } = pane;
  if (!ended || ended.kind === 'gone') return 'its tmux session is gone';
  const { signal, exit_status } = await pane.exitStatus();
  const how = signal
    ? `signal ${signal}`
    : exit_status === undefined
      ? 'exit status unknown'
      : `exit status ${exit_status}`;
  const words = await pane.lastScreen(6).catch(() => '');
  return words === '' ? how : `${how}; its last words: ${words}`;
}
