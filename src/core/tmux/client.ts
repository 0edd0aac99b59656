import { lstatSync } from 'node:fs';
import type { Clock } from '../support/clock';
import type { Disposable } from '../support/disposables';
import { CourierError } from '../support/errors';
import { cleanEnvironment, run } from '../support/process';
import type { Pane, TmuxCall } from './commands';
import { ControlClient, NoAnswer } from './controlClient';
import { findTmux, tmuxAdvice } from './findTmux';
import type { ServerProcess } from './serverProcess';

/**
 * A tmux call that failed. `noServer` tells a server that isn't there, or has no session, from everything else; after `noAnswer`
 * what was asked for may have been done, or may be done yet.
 */
export class TmuxError extends CourierError {
  constructor(
    message: string,
    readonly noServer: boolean,
    cause?: unknown,
    readonly noAnswer = false,
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
  /** What is known of the server's process, to bring it back when its socket was removed. */
  server?: ServerProcess;
  /** With a clock, one client in control mode is kept beside the calls, for those that can go over it. */
  control?: Clock;
}

interface CallLimits {
  timeoutMs?: number;
  signal?: AbortSignal;
}

/**
 * Runs tmux calls against our own server: own socket, own conf, UTF-8 whatever the locale. Each is a process of its own, or,
 * where one stands, a line to a client in control mode.
 */
export class TmuxClient implements Disposable {
  /** How many calls were made; what a job costs is counted by it. */
  calls = 0;
  /** How many of them the client in control mode answered. */
  controlled = 0;
  private readonly base: string[];
  private readonly env: NodeJS.ProcessEnv;
  private readonly control: ControlClient | undefined;

  constructor(private readonly options: TmuxClientOptions) {
    const { tmuxPath, socket, conf, control: clock } = options;
    const base = ['-u', '-S', socket, '-f', conf];
    const env = cleanEnvironment(options.env);
    this.base = base;
    this.env = env;
    this.control = clock && new ControlClient({ tmuxPath, base, socket, env, clock });
  }

  /** The process of the client in control mode, where there is one. */
  get controlPid(): number | undefined {
    return this.control?.pid;
  }

  /** Whether there is a socket; without one no server answers, but one that lives and lost it can be brought back. */
  get hasSocket(): boolean {
    return lstatSync(this.options.socket, { throwIfNoEntry: false }) !== undefined;
  }

  /** Ends the client in control mode; calls can still be made. */
  dispose(): void {
    this.control?.dispose();
  }

  /** Makes one call, again when the server could be brought back. Throws TmuxError with tmux's own words. */
  async call<T>(call: TmuxCall<T>, limits: CallLimits = {}): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.callOnce(call, limits);
      } catch (error) {
        // Only what never reached a server: of all else it may have done what it was told.
        const isUnreached = error instanceof TmuxError && unreached.test(error.message);
        if (!isUnreached || tries === mostTries || !(await this.options.server?.revive())) throw error;
      }
    }
  }

  /** Notes the server's process, as a list of its panes says it. */
  async noteServer(panes: readonly Pick<Pane, 'server_pid'>[]): Promise<void> {
    if (panes[0]) await this.options.server?.note(panes[0].server_pid);
  }

  private async callOnce<T>(call: TmuxCall<T>, limits: CallLimits): Promise<T> {
    this.calls++;
    return call.parse((await this.askControl(call, limits)) ?? (await this.spawn(call, limits)));
  }

  /** Over the control client; undefined when it didn't, and may be made as a process: it is not there, or what it was asked changes nothing. */
  private async askControl<T>({ control, args }: TmuxCall<T>, limits: CallLimits): Promise<string | undefined> {
    if (!control || !this.control?.isReady) return undefined;
    const timeoutMs = this.timeoutOf(limits);
    try {
      const blocks = await this.control.ask(control.line, timeoutMs);
      this.controlled++;
      const error = blocks.find(({ failed }) => failed);
      if (error) throw failure(error.text.trim());
      return blocks.map(({ text }) => text).join('');
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      if (error.why === 'late') throw late(args, timeoutMs);
      if (control.asks) return undefined;
      throw new TmuxError(
        `tmux was lost before it said whether it did what it was told (${args[0]}).`,
        false,
        error,
        true,
      );
    }
  }

  private async spawn<T>(call: TmuxCall<T>, limits: CallLimits): Promise<string> {
    const timeoutMs = this.timeoutOf(limits);
    const result = await run(this.options.tmuxPath, [...this.base, ...call.args], {
      timeoutMs,
      input: call.input,
      cwd: call.cwd,
      env: call.env ? { ...this.env, ...call.env } : this.env,
      signal: limits.signal,
      // A server that stands still has the client's output open: it was handed over to it.
      contained: timeoutMs > 0,
    });
    if (result.timedOut) throw late(call.args, timeoutMs);
    if (result.failed) {
      const words = (result.stderr || result.stdout).trim();
      throw failure(words || (result.problem ?? 'tmux failed'), result.problem);
    }
    // There is a server, and it has a session to attach to.
    if (call.control) this.control?.begin();
    return result.stdout;
  }

  private timeoutOf(limits: CallLimits): number {
    return limits.timeoutMs ?? this.options.timeoutMs ?? 5000;
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

function late(args: string[], timeoutMs: number): TmuxError {
  const seconds = timeoutMs / 1000;
  return new TmuxError(
    `tmux gave no answer within ${seconds} s (${args[0]}); its server may be of an older version, or stopped.`,
    false,
    undefined,
    true,
  );
}

/** tmux's own words when nobody listened at the socket. */
const unreached = /no server running|error connecting to .*\((No such file|Connection refused)/;

/** How often a call is made in all: another program may have the server make its socket anew at the same time, which takes it away once more. */
const mostTries = 3;

/** A failure in tmux's own words. A server that is just starting has no session yet, so that there is nothing to list. */
function failure(words: string, cause?: unknown): TmuxError {
  const noServer = unreached.test(words) || /^no current target$|server exited|lost server/.test(words);
  return new TmuxError(words, noServer, cause);
}

/** The lowest tmux that has what we use: `new-session -e`, numeric formats, window-size latest. */
export const tmuxFloor = [3, 2] as const;

/** The version of a tmux as it says it ("tmux 3.3a" is [3, 3]); undefined for words that aren't understood, such as a build from source. */
export function parseTmuxVersion(words: string): [number, number] | undefined {
  const match = /(\d+)\.(\d+)/.exec(words);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

/** Finds tmux and its version in its own words. Throws `no_tmux` and `old_tmux` with what to do. */
export async function checkTmux(
  tmuxPath: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ file: string; words: string }> {
  const file = await findTmux(tmuxPath, env);
  const result = await run(file, ['-V'], { timeoutMs: 5000, env: cleanEnvironment(env) });
  if (result.failed) {
    throw new CourierError('no_tmux', `tmux could not be run as "${file}". ${tmuxAdvice}`, { cause: result.problem });
  }
  const words = result.stdout.trim();
  const version = parseTmuxVersion(words);
  if (version && (version[0] < tmuxFloor[0] || (version[0] === tmuxFloor[0] && version[1] < tmuxFloor[1]))) {
    throw new CourierError(
      'old_tmux',
      `${words} (${file}) is too old: Tmux Courier needs tmux ${tmuxFloor.join('.')} or later. Upgrade it, or set courier.tmuxPath to a newer one.`,
    );
  }
  return { file, words };
}
