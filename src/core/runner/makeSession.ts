import type { Agent } from '../agents/agent';
import type { Request } from '../model/request';
import type { ManagedSession } from '../sessions/managedSession';
import type { RequestContext } from './context';
import { invalid } from './findJobs';
import { createSession } from './loadSessions';

/** Makes the session that a request asks for, and begins to start it. Throws CourierError for what can't be made. */
export async function makeSession(
  context: RequestContext,
  request: Extract<Request, { action: 'create_session' }>,
): Promise<ManagedSession> {
  const { session_id, name, subagent, conversation_id } = request;
  if (context.sessions.has(session_id)) throw invalid(`There is a session "${session_id}" already.`);
  const id = request.agent ?? context.settings.default_agent;
  const agent = context.launcher.agent(id);
  if (subagent !== undefined && !agent.hasSubagents)
    throw invalid(`${agent.title} has no agents of its own, so it can't run as "${subagent}".`);
  if (conversation_id !== undefined) await checkConversation(context, agent, conversation_id);
  const session = await createSession(context, session_id, id, { name, subagent, conversation: conversation_id });
  // The reply says that the session exists; how its start goes stands in its files.
  context.ensureStarted(session).catch(() => undefined);
  return session;
}

/** Refuses what is no conversation of this agent in this folder, or is another session's: two programs may not be in one. */
async function checkConversation({ sessions, layout }: RequestContext, agent: Agent, id: string): Promise<void> {
  const owner = [...sessions.values()].find(({ metadata }) => metadata.conversation_id === id);
  if (owner) throw invalid(`The conversation ${id} is in session "${owner.id}" already; start that one.`);
  if (!agent.canResume || !agent.conversations)
    throw invalid(`Nothing is known of conversations that ${agent.title} keeps, so none can be gone on with.`);
  const [stored] = await agent.conversations(layout.workspace, id);
  if (stored?.id !== id)
    throw invalid(`${agent.title} keeps no conversation ${id} of this folder; nothing was started.`);
}
