import { type Command, InvalidArgumentError } from 'commander';
import type { PlainRequest } from '../core/client';
import { type Conversation, isAtRest, nameFor } from '../core/conversations';
import { newSessionId } from '../core/model/newSessionId';
import { isConversationId } from '../core/model/session';
import { readSessions } from '../core/store/snapshot';
import { type Context, type FolderOptions, openContext, parseId, withFolder } from './context';
import { conversationsOf, runs } from './conversations';
import { usageError } from './exitCodes';
import { commandFor, note } from './print';
import { checkReply, replyLimit } from './request';
import { whileRunning } from './runnerKeeper';
import { startedSession, tellStarted } from './startedSession';

interface ContinueOptions extends FolderOptions {
  session?: string;
  yes?: boolean;
}

const requested_by = 'courier continue';

/** `courier continue`: goes on with a conversation, whoever began it, in a session, and waits for what comes of its start. */
export function registerContinue(program: Command): void {
  const command = program
    .command('continue')
    .description('go on with a conversation in a session: in its own, one that is restored, or a new one')
    .argument('<conversation>', 'its id ("courier conversations" lists them)', parseConversation)
    .option('--session <id>', 'the id of a session that is made (default: from the title)', parseId)
    .option('--yes', 'also when it is open elsewhere, or that is not known');
  withFolder(command, { json: true }).action(async (id: string, options: ContinueOptions) => {
    const context = await openContext(options);
    const found = (await conversationsOf(context)).find(({ stored }) => stored.id === id);
    if (!found) throw usageError(`No agent keeps a conversation ${id} of this folder. Nothing was started.`);
    const { ours } = found;
    if (ours?.kind === 'session' && !isAtRest(ours.session)) {
      note(`It is in session ${ours.session.metadata.session_id} already.`);
      tellStarted(context, ours.session.metadata, options);
      return;
    }
    if (!options.yes) checkClosed(context, found);
    const { session_id, requests } = await wayOf(context, found, options.session);
    const session = await whileRunning(context, async () => {
      for (const request of requests) checkReply(await context.client.request(request, replyLimit));
      return startedSession(context, session_id);
    });
    tellStarted(context, session, options);
  });
}

/** What is said in two places would not know of each other. Of a session of ours at rest, not to know is no reason to refuse. */
function checkClosed(context: Context, { stored, ours }: Conversation): void {
  const { id, running } = stored;
  if (running.kind === 'no' || (running.kind === 'unknown' && ours?.kind === 'session')) return;
  const again = commandFor(context, 'continue', id, '--yes');
  const why = running.kind === 'yes' ? `It is ${runs(running)}` : 'It is not known whether it still runs elsewhere';
  throw usageError(
    `${why}: what is said there and here would not know of each other. Nothing was started. Close it there first, or: ${again}`,
  );
}

/** The requests that lead to its session. */
async function wayOf(
  { layout }: Context,
  conversation: Conversation,
  session: string | undefined,
): Promise<{ session_id: string; requests: PlainRequest[] }> {
  const { ours, agent, stored } = conversation;
  const recover = (session_id: string): PlainRequest => ({ action: 'recover_session', session_id, requested_by });
  if (ours?.kind === 'session') {
    const { session_id } = ours.session.metadata;
    return { session_id, requests: [recover(session_id)] };
  }
  if (ours?.kind === 'deleted') {
    const restore: PlainRequest = { action: 'restore_session', session_id: ours.folder, requested_by };
    return { session_id: ours.session_id, requests: [restore, recover(ours.session_id)] };
  }
  const taken = new Set((await readSessions(layout)).map(({ session_id }) => session_id));
  const name = nameFor(conversation);
  const session_id = session ?? newSessionId(name, taken);
  const make: PlainRequest = {
    action: 'create_session',
    session_id,
    agent: agent.id,
    name,
    conversation_id: stored.id,
    requested_by,
  };
  return { session_id, requests: [make] };
}

function parseConversation(text: string): string {
  if (!isConversationId(text)) throw new InvalidArgumentError('It is no id of a conversation.');
  return text;
}
