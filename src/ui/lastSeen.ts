import { CourierError } from '../core/support/errors';
import { t } from './l10n';
import { isNode, type LastSeenNode } from './nodes';

/** What among the arguments of a command is only known as it was last shown. */
export function lastSeenIn(args: readonly unknown[]): LastSeenNode[] {
  return args.flat().filter((one): one is LastSeenNode => isNode(one, 'lastSeen'));
}

/** Waits until the files say what these are, so that something can be done with them; throws when one is gone. */
export async function untilLooked(nodes: readonly LastSeenNode[]): Promise<void> {
  await Promise.all(nodes.map(({ folder }) => folder.looked));
  const gone = lastSeenIn(nodes)[0];
  if (!gone) return;
  const message = t(
    'The session {0} is no longer there, so nothing was done. The view shows those that are.',
    gone.row.label,
  );
  throw new CourierError('no_session', message);
}
