import * as path from 'node:path';
import type { Agent, StoredConversation } from './agents/agent';
import { createAgent, listAgents } from './agents/registry';
import { promptPathIn } from './runner/instruction';
import { findPromptText, readBeginning, titleOf } from './runner/promptFile';
import { type DeletedSession, readDeletedSessions } from './store/deletedSessions';
import type { Layout } from './store/layout';
import { isRealFolder } from './store/realFolder';
import type { Settings } from './store/settings';
import type { SessionView } from './store/snapshot';
import { shortened } from './support/shortened';

/** A conversation that some agent keeps of a folder, as a person is shown it. */
export interface Conversation {
  agent: { id: string; title: string };
  stored: StoredConversation;
  /** The first words of it, on one line; undefined when there are none. */
  title: string | undefined;
  /** Where it is ours: in a session that is there, or was deleted (`folder` as in `DeletedSession`), or begun by one that is gone. */
  ours?:
    | { kind: 'session'; session: SessionView }
    | { kind: 'deleted'; folder: string; session_id: string; name: string }
    | { kind: 'begun' };
}

/** Whether nothing of a session runs, so that its conversation may be open elsewhere. */
export function isAtRest({ metadata: { state } }: SessionView): boolean {
  return state === 'stopped' || state === 'lost' || state === 'error';
}

/** What a session that goes on with a conversation is called: one line without control characters, which a title from a file may hold. */
export function nameFor({ agent, title = '' }: Conversation): string {
  const plain = title.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').trim();
  return shortened(plain, 50) || agent.title;
}

/** What the conversations of a folder are looked for with. `say` is told of what can't be read. */
export interface ConversationsInput {
  layout: Layout;
  settings: Settings;
  sessions: readonly SessionView[];
  say(message: string, error: unknown): void;
}

/** The conversations that the agents there are keep of a folder, last used first. Reads only; one that can't be asked keeps no other from it. */
export async function listConversations(input: ConversationsInput): Promise<Conversation[]> {
  const { layout, sessions } = input;
  const lists = await Promise.all(listAgents(input.settings).map(({ id }) => conversationsOf(id, input)));
  const { deleted } = await readDeletedSessions(layout);
  // Two agents of the settings may be one CLI, and keep the same ones: a session's own agent, else the first, has it.
  const all = new Map<string, Conversation>();
  for (const { agent, stored } of lists.flat()) {
    const session = sessions.find(({ metadata }) => metadata.conversation_id === stored.id);
    if (all.has(stored.id) && session?.metadata.agent !== agent.id) continue;
    const prompt = promptPathIn(stored.firstPrompt ?? '');
    const title = (prompt && (await beginningOf(layout, prompt))) || titleOf(stored.title ?? stored.firstPrompt ?? '');
    const { id } = agent;
    const ours: Conversation['ours'] = session
      ? { kind: 'session', session }
      : (inDeleted(deleted, stored.id) ?? (prompt === undefined ? undefined : { kind: 'begun' }));
    all.set(stored.id, { agent: { id, title: agent.title }, stored, title, ours });
  }
  return [...all.values()].sort((a, b) => b.stored.updatedAt - a.stored.updatedAt);
}

function inDeleted(deleted: readonly DeletedSession[], id: string): Conversation['ours'] {
  const one = deleted.find(({ conversation_id }) => conversation_id === id);
  return one && { kind: 'deleted', folder: one.folder, session_id: one.session_id, name: one.name };
}

async function conversationsOf(
  id: string,
  { layout, settings, say }: ConversationsInput,
): Promise<{ agent: Agent; stored: StoredConversation }[]> {
  try {
    // Nothing of it is started here.
    const agent = createAgent(id, settings, { node: process.execPath, script: '' });
    return ((await agent.conversations?.(layout.workspace)) ?? []).map((stored) => ({ agent, stored }));
  } catch (error) {
    say(`The conversations of ${id} could not be read`, error);
    return [];
  }
}

/** The first words of a prompt of ours, which says more than the line that was typed for it; undefined when its file is gone. */
async function beginningOf(layout: Layout, promptPath: string): Promise<string | undefined> {
  try {
    const file = layout.resolve(promptPath);
    if (!file || !(await isRealFolder(layout, path.dirname(file)))) return undefined;
    const range = await findPromptText(file);
    return range && titleOf((await readBeginning(range, 4096)).text);
  } catch {
    return undefined;
  }
}
