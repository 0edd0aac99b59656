import { readdirSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as v from 'valibot';
import { Id } from '../model/ids';
import { CourierError, hasCode } from '../support/errors';
import { type JsonRead, readJson, writeJson } from './jsonFile';

/** `folder.json` in the user's own state. */
export const Registration = v.looseObject({
  version: v.literal('1.0'),
  folder_id: Id,
  path: v.string(),
  socket: v.string(),
});
export type Registration = v.InferOutput<typeof Registration>;

/** The paths of one CLI launch in the user's own folder: its settings file, its receipts, and the decisions its hook waits for. */
export class LaunchLayout {
  constructor(readonly dir: string) {}
  readonly receipts = path.join(this.dir, 'receipts');
  readonly decisions = path.join(this.dir, 'decisions');
  readonly settings = path.join(this.dir, 'settings.json');
  /** Holds the path of the file that the pane's text goes into, when it is kept. */
  readonly paneLog = path.join(this.dir, 'pane_log');
  /** Which version's runtime folder the launch's hook and program come from. */
  readonly programVersion = path.join(this.dir, 'program_version');
}

/** The paths of a `.courier` folder's part in the user's own state. */
export class FolderState {
  constructor(readonly dir: string) {}
  readonly registration = path.join(this.dir, 'folder.json');
  readonly claims = path.join(this.dir, 'claims');
  /** Touched with each heartbeat of the folder's runner, whoever that is; not there when the last one left politely. */
  readonly alive = path.join(this.dir, 'alive');
  readonly answers = path.join(this.dir, 'answers');
  readonly answersDone = path.join(this.dir, 'answers', 'done');
  readonly launches = path.join(this.dir, 'launches');
  readonly tmuxConf = path.join(this.dir, 'tmux.conf');
  readonly tmuxSessions = path.join(this.dir, 'tmux_sessions.json');
  /** Who is the folder's monitor (monitor/post.ts). */
  readonly monitor = path.join(this.dir, 'monitor.json');
  readonly tmuxServer = path.join(this.dir, 'tmux_server.json');
  /** How a window last showed the sessions (ui/lastRows.ts). */
  readonly lastRows = path.join(this.dir, 'last_rows.json');

  launch(id: string): LaunchLayout {
    return new LaunchLayout(path.join(this.launches, id));
  }
}

/** The user's own state (0700): settings, claims, receipts; no agent is given these paths. */
export class UserState {
  constructor(
    readonly root: string,
    /** The folder that new tmux sockets are made in. */
    readonly socketRoot: string,
  ) {}
  readonly config = path.join(this.root, 'config.json');
  readonly runtimes = path.join(this.root, 'runtime');
  readonly folders = path.join(this.root, 'folders');
  /** The user's own prompt templates. */
  readonly templates = path.join(this.root, 'templates');
  /** Prompts that are being written in an editor and were not sent yet. */
  readonly drafts = path.join(this.root, 'drafts');

  /** Where it is on this machine, from the environment (`XDG_STATE_HOME`, `XDG_RUNTIME_DIR`, HOME). */
  static fromEnvironment(env: NodeJS.ProcessEnv = process.env, platform: string = process.platform): UserState {
    const home = env.HOME || os.homedir();
    // A relative path in these variables is to be ignored (XDG Base Directory Specification).
    const absolute = (dir: string | undefined) => (dir && path.isAbsolute(dir) ? dir : undefined);
    const state = absolute(env.XDG_STATE_HOME);
    const root =
      platform === 'darwin' && !state
        ? path.join(home, 'Library', 'Application Support', 'tmux-courier')
        : path.join(state ?? path.join(home, '.local', 'state'), 'tmux-courier');
    const name = `tmux-courier-${process.getuid?.() ?? 0}`;
    // A socket's path may have about 104 bytes, and a long runtime folder would leave too few.
    const own = absolute(env.XDG_RUNTIME_DIR);
    const runtime = own && Buffer.byteLength(own) < 60 ? own : '/tmp';
    return new UserState(root, path.join(runtime, name));
  }

  async ensureRoot(): Promise<void> {
    await fs.mkdir(this.root, { recursive: true, mode: 0o700 });
  }

  runtime(version: string): string {
    return path.join(this.runtimes, version);
  }

  folder(folderId: string): FolderState {
    return new FolderState(path.join(this.folders, folderId));
  }

  /** The registration of a folder id on this machine. */
  registration(folderId: string): Promise<JsonRead<Registration>> {
    return readJson(Registration, this.folder(folderId).registration);
  }

  /** Registers a folder id at a path, makes its private folders, and fixes where its tmux socket is. */
  async register(folderId: string, workspacePath: string): Promise<Registration> {
    const state = this.folder(folderId);
    for (const dir of [this.root, state.dir, state.claims, state.answers, state.answersDone, state.launches]) {
      await fs.mkdir(dir, { recursive: true, mode: 0o700 });
    }
    const socket = path.join(this.socketRoot, folderId.slice(0, 12));
    const registration: Registration = { version: '1.0', folder_id: folderId, path: workspacePath, socket };
    await writeJson(state.registration, registration);
    return registration;
  }

  /** Forgets a folder id that was registered and never used. */
  async unregister(folderId: string): Promise<void> {
    await fs.rm(this.folder(folderId).dir, { recursive: true, force: true });
  }
}

/** Makes the socket's folder, and refuses one that somebody else could write to. */
export async function ensureSocketFolder(socket: string): Promise<void> {
  const dir = path.dirname(socket);
  await fs.mkdir(dir, { recursive: true, mode: 0o700 });
  const stat = await fs.lstat(dir);
  const own = process.getuid === undefined || stat.uid === process.getuid();
  if (!stat.isDirectory() || !own || (stat.mode & 0o077) !== 0) {
    throw new CourierError(
      'socket_folder',
      `${dir} must be a folder of your own with mode 0700, and is not, so no tmux server is started there. Remove it, or set XDG_RUNTIME_DIR.`,
    );
  }
}

/** As `namesIn`, at once (see `fill`), for a folder that mostly holds few. */
export function fewNamesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** The names in a folder; none when it isn't there. */
export async function namesIn(dir: string): Promise<string[]> {
  try {
    return await fs.readdir(dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** The names in a folder that are chosen; none when it isn't there. For one that may hold very many, whose list would take megabytes. */
export async function chosenNamesIn(dir: string, chosen: (name: string) => boolean): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await fs.opendir(dir, { bufferSize: 256 })) if (chosen(name)) names.push(name);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
  }
  return names;
}
