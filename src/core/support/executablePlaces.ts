import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';

/** Folders of one kind in which programs are looked for; `name` is for a person. */
export interface SearchPlace {
  name: string;
  folders: string[];
}

/** The home folder that an environment names. */
export function homeOf(env: NodeJS.ProcessEnv): string {
  return env.HOME || os.homedir();
}

/** The folders on an environment's PATH. Relative ones are passed over: what they hold depends on where one stands. */
export function pathFolders(env: NodeJS.ProcessEnv): string[] {
  return (env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
}

/** Where people's programs are that the short PATH of an editor started from a dock or menu misses. */
export async function usualPlaces(env: NodeJS.ProcessEnv): Promise<SearchPlace[]> {
  const home = homeOf(env);
  const inHome = (...names: string[]) => names.map((name) => path.join(home, name));
  return [
    { name: 'your own program folders', folders: inHome('.local/bin', 'bin', '.claude/local', '.bun/bin') },
    { name: 'npm', folders: [...(await npmFolders(home, env)), ...inHome('.npm-global/bin')] },
    {
      name: 'pnpm and yarn',
      folders: [...given(env.PNPM_HOME), ...inHome('.local/share/pnpm', 'Library/pnpm', '.yarn/bin')],
    },
    { name: 'Node version managers', folders: await nodeFolders(home, env) },
    {
      name: 'Homebrew',
      folders: [
        '/opt/homebrew/bin',
        '/usr/local/bin',
        '/home/linuxbrew/.linuxbrew/bin',
        path.join(home, '.linuxbrew/bin'),
      ],
    },
    {
      name: 'Nix',
      folders: [
        ...inHome('.nix-profile/bin', '.local/state/nix/profile/bin'),
        '/run/current-system/sw/bin',
        '/nix/var/nix/profiles/default/bin',
      ],
    },
    { name: 'the system', folders: ['/usr/bin', '/bin', '/snap/bin', '/opt/local/bin'] },
  ];
}

const given = (folder: string | undefined) => (folder && path.isAbsolute(folder) ? [folder] : []);

/** Where `npm install -g` puts programs: below the prefix that the environment or ~/.npmrc names. */
async function npmFolders(home: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const rc = await fs.readFile(path.join(home, '.npmrc'), 'utf8').catch(() => '');
  const line = /^\s*prefix\s*=\s*(.*?)\s*$/m.exec(rc)?.[1]?.replace(/^(["'])(.*)\1$/, '$2');
  const expanded = line
    ?.replace(/^~(?=\/|$)/, home)
    .replace(/\$\{(\w+)\}/g, (_, name: string) => (name === 'HOME' ? home : (env[name] ?? '')));
  const prefixes = [...given(env.npm_config_prefix ?? env.NPM_CONFIG_PREFIX), ...given(expanded)];
  return prefixes.map((prefix) => path.join(prefix, 'bin'));
}

/** The program folders of nvm, fnm, Volta, asdf, mise and nodenv; of several Node versions the newest first. */
async function nodeFolders(home: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const nvm = env.NVM_DIR || path.join(home, '.nvm');
  const asdf = env.ASDF_DATA_DIR || path.join(home, '.asdf');
  const mise = env.MISE_DATA_DIR || path.join(home, '.local/share/mise');
  const fnm = env.FNM_DIR
    ? [env.FNM_DIR]
    : ['.local/share/fnm', '.fnm', 'Library/Application Support/fnm'].map((name) => path.join(home, name));
  const versions = await Promise.all([
    below(path.join(nvm, 'versions/node'), 'bin'),
    ...fnm.map((root) => below(path.join(root, 'node-versions'), 'installation/bin')),
    below(path.join(asdf, 'installs/nodejs'), 'bin'),
    below(path.join(mise, 'installs/node'), 'bin'),
  ]);
  return [
    path.join(env.VOLTA_HOME || path.join(home, '.volta'), 'bin'),
    path.join(asdf, 'shims'),
    path.join(mise, 'shims'),
    path.join(home, '.nodenv/shims'),
    ...versions.flat(),
  ];
}

async function below(folder: string, rest: string): Promise<string[]> {
  const names = await fs.readdir(folder).catch(() => []);
  const newestFirst = names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return newestFirst.map((name) => path.join(folder, name, rest));
}
