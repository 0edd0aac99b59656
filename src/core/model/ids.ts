import * as v from 'valibot';

/** The alphabet of every id that reaches a path or tmux: no dot, slash, colon, `#` or leading dash can be said in it. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Schema of a session id, job id, agent id, request id or job type. */
export const Id = v.pipe(
  v.string(),
  v.regex(idPattern, 'an id has 1 to 64 letters, digits, "_" or "-", and starts with a letter or digit'),
);

/** Where ids get their randomness and time from, so that tests can fix both. */
export interface IdSource {
  now(): number;
  random(): string;
}

/**
 * A new job id, `j-YYYYMMDD-xxxxxxxxx` (UTC): six base-36 digits of the day's milliseconds and three random ones, so
 * that ids sort by time and stay short in file names.
 */
export function newJobId(source: IdSource): string {
  const now = source.now();
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  const time = (now % 86_400_000).toString(36).padStart(6, '0');
  const chance = (Number.parseInt(source.random().slice(0, 8), 16) % 36 ** 3).toString(36).padStart(3, '0');
  return `j-${day}-${time}${chance}`;
}

/** A new request id for an action that isn't a job: `r-xxxxxxxxxxxx`. */
export function newRequestId(source: IdSource): string {
  return `r-${source.random().slice(0, 12)}`;
}

/** A name for a deleted session's folder when its own id is taken there; it is an id itself. */
export function deletedName(sessionId: string, source: IdSource): string {
  return `${sessionId.slice(0, 55)}-${source.random().slice(0, 8)}`;
}

/** Whether a deleted session's folder may be one of this session's. */
export function isDeletedName(name: string, sessionId: string): boolean {
  return name === sessionId || name.startsWith(`${sessionId.slice(0, 55)}-`);
}
