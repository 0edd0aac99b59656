import * as os from 'node:os';
import * as path from 'node:path';
import { homeOf, pathFolders } from './executablePlaces';
import { cleanEnvironment, run } from './process';

/** Shells that are asked: each takes these arguments, and prints a list such as PATH joined by `:`. */
const known = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh', 'fish']);
const mark = '--tmux-courier-path--';
const timeoutMs = 3000;
const asked = new Map<string, Promise<string[]>>();

/**
 * The folders on the PATH that the user's own login shell sets up; none when it can't be asked. People extend PATH in the
 * files of login shells and in those of interactive ones, so that it is started as both. Asked once per process.
 */
export function loginShellFolders(env: NodeJS.ProcessEnv): Promise<string[]> {
  const shell = loginShell(env);
  if (!shell) return Promise.resolve([]);
  const key = `${shell}\n${homeOf(env)}`;
  let answer = asked.get(key);
  if (!answer) {
    answer = ask(shell, env);
    asked.set(key, answer);
  }
  return answer;
}

/** Makes the next question ask the shell again: its files may have been changed. */
export function forgetLoginShell(): void {
  asked.clear();
}

function loginShell(env: NodeJS.ProcessEnv): string | undefined {
  const shell = env.SHELL || os.userInfo().shell || '';
  return path.isAbsolute(shell) && known.has(path.basename(shell)) ? shell : undefined;
}

async function ask(shell: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const print = `printf '\\n%s%s%s\\n' '${mark}' "$PATH" '${mark}'`;
  const { stdout } = await run(shell, ['-l', '-i', '-c', print], {
    timeoutMs,
    contained: true,
    cwd: '/',
    env: cleanEnvironment(env),
  });
  // The files of the shell may print, too, and something that they started may outlive it: the marks count, not its end.
  const answer = stdout.split(mark)[1];
  return answer === undefined ? [] : pathFolders({ PATH: answer });
}
