import type { Command } from 'commander';
import { listAgents } from '../core/agents/registry';
import { type Conversation, listConversations } from '../core/conversations';
import { readSnapshot } from '../core/store/snapshot';
import { isoTime } from '../core/support/clock';
import { type Context, type FolderOptions, openContext, parseId, withFolder } from './context';
import { usageError } from './exitCodes';
import { commandFor, note, plain, print, printJson, table } from './print';

interface ConversationsOptions extends FolderOptions {
  agent?: string;
}

/** `courier conversations`: lists what the agents themselves keep of the folder; changes nothing. */
export function registerConversations(program: Command): void {
  const command = program
    .command('conversations')
    .description('list the conversations that agents keep of the folder, last used first')
    .option('--agent <id>', 'only those of this agent', parseId);
  withFolder(command, { json: true }).action(async (options: ConversationsOptions) => {
    const context = await openContext(options);
    const { agent } = options;
    const known = listAgents(context.settings).map(({ id }) => id);
    if (agent !== undefined && !known.includes(agent))
      throw usageError(`There is no agent "${agent}". Known: ${known.join(', ')}.`);
    const all = await conversationsOf(context);
    const found = all.filter((one) => agent === undefined || one.agent.id === agent);
    if (options.json) printJson({ version: '1.0', conversations: found.map(conversationJson) });
    else if (found.length === 0) note('No agent keeps a conversation of this folder.');
    else {
      for (const line of table(found.map(row))) print(plain(line));
      note(`Go on with one in a session: ${commandFor(context, 'continue', 'ID')}`);
    }
  });
}

/** The conversations that agents keep of the folder; what can't be read is said. */
export async function conversationsOf(context: Context): Promise<Conversation[]> {
  const { layout, settings, user, clock } = context;
  const { sessions } = await readSnapshot(layout, user, clock, { historyLimit: 0 });
  const say = (message: string, error: unknown) => note(`problem: ${message}: ${error}`);
  return listConversations({ layout, settings, sessions, say });
}

/** What `--json` prints of a conversation. A field may be added within a version. */
function conversationJson({ agent, stored, title, ours }: Conversation) {
  const { id, updatedAt, inTerminal, running } = stored;
  return {
    conversation_id: id,
    agent: agent.id,
    title,
    updated_at: isoTime(updatedAt),
    begun_in: inTerminal === undefined ? 'unknown' : inTerminal ? 'terminal' : 'other',
    session_id: ours?.kind === 'session' ? ours.session.metadata.session_id : undefined,
    deleted: ours?.kind === 'deleted' ? ours.folder : undefined,
    running: running.kind === 'yes' ? { pid: running.pid, where: running.where } : running.kind,
  };
}

function row({ agent, stored, title, ours }: Conversation): string[] {
  const about = [title ?? 'without a title', whose(ours), runs(stored.running)].filter(Boolean).join(', ');
  return [stored.id, isoTime(stored.updatedAt), agent.id, about.replace(/\s+/g, ' ')];
}

function whose(ours: Conversation['ours']): string {
  if (ours?.kind === 'session') return `in session ${ours.session.metadata.session_id}`;
  return ours?.kind === 'deleted' ? `in the deleted session ${ours.folder}` : '';
}

/** Whether a conversation is open somewhere, in words; empty where it isn't. */
export function runs(running: Conversation['stored']['running']): string {
  if (running.kind === 'no') return '';
  if (running.kind === 'unknown') return 'not known whether it still runs';
  const places = { tmux: 'in tmux', terminal: 'in a terminal', background: "in its agent's background process" };
  return `open ${places[running.where]} (process ${running.pid})`;
}
