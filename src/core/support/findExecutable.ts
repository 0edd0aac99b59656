import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { CourierError } from './errors';

/** Places where people's CLIs are that the short PATH of an editor started from a dock or menu misses. */
const extraFolders = ['.local/bin', '.claude/local', '.npm-global/bin', 'bin', '.bun/bin', '.volta/bin'];
const systemFolders = [
  '/opt/homebrew/bin',
  '/usr/local/bin',
  '/home/linuxbrew/.linuxbrew/bin',
  '/usr/bin',
  '/bin',
  '/snap/bin',
];

/** The full path of a command. Throws `no_agent` with the setting that names another; where it looked is the cause, for the log. */
export async function findExecutable(
  command: string,
  title: string,
  setting: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const home = env.HOME ?? os.homedir();
  const expanded = command.startsWith('~/') ? path.join(home, command.slice(2)) : command;
  const onPath = (env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const folders = expanded.includes('/')
    ? ['']
    : [...new Set([...onPath, ...extraFolders.map((folder) => path.join(home, folder)), ...systemFolders])];
  for (const folder of folders) {
    const candidate = folder === '' ? path.resolve(expanded) : path.join(folder, expanded);
    if (await isExecutable(candidate)) return candidate;
  }
  const where = folders[0] === '' ? '' : ' on PATH or where such programs usually are';
  throw new CourierError(
    'no_agent',
    `${title} could not be started: there is no program "${command}"${where}. Install it, or name its path in the setting ${setting}.`,
    { cause: `looked in ${folders[0] === '' ? path.resolve(expanded) : folders.join(', ')}` },
  );
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await fs.access(file, fs.constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}
