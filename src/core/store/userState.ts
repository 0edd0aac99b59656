import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as v from 'valibot';
import { Id } from '../model/ids';
import { CourierError, hasCode } from '../support/errors';
import { readJson, writeJson } from './jsonFile';

const Registration = v.looseObject({ version: v.literal('1.0'), folder_id: Id, path: v.string(), socket: v.string() });
export type Registration = v.InferOutput<typeof Registration>;

/** The paths of one CLI launch in the user's own folder: its settings file, receipts and nothing else's. */
export class LaunchLayout {
  constructor(readonly dir: string) {}
  readonly receipts = path.join(this.dir, 'receipts');
  readonly settings = path.join(this.dir, 'settings.json');
}

/** The paths of a `.courier` folder's part in the user's own state. */
export class FolderState {
  constructor(readonly dir: string) {}
  readonly registration = path.join(this.dir, 'folder.json');
  readonly claims = path.join(this.dir, 'claims');
  readonly answers = path.join(this.dir, 'answers');
  readonly answersDone = path.join(this.dir, 'answers', 'done');
  readonly launches = path.join(this.dir, 'launches');
  readonly tmuxConf = path.join(this.dir, 'tmux.conf');

  launch(id: string): LaunchLayout {
    return new LaunchLayout(path.join(this.launches, id));
  }
}

/** The user's own state (0700): settings, claims, receipts; no agent is given these paths. */
export class UserState {
  constructor(
    readonly root: string,
    private readonly socketRoot: string,
  ) {}
  readonly config = path.join(this.root, 'config.json');

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
    return path.join(this.root, 'runtime', version);
  }

  folder(folderId: string): FolderState {
    return new FolderState(path.join(this.root, 'folders', folderId));
  }

  /** The registration of a folder id on this machine, if there is one. */
  async registration(folderId: string): Promise<Registration | undefined> {
    const read = await readJson(Registration, this.folder(folderId).registration);
    return read.kind === 'ok' ? read.value : undefined;
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

/** The names in a folder; none when it isn't there. */
export async function namesIn(dir: string): Promise<string[]> {
  try {
    return await fs.readdir(dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
