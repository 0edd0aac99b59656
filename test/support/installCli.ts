import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

const repo = (): string => process.env.COURIER_REPO ?? process.cwd();

/** A CLI that tests run: a folder of test/clis with a package.json and, where one could be made, a lock file. */
export interface Cli {
  folder: string;
  package: string;
  bin: string;
  /** A script of the package's own that must run once, since install scripts may be blocked. */
  script?: string;
}

const source = ({ folder }: Cli, file: string): string => path.join(repo(), 'test', 'clis', folder, file);

/** The one version that is installed. */
export function versionOf(cli: Cli): string {
  return JSON.parse(fs.readFileSync(source(cli, 'package.json'), 'utf8')).dependencies[cli.package];
}

/** Installs the CLI once, below `.vscode-test/`, and returns its executable. */
export function installCli(cli: Cli): string {
  const files = ['package.json', 'package-lock.json'].filter((file) => fs.existsSync(source(cli, file)));
  const wanted = files.map((file) => fs.readFileSync(source(cli, file), 'utf8')).join('\n');
  const target = path.join(repo(), '.vscode-test', `${cli.folder}-${versionOf(cli)}`);
  const executable = path.join(target, 'node_modules', '.bin', cli.bin);
  const stamp = path.join(target, 'installed');
  if (fs.existsSync(executable) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return executable;

  // Built aside and renamed: an interrupted install is never taken for a finished one.
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const building = fs.mkdtempSync(`${target}-`);
  try {
    for (const file of files) fs.copyFileSync(source(cli, file), path.join(building, file));
    const install = files.length > 1 ? ['ci'] : ['install', '--no-package-lock', '--no-audit', '--no-fund'];
    execFileSync('npm', [...install, '--ignore-scripts'], { cwd: building, stdio: 'pipe' });
    const own = path.join(building, 'node_modules', cli.package);
    // What it starts may leave a folder in the place of temporary files.
    const TMPDIR = fs.mkdtempSync(path.join(building, 'tmp-'));
    const env = { ...process.env, TMPDIR };
    if (cli.script) execFileSync(process.execPath, [cli.script], { cwd: own, env, stdio: 'pipe' });
    fs.rmSync(TMPDIR, { recursive: true });
    fs.writeFileSync(path.join(building, 'installed'), wanted);
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(building, target);
  } finally {
    fs.rmSync(building, { recursive: true, force: true });
  }
  return executable;
}
