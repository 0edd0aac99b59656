import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

const repo = (): string => process.env.COURIER_REPO ?? process.cwd();

/** A CLI that tests run: a folder of test/clis, its package, and what it is called. */
export interface Cli {
  folder: string;
  package: string;
  bin: string;
  /** A script of the package's own that must run once, since install scripts may be blocked. */
  script?: string;
}

/** The version that is locked. */
export function lockedVersion(cli: Cli): string {
  const lock = JSON.parse(fs.readFileSync(path.join(source(cli), 'package-lock.json'), 'utf8'));
  return lock.packages[`node_modules/${cli.package}`].version;
}

/** Installs the locked CLI once, below `.vscode-test/`, and returns its executable. */
export function installCli(cli: Cli): string {
  const lock = fs.readFileSync(path.join(source(cli), 'package-lock.json'), 'utf8');
  const target = path.join(repo(), '.vscode-test', `${cli.folder}-${lockedVersion(cli)}`);
  const executable = path.join(target, 'node_modules', '.bin', cli.bin);
  const stamp = path.join(target, 'package-lock.json');
  if (fs.existsSync(executable) && fs.readFileSync(stamp, 'utf8') === lock) return executable;

  // Built aside and renamed: an interrupted install is never taken for a finished one.
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const building = fs.mkdtempSync(`${target}-`);
  try {
    for (const file of ['package.json', 'package-lock.json'])
      fs.copyFileSync(path.join(source(cli), file), path.join(building, file));
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: building, stdio: 'pipe' });
    const own = path.join(building, 'node_modules', cli.package);
    if (cli.script) execFileSync(process.execPath, [cli.script], { cwd: own, stdio: 'pipe' });
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(building, target);
  } finally {
    fs.rmSync(building, { recursive: true, force: true });
  }
  return executable;
}

const source = ({ folder }: Cli): string => path.join(repo(), 'test', 'clis', folder);
