import { CourierError } from '../core/support/errors';

/** What `courier` exits with: 0 done · 1 the job ended otherwise, or what was asked for failed · 2 wrong usage or refused · 3 no runner answered. */
export const exitCodes = { done: 0, failed: 1, refused: 2, noAnswer: 3 } as const;

/** The end of every `--help`. */
export const exitCodeHelp = `
Exit codes:
  0  done; with --wait: the job completed
  1  the job ended otherwise, or what was asked for failed
  2  wrong usage, or the request was refused
  3  no runner answered in time
  130, 143  interrupted; a job goes on`;

const refusals = new Set(['usage', 'refused', 'not_adopted', 'no_folder', 'adopt_refused', 'settings']);

/** The exit code for something that was thrown. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof CourierError)) return exitCodes.failed;
  if (error.code === 'no_answer') return exitCodes.noAnswer;
  return refusals.has(error.code) ? exitCodes.refused : exitCodes.failed;
}

/** A usage error: what was said on the command line can't be done as said. */
export function usageError(message: string): CourierError {
  return new CourierError('usage', message);
}

/** The runner refused a request, for this reason. */
export function refusedError(reason: string | undefined): CourierError {
  return new CourierError('refused', reason ?? 'The runner refused the request.');
}

/** No runner answered a request, which is still in the inbox. */
export function noAnswerError(): CourierError {
  return new CourierError(
    'no_answer',
    'No runner answered in time. The request is kept, and is done when one does; "courier status" shows which runs.',
  );
}
