import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ResultPromise } from 'execa';

/** What became of a process. `failed` covers a bad exit status, a signal, a time limit, and a command that couldn't be started. */
export interface ProcessResult {
  failed: boolean;
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  /** One sentence of what went wrong, when it failed. */
  problem?: string;
}

export interface ProcessOptions {
  /** An upper bound; the process is ended when it is reached. 0 is none. */
  timeoutMs: number;
  input?: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /**
   * For programs of which anything must be expected: no terminal, and at the time limit everything that was started is ended
   * at once. What a child of theirs keeps open is not waited for then.
   */
  contained?: boolean;
}

/** How long a program that is told to end may take for that, in milliseconds. */
const killAfterMs = 500;

/** Runs a program with these arguments, never through a shell, and collects what it prints. Doesn't throw. */
export async function run(command: string, args: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  const { execa } = await import('execa');
  const subprocess = execa(command, args, {
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.signal ? { cancelSignal: options.signal } : {}),
    cwd: options.cwd,
    env: options.env ?? process.env,
    extendEnv: false,
    timeout: options.timeoutMs,
    reject: false,
    stripFinalNewline: false,
    forceKillAfterDelay: killAfterMs,
    maxBuffer: 64 * 1024 * 1024,
    detached: options.contained ?? false,
  });
  // A tmux client hands its output to the server, so that a server which hangs keeps it open when the client has ended.
  const letGo = () => {
    subprocess.stdout?.destroy();
    subprocess.stderr?.destroy();
  };
  const { timeoutMs, contained, signal } = options;
  const limits: NodeJS.Timeout[] = [];
  const onAbort = () => void limits.push(setTimeout(letGo, killAfterMs));
  if (contained) limits.push(setTimeout(() => endGroup(subprocess), timeoutMs));
  else if (timeoutMs > 0) limits.push(setTimeout(letGo, timeoutMs + killAfterMs));
  signal?.addEventListener('abort', onAbort, { once: true });
  const result = await subprocess;
  signal?.removeEventListener('abort', onAbort);
  for (const limit of limits) clearTimeout(limit);
  return {
    failed: result.failed,
    exitCode: result.exitCode,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    timedOut: result.timedOut,
    problem: result.failed ? result.shortMessage : undefined,
  };
}

/** A process that leads its group, that group, and the reading of what they print. */
function endGroup({ pid, stdout, stderr }: Pick<ResultPromise, 'pid' | 'stdout' | 'stderr'>): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended, and something outside of it keeps its output open.
  }
  stdout?.destroy();
  stderr?.destroy();
}

/** Runs a program in this process's own terminal, and returns its exit status. */
export async function runInTerminal(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { execa } = await import('execa');
  const result = await execa(command, args, { stdio: 'inherit', env, extendEnv: false, reject: false });
  return result.exitCode ?? 1;
}

/**
 * The environment for tmux and for what runs under it: ours without what would send tmux to another server,
 * or make a Node program believe that it runs inside VS Code's or another agent's process.
 */
export function cleanEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const poison =
    /^(TMUX|TMUX_PANE|TMUX_TMPDIR|NODE_OPTIONS|NODE_V8_COVERAGE|CLAUDECODE|CLAUDE_CODE_ENTRYPOINT|COURIER_.*|ELECTRON_.*|VSCODE_.*|npm_.*)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !poison.test(name)));
}

/** A process that outlives this one. */
export interface DetachedProcess {
  pid: number;
  /** Resolves with the first message that it sends; rejects with its exit status, or after `timeoutMs`. */
  firstMessage(timeoutMs: number): Promise<unknown>;
}

/** Starts a program in a session of its own, its output appended to an open file. Throws when it can't be started. */
export async function startDetached(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; outputFd: number },
): Promise<DetachedProcess> {
  const { outputFd, ...where } = options;
  // Not execa: it passes no open file on, and a path would be followed where it leads.
  const child = spawn(command, args, { ...where, detached: true, stdio: ['ignore', outputFd, outputFd, 'ipc'] });
  const message = new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? `status ${code}`}`)));
  });
  message.catch(() => {});
  await once(child, 'spawn');
  return {
    pid: child.pid!,
    async firstMessage(timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`it said nothing for ${timeoutMs / 1000} s`)), timeoutMs);
      });
      try {
        return await Promise.race([message, late]);
      } finally {
        clearTimeout(timer);
        if (child.connected) child.disconnect();
        child.unref();
      }
    },
  };
}
