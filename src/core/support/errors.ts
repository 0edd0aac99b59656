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

/** The text of anything that was thrown, for a person. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
