import type { PlainRequest } from '../core/client';
import type { Reply } from '../core/model/request';
import type { Context } from './context';
import { noAnswerError, refusedError } from './exitCodes';
import { whileRunning } from './runnerKeeper';

/** How long a reply may take, in milliseconds: ending an agent in order can take a while. */
export const replyLimit = 30_000;

/** Has a request done by the folder's runner, or by one in this process; throws when it is refused or nobody answers. */
export async function requestDone(context: Context, request: PlainRequest): Promise<void> {
  checkReply(await whileRunning(context, () => context.client.request(request, replyLimit)));
}

/** Throws unless a reply came and says yes. */
export function checkReply(reply: Reply | undefined): void {
  if (!reply) throw noAnswerError();
  if (!reply.ok) throw refusedError(reply.error);
}
