/** Where a component says what it does; the last word is for details that only a developer reads. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, cause?: unknown): void;
  debug(message: string): void;
}

/** A log that keeps nothing. */
export const silentLog: Log = { info() {}, warn() {}, error() {}, debug() {} };
