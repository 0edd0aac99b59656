// npm start [-- FOLDER]: VS Code with this extension, on a copy of the sample project or on FOLDER. Ctrl+C ends it.
// Desktop VS Code where "code" is on the PATH (VSCODE_TEST=server says no), else VS Code server: open the printed address.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { copySample, exitOnSignals, makeSandbox } from '../harness/sandbox.mjs';
import { build, ensurePackages, repo } from './prepare.mjs';
import { ensureTools } from './tools.mjs';

const hasDesktop = () =>
  process.env.VSCODE_TEST !== 'server' && spawnSync('code', ['--version'], { stdio: 'ignore' }).status === 0;

/** Opens a VS Code of its own (own user data, so that our environment reaches it) and waits until its window is closed. */
function runDesktop(folder, sandbox) {
  const dirs = ['--user-data-dir', sandbox.dir('vscode'), '--extensions-dir', sandbox.dir('extensions')];
  const args = ['--new-window', '--wait', ...dirs, `--extensionDevelopmentPath=${repo}`, folder];
  console.log(`\nVS Code opens ${folder}. Close its window, or press Ctrl+C here, to end.`);
  const child = spawn('code', args, {
    env: { ...process.env, ...sandbox.env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
}

async function runServer(folder, sandbox) {
  const { startServer, workbenchUrl } = await import('../harness/server.mjs');
  const { publisher, name, version } = JSON.parse(fs.readFileSync(path.join(repo, 'package.json'), 'utf8'));
  const extensionsDir = sandbox.dir('extensions');
  fs.symlinkSync(repo, path.join(extensionsDir, `${publisher}.${name}-${version}`), 'dir'); // a fresh extensions folder is scanned at start
  const port = Number(process.env.PORT ?? 0);
  const server = await startServer({ serverDataDir: sandbox.dir('server'), extensionsDir, port, env: sandbox.env });
  console.log(`\nTmux Courier in VS Code: ${workbenchUrl(server, { folder })}\nOpen it in a browser. Ctrl+C ends it.`);
  await server.exited;
}

async function main() {
  ensureTools(['tmux']);
  ensurePackages();
  build();
  exitOnSignals();
  const desktop = hasDesktop();
  if (!desktop) (await import('../harness/install.mjs')).ensureServer();
  const sandbox = makeSandbox({ ownHome: true });
  const given = process.argv[2];
  const folder = given ? path.resolve(given) : copySample(repo, sandbox.dir('inventory'));
  await (desktop ? runDesktop(folder, sandbox) : runServer(folder, sandbox));
}

main().catch((e) => {
  console.error(e.message);
  process.exitCode = 1;
});
