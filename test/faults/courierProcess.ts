import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { writeSettings } from '../../src/core/store/settings';
import type { TestCourier } from '../support/testCourier';
import type { Trial } from './trial';

/** The user who owns nothing, on every Linux. */
export const nobody = 65534;

/** Why nothing can be done as an ordinary user here; false when it can. */
export const noOtherUser: string | false =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, ['-v'], { uid: nobody, gid: nobody, cwd: '/' }).status === 0
    ? false
    : 'only root may start a program as another user';

export interface ProcessOptions {
  env?: NodeJS.ProcessEnv;
  uid?: number;
  dist?: string;
  cwd?: string;
}

/** A `courier` command on a test's workspace. */
export class CourierProcess {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;

  private constructor(readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = once(child, 'close').then(([code]) => code as number | null);
  }

  /** Starts `courier` with these arguments; it is ended with the try. */
  static async start(trial: Trial, courier: TestCourier, args: string[], options: ProcessOptions = {}) {
    if (options.uid === undefined) await writeSettings(courier.user, courier.settings);
    const program = path.join(options.dist ?? path.resolve('dist'), 'courier.js');
    const child = spawn(process.execPath, [program, ...args, '--dir', courier.workspace], {
      env: options.env ?? courier.env,
      cwd: options.cwd ?? courier.workspace,
      uid: options.uid,
      gid: options.uid,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const own = new CourierProcess(child);
    trial.atEnd(async () => {
      child.kill('SIGKILL');
      await own.ended;
    });
    return own;
  }
}

/** Gives a workspace to an ordinary user, with copies of the program that this user can read. */
export async function giveToNobody(trial: Trial, courier: TestCourier, uid = nobody): Promise<ProcessOptions> {
  const dist = path.join(courier.root, 'dist');
  await fs.cp(path.resolve('dist'), dist, { recursive: true });
  const preload = path.join(courier.root, 'faultyAgent.cjs');
  await fs.copyFile(path.resolve('test/fixtures/faultyAgent.cjs'), preload);
  courier.settings.agents.demo!.env.NODE_OPTIONS = `--require=${preload}`;
  await writeSettings(courier.user, courier.settings);
  const own = (file: string) => fs.chown(file, uid, uid);
  await own(courier.root);
  for (const name of await fs.readdir(courier.root, { recursive: true })) await own(path.join(courier.root, name));
  await letThrough(trial, courier.root);
  const home = path.join(courier.root, 'home');
  await fs.mkdir(home);
  await own(home);
  const env = { ...courier.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, TMPDIR: home };
  return { uid, dist, env };
}

/** Lets others pass through the private folders above a place, until the end of the try. */
async function letThrough(trial: Trial, place: string): Promise<void> {
  for (
    let dir = path.dirname(place);
    dir !== path.dirname(dir) && dir.startsWith(os.tmpdir().split(path.sep, 2).join(path.sep));
  ) {
    const { mode } = await fs.stat(dir);
    const own = dir;
    if ((mode & 0o001) === 0) {
      await fs.chmod(own, mode | 0o011);
      trial.atLast(() => fs.chmod(own, mode & 0o7777));
    }
    dir = path.dirname(dir);
  }
}
