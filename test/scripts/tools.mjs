// What the tests need from the system: tmux, systemd-analyze, and Chromium for a VS Code in the browser. Installed by apt-get where that is possible.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

const tmuxFloor = [3, 2];
const chromiumPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The path of a Chromium or Chrome, or undefined. The variable CHROMIUM goes first. */
export function findChromium() {
  return [process.env.CHROMIUM, ...chromiumPaths].find((p) => p && fs.existsSync(p));
}

/** What is wrong with the system's tmux, or undefined when it is recent enough. */
function tmuxProblem() {
  const r = spawnSync('tmux', ['-V'], { encoding: 'utf8' });
  if (r.error || r.status !== 0) return 'tmux is not installed';
  const version = /(\d+)\.(\d+)/.exec(r.stdout);
  if (!version) return undefined; // a development build ("tmux master")
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const recent = major > tmuxFloor[0] || (major === tmuxFloor[0] && minor >= tmuxFloor[1]);
  return recent ? undefined : `${r.stdout.trim()} is too old`;
}

/** systemd's own check of a unit file; elsewhere there are no such units. */
function systemdProblem() {
  if (process.platform !== 'linux') return undefined;
  return spawnSync('systemd-analyze', ['--version']).status === 0 ? undefined : 'systemd-analyze is not installed';
}

const tools = {
  systemd: { problem: systemdProblem, wanted: 'systemd' },
  tmux: { problem: tmuxProblem, wanted: `tmux ${tmuxFloor.join('.')} or later` },
  chromium: {
    problem: () => (findChromium() ? undefined : 'Chromium is not installed'),
    wanted: 'Chromium or Chrome (or set CHROMIUM to its path)',
  },
};

/** How apt-get can be run without a question: as root, or by sudo that asks for no password; else undefined. */
function aptGet() {
  const runs = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  if (!runs('apt-get', ['--version'])) return undefined;
  if (process.getuid?.() === 0) return ['apt-get'];
  return runs('sudo', ['-n', 'true']) ? ['sudo', '-n', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'] : undefined;
}

function install(names) {
  const apt = aptGet();
  if (!apt) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (...args) =>
    spawnSync(apt[0], [...apt.slice(1), ...args], { stdio: ['ignore', 'inherit', 'inherit'], env });
  console.log(`Installing ${names.join(' and ')} by apt-get ...`);
  run('update', '-q');
  run('install', '-y', '-q', '--no-install-recommends', ...names);
}

/** Sees to it that these tools ("tmux", "chromium", "systemd") are there; throws with what to install when they can't be had. */
export function ensureTools(names) {
  const missing = names.filter((n) => tools[n].problem());
  if (missing.length) install(missing);
  const problems = missing.filter((n) => tools[n].problem());
  if (!problems.length) return;
  const lines = problems.map((n) => `  ${tools[n].problem()}: please install ${tools[n].wanted}.`);
  const how = `  Debian and Ubuntu: sudo apt-get install ${problems.join(' ')}`;
  const mac = `  macOS: ${problems.map((n) => (n === 'chromium' ? 'brew install --cask chromium' : `brew install ${n}`)).join('; ')}`;
  throw new Error(
    ['This needs something that is not here and that could not be installed:', ...lines, how, mac].join('\n'),
  );
}
