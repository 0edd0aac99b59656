import { execa } from 'execa';

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
}

/** Runs a program with these arguments, never through a shell, and collects what it prints. Doesn't throw. */
export async function run(command: string, args: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  const result = await execa(command, args, {
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.signal ? { cancelSignal: options.signal } : {}),
    cwd: options.cwd,
    env: options.env ?? process.env,
    extendEnv: false,
    timeout: options.timeoutMs,
    reject: false,
    stripFinalNewline: false,
    forceKillAfterDelay: 500,
    maxBuffer: 64 * 1024 * 1024,
  });
  return {
    failed: result.failed,
    exitCode: result.exitCode,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    timedOut: result.timedOut,
    problem: result.failed ? result.shortMessage : undefined,
  };
}

/** Runs a program in this process's own terminal, and returns its exit status. */
export async function runInTerminal(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
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
