/**
 * An error whose message is for a person: what happened, what was kept, what to do next.
 * `code` is stable and for programs; the cause is kept for the log.
 */
export class CourierError extends Error {
  override readonly name = 'CourierError';

  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Whether an error says that another runner owns the folder now. */
export function isSuperseded(error: unknown): boolean {
  return error instanceof CourierError && error.code === 'superseded';
}

/** What the disk refuses for now and may take later, by the system's code, in words for a person. */
const refusals: Record<string, string> = {
  ENOSPC: 'The disk is full; make room on it',
  EDQUOT: 'Your quota of the disk is used up; make room',
  EROFS: 'The disk is read-only; make it writable',
  EACCES: 'A file or folder may not be used by you; mend its owner or mode',
  EPERM: 'A file or folder may not be changed; mend its owner or mode',
  EIO: 'The disk has an error; look after it',
  EMFILE: 'Too many files are open; close programs',
  ENFILE: 'Too many files are open; close programs',
};

/** Whether an error is a refusal of the disk that may be over later: what was to be written is right, and may be tried again. */
export function isRefusedByDisk(error: unknown): boolean {
  return hasCode(error, ...Object.keys(refusals));
}

/** The text of anything that was thrown, for a person. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = 'code' in error ? refusals[String(error.code)] : undefined;
  return words ? `${words} (${error.message}).` : error.message;
}

/** The text of anything that was thrown with its causes and stack, for the log. */
export function describeForLog(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n  caused by: ${describeForLog(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** Whether an error is the operating system's, with one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
