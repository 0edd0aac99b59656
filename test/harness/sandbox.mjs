// A private place for one run: home, state, runtime and temp folders, so that no test touches the user's own. No dependencies.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Where temp folders go. macOS's own is so deep that a socket's path below it would be too long. */
export const tempRoot = process.platform === 'darwin' ? '/tmp' : os.tmpdir();

/** Ids of the processes whose environment names this folder (Linux; elsewhere none are found). */
export function processesUnder(root) {
  if (process.platform !== 'linux') return [];
  return fs
    .readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`${root}/`);
      } catch {
        return false; // ended meanwhile, or another user's
      }
    })
    .map(Number);
}

/** The command line of a process, for messages. */
export function commandLine(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Sockets below a folder. */
export function socketsUnder(root) {
  if (!fs.existsSync(root)) return [];
  const entries = fs.readdirSync(root, { withFileTypes: true, recursive: true });
  return entries.filter((e) => e.isSocket()).map((e) => path.join(e.parentPath, e.name));
}

/** Ends what still runs out of this folder (tmux servers first, by their sockets), then removes it. */
export function removeSandbox(root) {
  for (const socket of socketsUnder(root)) {
    spawnSync('tmux', ['-S', socket, 'kill-server'], { stdio: 'ignore', timeout: 5000 });
  }
  for (const pid of processesUnder(root)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // ended by itself
    }
  }
  fs.rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

/** The display of a desktop stays reachable when HOME and XDG_RUNTIME_DIR change. */
function displayEnv(env) {
  const { WAYLAND_DISPLAY: wayland, XDG_RUNTIME_DIR: runtime, DISPLAY: display, XAUTHORITY: authority } = env;
  return {
    ...(wayland && runtime ? { WAYLAND_DISPLAY: path.resolve(runtime, wayland) } : {}),
    ...(display && !authority ? { XAUTHORITY: path.join(os.homedir(), '.Xauthority') } : {}),
  };
}

/**
 * Makes a private place. `env` is to be given to every process that works in it; `dir(name)` makes a folder in it;
 * `close()` ends what runs there and removes it, which also happens when this process ends in any other way it can notice.
 * With `ownHome` the user's HOME and config stay, so that a command-line agent finds its login.
 */
export function makeSandbox({ ownHome = false } = {}) {
  const root = fs.mkdtempSync(path.join(fs.realpathSync(tempRoot), 'courier-'));
  const dir = (name) => {
    const folder = path.join(root, name);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  };
  const home = ownHome ? {} : { HOME: dir('home'), XDG_CONFIG_HOME: dir('config'), TMPDIR: dir('tmp') };
  const env = { ...displayEnv(process.env), ...home, XDG_STATE_HOME: dir('state'), XDG_RUNTIME_DIR: dir('run') };
  const close = () => {
    process.off('exit', close);
    removeSandbox(root);
  };
  process.on('exit', close);
  return { root, dir, env, close };
}

/**
 * Lets a signal end this process in order, so that what is to be done at its exit is done. An npm that is killed does not
 * pass the signal on: below one, the end of the parent counts as a signal.
 */
export function exitOnSignals(exit = () => process.exit(130)) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, exit);
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && exit(), 1000).unref();
}

/** Copies the sample project into a folder of its own. */
export function copySample(repo, target) {
  fs.cpSync(path.join(repo, 'test/fixtures/sample'), target, { recursive: true });
  return target;
}
