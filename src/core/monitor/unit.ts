import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { openFolder } from '../store/folder';
import type { Layout } from '../store/layout';
import { installRuntime, Runtime } from '../store/runtime';
import type { UserState } from '../store/userState';
import { ensureSocketFolder } from '../store/userState';
import type { Clock } from '../support/clock';
import { CourierError } from '../support/errors';

/** What a unit that runs a folder's monitor has to name. Paths are absolute. */
export interface UnitFacts {
  /** `courier-<folder's name>-<first digits of its id>`: letters, digits and `-` only. */
  name: string;
  workspace: string;
  /** The user's own Node. */
  node: string;
  /** The stable copy of courier.js. */
  courier: string;
  /** The user's own state, and the folder of the tmux socket. */
  stateRoot: string;
  socketFolder: string;
  uid: number;
  gid: number;
  home: string;
  /** PATH, and the XDG variables that are set. */
  environment: Record<string, string>;
}

const variables = [
  'PATH',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
  'XDG_STATE_HOME',
] as const;

/** Collects what a unit names, and puts there what it runs: the copies of our programs, which stay as long as the unit may. */
export async function prepareUnit(
  options: { layout: Layout; user: UserState; clock: Clock; programVersion: string; distDir: string },
  env: NodeJS.ProcessEnv,
  home: string,
): Promise<UnitFacts> {
  const { layout, user, clock } = options;
  const registration = await openFolder(layout, user, clock);
  await ensureSocketFolder(registration.socket);
  const runtime = new Runtime(user.runtime(options.programVersion));
  await installRuntime(runtime, options.distDir);
  await fs.writeFile(runtime.keep, '', { mode: 0o600 });
  const words = path
    .basename(registration.path)
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const facts = {
    name: ['courier', ...(words ? [words.slice(0, 40)] : []), registration.folder_id.slice(0, 8)].join('-'),
    workspace: registration.path,
    node: process.execPath,
    courier: runtime.courier,
    stateRoot: user.root,
    socketFolder: path.dirname(registration.socket),
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    home,
    environment: Object.fromEntries(variables.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
  };
  requirePlain([
    facts.workspace,
    facts.node,
    facts.courier,
    facts.socketFolder,
    home,
    ...Object.values(facts.environment),
  ]);
  return facts;
}

/** A line end in a path would be one in the unit, also in its comments. */
function requirePlain(texts: string[]): void {
  const odd = texts.find((text) => /[\u0000-\u001f\u007f]/.test(text));
  if (odd === undefined) return;
  throw new CourierError('usage', `${JSON.stringify(odd)} has control characters in it, so that no unit can name it.`);
}
