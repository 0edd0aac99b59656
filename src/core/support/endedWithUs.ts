import { run } from './process';

const known = new Map<string | undefined, Promise<readonly string[]>>();

/**
 * What stands before a command so that the kernel ends it (SIGKILL) when this process ends in any way: util-linux' setpriv,
 * which becomes the command itself. Nothing where there is none that knows how (macOS, BusyBox, util-linux before 2.33).
 */
export function endedWithUs(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const found = known.get(env.PATH) ?? find(env);
  known.set(env.PATH, found);
  return found;
}

async function find(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const [setpriv, ...args] = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;
  const tried = await run(setpriv, [...args, 'true'], { timeoutMs: 10_000, env, cwd: '/' });
  return tried.failed ? [] : [setpriv, ...args];
}
