import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { CourierError } from './errors';
import { homeOf, pathFolders, type SearchPlace, usualPlaces } from './executablePlaces';
import { loginShellFolders } from './loginShell';

/** A program that is nowhere; `looked` is where it was looked for, also as lines in the cause, for the log. */
export class ProgramNotFound extends CourierError {
  constructor(
    code: string,
    message: string,
    readonly looked: SearchPlace[],
  ) {
    super(code, message, { cause: `looked in\n${searchLines(looked).join('\n')}` });
  }
}

/** The places of a search, one line each, with all their folders. */
export function searchLines(looked: SearchPlace[]): string[] {
  return looked.map(({ name, folders }) => `${name}: ${folders.join(', ') || 'none'}`);
}

/** The full path of a command. Throws ProgramNotFound with `no_agent` and the setting that names another. */
export async function findExecutable(
  command: string,
  title: string,
  setting: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const { file, looked } = await search(command, env);
  if (file) return file;
  throw new ProgramNotFound(
    'no_agent',
    `There is no program "${command}"${whereWords(looked)}, so that ${title} can not be started. Install it, or name its path in the setting ${setting}.`,
    looked,
  );
}

/** The names of the places of a search, as the end of a sentence; nothing when a path was named. */
export function whereWords(looked: SearchPlace[]): string {
  const [first, ...rest] = looked.map(({ name }) => name);
  return rest.length === 0 ? '' : ` on ${first}, nor where such programs usually are (${rest.join(', ')})`;
}

/**
 * Looks for a program: by its path; or by its name on PATH, then in the usual places, then on the login shell's PATH, which is
 * asked only when all else failed. `file` is undefined when it is nowhere.
 */
export async function search(
  command: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ file?: string; looked: SearchPlace[] }> {
  const expanded = command.startsWith('~/') ? path.join(homeOf(env), command.slice(2)) : command;
  if (expanded.includes('/')) {
    const file = path.resolve(expanded);
    return {
      ...((await isExecutable(file)) ? { file } : {}),
      looked: [{ name: 'its path', folders: [path.dirname(file)] }],
    };
  }
  const looked: SearchPlace[] = [];
  const steps = [
    async () => [{ name: 'PATH', folders: pathFolders(env) }],
    () => usualPlaces(env),
    async () => [{ name: "the login shell's PATH", folders: await loginShellFolders(env) }],
  ];
  for (const step of steps) {
    for (const place of await step()) {
      looked.push(place);
      const files = place.folders.map((folder) => path.join(folder, expanded));
      const there = await Promise.all(files.map(isExecutable));
      const file = files.find((_, i) => there[i]);
      if (file) return { file, looked };
    }
  }
  return { looked };
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await fs.access(file, fs.constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}
