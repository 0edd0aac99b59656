// The command line's entry: it loads the program (cli/main.ts, built as courier-main.js) with what V8 compiled of it the
// last time. Loading and first calls are most of what a short command costs; this takes about 80 ms off "send --wait".
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Script } from 'node:vm';
import { checkNode } from './core/setup/nodeCheck';

const enough = checkNode({ nodeVersion: process.versions.node })[0]!;
if (enough.status !== 'ok') {
  // Before the program is loaded, which an older Node may not even understand.
  process.stderr.write(`courier: ${enough.title}. ${enough.detail}\n`);
  process.exit(1);
}

/** How much of the program a run has used: what a runner needs is compiled only in some. */
const kinds = ['runner', 'light'] as const;

interface Loaded {
  key: string;
  script: Script;
  /** Where it may be kept, the one that holds the most first. */
  cached: string[];
}

const loaded: Loaded[] = [];
process.on('exit', () => loaded.forEach(keep));
load('courier-main.js', kinds, module, (id) => (id === './execa.js' ? execa() : require(id)));

/** What runs programs is a file of its own, since not every command does. */
function execa(): unknown {
  const own = { exports: {} };
  load('execa.js', ['whole'], own, require);
  return own.exports;
}

/** Runs a file of ours as Node's own loader does. */
function load(name: string, of: readonly string[], own: { exports: unknown }, ask: (id: string) => unknown): void {
  const file = path.join(__dirname, name);
  const source = `(function (exports, require, module, __filename, __dirname) {${fs.readFileSync(file, 'utf8')}\n})`;
  const key = createHash('sha256').update(source).update(process.version).digest('hex').slice(0, 16);
  const cached = of.map((kind) => path.join(cacheFolder(), `${key}-${kind}.v8`));
  const found = cached.map(read).find((data) => data !== undefined);
  const script = new Script(source, { filename: file, cachedData: found });
  loaded.push({ key, script, cached });
  script.runInThisContext().call(own.exports, own.exports, ask, own, file, __dirname);
}

/** The user's own folder for what can be made anew (0700). */
function cacheFolder(): string {
  const home = os.homedir();
  const mac = process.platform === 'darwin' && !process.env.XDG_CACHE_HOME;
  const root = mac ? path.join(home, 'Library', 'Caches') : process.env.XDG_CACHE_HOME || path.join(home, '.cache');
  return path.join(root, 'tmux-courier');
}

/** A file's content; undefined when it isn't there or isn't this user's own. */
function read(name: string): Buffer | undefined {
  try {
    const stat = fs.lstatSync(name);
    const own = process.getuid === undefined || stat.uid === process.getuid();
    return stat.isFile() && own && (stat.mode & 0o022) === 0 ? fs.readFileSync(name) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps what was compiled in this run, unless an earlier run of its kind has. A cache that can't be written is done without. */
function keep({ script, cached }: Loaded): void {
  const ran = (globalThis as { courierRunnerLoaded?: boolean }).courierRunnerLoaded === true;
  const enough = ran ? cached.slice(0, 1) : cached;
  const target = enough.at(-1)!;
  if (script.cachedDataRejected !== true && enough.some((name) => fs.existsSync(name))) return;
  try {
    fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
    const draft = `${target}.${process.pid}`;
    fs.writeFileSync(draft, script.createCachedData(), { flag: 'wx', mode: 0o600 });
    fs.renameSync(draft, target);
    removeOld(path.dirname(target));
  } catch {
    // The next run compiles again.
  }
}

/** Removes what belongs to programs that are not run any more. */
function removeOld(folder: string): void {
  const before = Date.now() - 30 * 24 * 3600 * 1000;
  for (const name of fs.readdirSync(folder)) {
    const old = path.join(folder, name);
    const isUsed = loaded.some(({ key }) => name.startsWith(key));
    if (/\.v8(\.\d+)?$/.test(name) && !isUsed && fs.lstatSync(old).mtimeMs < before) fs.rmSync(old);
  }
}
