import { messageOf } from '../core/support/errors';
import type { Log } from '../core/support/log';

/** A log on stderr, a line an entry with its time; `errorsOnly` for a runner that is there only by the way. */
export function stderrLog(options: { errorsOnly: boolean }): Log {
  const say = (level: string, message: string) =>
    process.stderr.write(`${new Date().toISOString()} ${level} ${message}\n`);
  const quiet = () => {};
  return {
    debug: quiet,
    info: options.errorsOnly ? quiet : (message) => say('info ', message),
    warn: options.errorsOnly ? quiet : (message) => say('warn ', message),
    error: (message, cause) => say('error', cause === undefined ? message : `${message}: ${messageOf(cause)}`),
  };
}
