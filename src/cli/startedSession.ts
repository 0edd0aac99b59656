import { SessionMetadata } from '../core/model/session';
import { readJson } from '../core/store/jsonFile';
import { CourierError } from '../core/support/errors';
import { Emitter } from '../core/support/events';
import { until } from '../core/support/until';
import type { Context } from './context';
import { noAnswerError } from './exitCodes';
import { commandFor, note, printJson } from './print';
import { replyLimit } from './request';

/** The session when its start has come to something; the reply came after it had left its old state. */
export async function startedSession(
  { layout, clock, settings }: Context,
  sessionId: string,
): Promise<SessionMetadata> {
  const ends = new Set<SessionMetadata['state']>(['ready', 'busy', 'waiting', 'error', 'stopped', 'deleted']);
  const waits = { clock, wake: new Emitter<void>().event, signal: new AbortController().signal };
  const found = await until(
    async () => {
      const read = await readJson(SessionMetadata, layout.session(sessionId).metadata);
      return read.kind === 'ok' && ends.has(read.value.state) ? read.value : undefined;
    },
    { ...waits, pollMs: 50, limitMs: settings.start_timeout_s * 1000 + replyLimit },
  );
  if (!found) throw noAnswerError();
  return found;
}

/** Says what came of a session's start. Throws when it failed. */
export function tellStarted(context: Context, session: SessionMetadata, { json }: { json?: boolean }): void {
  const { session_id, state, message, notice, waiting } = session;
  if (json) printJson({ version: '1.0', session_id, state, message, notice, waiting });
  if (state === 'error') throw new CourierError('start_failed', message ?? `${session_id} could not be started.`);
  if (notice) note(notice);
  note(`${session_id} is ${state}.`);
  if (waiting) note(`See what it waits for: ${commandFor(context, 'status')}`);
}
