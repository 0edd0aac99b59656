// Makes a fresh clone ready: packages and bundles. Runs on Node alone. "node test/scripts/prepare.mjs" installs the packages.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { withoutNpm } from '../harness/env.mjs';

/** The project's folder. */
export const repo = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const readLock = (file) => JSON.parse(fs.readFileSync(file, 'utf8')).packages;

/** Whether node_modules holds what the lock file names: compared by version, since a checkout changes times. */
function isInstalled(folder) {
  const marker = path.join(folder, 'node_modules/.package-lock.json');
  if (!fs.existsSync(marker)) return false;
  const present = readLock(marker);
  return Object.entries(readLock(path.join(folder, 'package-lock.json'))).every(
    ([name, { version, optional, link }]) =>
      name === '' || link || (present[name] ? present[name].version === version : Boolean(optional)),
  );
}

/** Runs "npm ci" in a folder with a lock file, unless its node_modules is already as the lock says. */
export function ensurePackages(folder = repo) {
  if (isInstalled(folder)) return;
  console.log(`Installing packages: npm ci ${path.relative(repo, folder)}`);
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const r = spawnSync('npm', args, {
    cwd: folder,
    env: withoutNpm(process.env),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (r.status !== 0) throw new Error(`npm ci failed in ${folder}: see above`);
}

/** Bundles what ships; with names of test folders, their tests too. */
export function build(tests = []) {
  const args = ['esbuild.js', ...(tests.length ? ['--tests', ...tests] : [])];
  const r = spawnSync(process.execPath, args, { cwd: repo, stdio: ['ignore', 'inherit', 'inherit'] });
  if (r.status !== 0) throw new Error('The build failed: see above');
}

/** Installs the Claude Code that tests run, unless it is there. */
export function ensureClaude() {
  const { installClaude } = createRequire(import.meta.url)(path.join(repo, 'out/test/support/claudeCode.js'));
  installClaude();
}

/** Packs the extension into a .vsix (its prepublish script builds it minified). */
export function packageVsix(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const vsce = path.join(repo, 'node_modules/@vscode/vsce/vsce');
  const args = [
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--out',
    file,
  ];
  const r = spawnSync(process.execPath, [vsce, ...args], {
    cwd: repo,
    env: withoutNpm(process.env),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (r.status !== 0) throw new Error('vsce package failed: see above');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensurePackages();
