// Runs VS Code server on a free port of this machine.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { serverEnv } from './env.mjs';
import { ensureServer, nodeBin, vscodeRoot } from './install.mjs';

const main = path.join(vscodeRoot, 'out/server-main.js');

const defaultSettings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  // What moves without end is drawn without end, by the processor.
  'workbench.reduceMotion': 'on',
  'editor.cursorBlinking': 'solid',
  'chat.disableAIFeatures': true, // newer than 1.100
  'chat.commandCenter.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

const dirArgs = ({ serverDataDir, extensionsDir, userDataDir }) => [
  '--accept-server-license-terms',
  '--server-data-dir',
  serverDataDir,
  ...(extensionsDir ? ['--extensions-dir', extensionsDir] : []),
  ...(userDataDir ? ['--user-data-dir', userDataDir] : []),
];

/** A command line that ends by itself, such as --install-extension. */
export function runCli(args, { env, ...dirs }) {
  ensureServer();
  return spawnSync(nodeBin(), [main, ...dirArgs(dirs), ...args], {
    env: serverEnv(process.env, env),
    encoding: 'utf8',
  });
}

function writeSettings(userDir, settings) {
  const file = path.join(userDir, 'settings.json');
  fs.mkdirSync(userDir, { recursive: true });
  const old = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
  fs.writeFileSync(file, JSON.stringify({ ...defaultSettings, ...old, ...settings }, null, 2));
}

/** A remote host reads settings of machine scope from a file of its own; ours are of that scope where they name programs. */
function writeMachineSettings(dataDir, settings) {
  const own = Object.entries(settings).filter(([name]) => name.startsWith('courier.'));
  const dir = path.join(dataDir, 'Machine');
  fs.mkdirSync(dir, { recursive: true });
  fs.writeFileSync(path.join(dir, 'settings.json'), JSON.stringify(Object.fromEntries(own), null, 2));
}

/** Resolves with the port once the server listens; `onHostExit` hears the exit code of an extension host that ends. */
function watchOutput(child, exited, log, onHostExit) {
  let text = '';
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`VS Code server ${why}:\n${text}`));
    const timer = setTimeout(fail, 60_000, 'did not start');
    const read = (chunk) => {
      log.write(chunk);
      text = (text + chunk).slice(-20_000);
      const up = /agent listening on (\d+)/.exec(text);
      const end = /Extension Host Process exited with code: (\S+), signal:/.exec(text);
      if (up) {
        clearTimeout(timer);
        resolve(Number(up[1]));
      }
      if (end) onHostExit(end[1] === '0' ? 0 : Number(end[1]) || 1);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    exited.then((code) => {
      clearTimeout(timer);
      fail(`exited with ${code}`);
    });
  });
}

/**
 * Starts a server. `hostExit` resolves with the exit code of its first extension host process, once that ends.
 * With `trust: true`, Workspace Trust works as for a person; else every folder is trusted.
 */
export async function startServer({ settings = {}, args = [], env = {}, port = 0, trust = false, ...dirs }) {
  ensureServer();
  const dataDir = dirs.userDataDir ?? path.join(dirs.serverDataDir, 'data');
  writeMachineSettings(dataDir, settings);
  writeSettings(path.join(dataDir, 'User'), {
    ...(trust ? { 'security.workspace.trust.enabled': true } : {}),
    ...settings,
  });
  const network = ['--host', '127.0.0.1', '--port', String(port), '--without-connection-token'];
  const rest = ['--telemetry-level', 'off', ...(trust ? [] : ['--disable-workspace-trust']), ...args];
  const child = spawn(nodeBin(), [main, ...dirArgs(dirs), ...network, ...rest], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: serverEnv(process.env, env),
  });
  const reap = () => child.kill('SIGKILL'); // whatever ends this process, the server does not outlive it
  process.on('exit', reap);
  const exited = new Promise((r) => child.on('exit', r)).finally(() => process.off('exit', reap));

  const logFile = path.join(dirs.serverDataDir, 'server.log');
  const log = fs.createWriteStream(logFile);
  let hostEnded;
  const hostExit = new Promise((r) => {
    hostEnded = r;
  });
  const realPort = await watchOutput(child, exited, log, hostEnded).catch((e) => {
    child.kill('SIGKILL');
    throw e;
  });

  return {
    port: realPort,
    pid: child.pid,
    hostExit,
    exited,
    logFile,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(timer);
      await new Promise((r) => log.end(r));
    },
  };
}

/** The address at which the workbench opens a folder (or an empty window). */
export function workbenchUrl(server, { folder, payload = [] } = {}) {
  const u = new URL(`http://127.0.0.1:${server.port}/`);
  if (folder) u.searchParams.set(folder.endsWith('.code-workspace') ? 'workspace' : 'folder', folder);
  else u.searchParams.set('ew', 'true');
  if (payload.length) u.searchParams.set('payload', JSON.stringify(payload));
  return String(u);
}
