import { CourierError } from '../support/errors';
import { cleanEnvironment, run } from '../support/process';
import type { TmuxCall } from './commands';

/** A tmux call that failed. `noServer` tells a server that isn't there from everything else. */
export class TmuxError extends CourierError {
  constructor(
    message: string,
    readonly noServer: boolean,
    cause?: unknown,
  ) {
    super(noServer ? 'no_tmux_server' : 'tmux', message, { cause });
  }
}

export interface TmuxClientOptions {
  tmuxPath: string;
  socket: string;
  conf: string;
  /** An upper bound for each call, in milliseconds: after an upgrade of tmux, a call to the old server can hang. */
  timeoutMs?: number;
  env?: NodeJS.ProcessEnv;
}

/** Runs tmux calls against our own server: own socket, own conf, UTF-8 whatever the locale. */
export class TmuxClient {
  /** How many calls were made; what a job costs is counted by it. */
  calls = 0;
  private readonly base: string[];
  private readonly env: NodeJS.ProcessEnv;

  constructor(private readonly options: TmuxClientOptions) {
    this.base = ['-u', '-S', options.socket, '-f', options.conf];
    this.env = cleanEnvironment(options.env);
  }

  /** Makes one call. Throws TmuxError with tmux's own words. */
  async call<T>(call: TmuxCall<T>, limits: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<T> {
    this.calls++;
    const timeoutMs = limits.timeoutMs ?? this.options.timeoutMs ?? 5000;
    const result = await run(this.options.tmuxPath, [...this.base, ...call.args], {
      timeoutMs,
      input: call.input,
      cwd: call.cwd,
      env: this.env,
      signal: limits.signal,
    });
    if (!result.failed) return call.parse(result.stdout);
    if (result.timedOut) {
      throw new TmuxError(
        `tmux gave no answer within ${timeoutMs / 1000} s (${call.args[0]}); its server may be of an older version, or stopped.`,
        false,
      );
    }
    const words = (result.stderr || result.stdout).trim();
    const noServer =
      /no server running|error connecting to .*\((No such file|Connection refused)|server exited|lost server/.test(
        words,
      );
    throw new TmuxError(words || (result.problem ?? 'tmux failed'), noServer, result.problem);
  }

  /** As `call`, for one that starts the server: it can meet the old one while that is just ending, and nothing was started then. */
  async callStarting<T>(call: TmuxCall<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.call(call);
      } catch (error) {
        if (!(error instanceof TmuxError && error.noServer) || tries >= 3) throw error;
      }
    }
  }

  /** As `call`, with undefined when there is no server. */
  async callIfServer<T>(call: TmuxCall<T>): Promise<T | undefined> {
    try {
      return await this.call(call);
    } catch (error) {
      if (error instanceof TmuxError && error.noServer) return undefined;
      throw error;
    }
  }
}

/** The lowest tmux that has what we use: `new-session -e`, numeric formats, window-size latest. */
export const tmuxFloor = [3, 2] as const;

/** The version of a tmux as it says it ("tmux 3.3a" is [3, 3]); undefined for words that aren't understood, such as a build from source. */
export function parseTmuxVersion(words: string): [number, number] | undefined {
  const match = /(\d+)\.(\d+)/.exec(words);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

/** Finds out which tmux there is. Throws with what to do when there is none, or one too old. */
export async function checkTmux(tmuxPath: string): Promise<string> {
  const result = await run(tmuxPath, ['-V'], { timeoutMs: 5000, env: cleanEnvironment() });
  if (result.failed) {
    throw new CourierError(
      'no_tmux',
      `tmux could not be run as "${tmuxPath}". Install it (Debian, Ubuntu: apt-get install tmux; macOS: brew install tmux), or set courier.tmuxPath to where it is.`,
      { cause: result.problem },
    );
  }
  const words = result.stdout.trim();
  const version = parseTmuxVersion(words);
  if (version && (version[0] < tmuxFloor[0] || (version[0] === tmuxFloor[0] && version[1] < tmuxFloor[1]))) {
    throw new CourierError('old_tmux', `${words} is too old: Tmux Courier needs tmux ${tmuxFloor.join('.')} or later.`);
  }
  return words;
}
