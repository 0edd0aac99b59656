import type { RecoveryAction } from '../model/session';
import { recommended } from '../sessions/health';
import type { ManagedSession } from '../sessions/managedSession';
import { setAsideUnreadable } from '../sessions/recover';
import type { RequestContext } from './context';

/** Begins to recover a session, by the action that its health recommends unless one is named. How it goes stands in its files. */
export async function recoverSession(
  context: RequestContext,
  session: ManagedSession,
  action: RecoveryAction = recommended(session.metadata.state, session.judged),
): Promise<ManagedSession> {
  await session.makeFolders();
  if (action === 'recreate') await setAsideUnreadable(session, context.clock);
  context.recover(session, action).catch(() => undefined);
  // Whoever asked may read the files after the reply, and find it on its way.
  await session.flush();
  return session;
}
