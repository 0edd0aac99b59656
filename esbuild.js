// Builds what ships (dist/) and, with --tests [FOLDER ...], what mocha runs (out/test/).
const esbuild = require('esbuild');
const fs = require('node:fs');
const path = require('node:path');

const { argv } = process;
const testFolders = ['unit', 'tmux', 'claude', 'agents', 'kills', 'faults', 'bench', 'host', 'windows', 'support'];
const asked = argv.includes('--tests')
  ? argv.slice(argv.indexOf('--tests') + 1).filter((a) => testFolders.includes(a))
  : [];
const folders = asked.length ? asked : testFolders;

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'warning',
  mainFields: ['module', 'main'],
  // Also outside of the package: the command line is started often, and loads in half the time.
  minify: true,
  sourcemap: 'linked',
};
const shebang = { js: '#!/usr/bin/env node' };

/** Files of their own for all, each loaded by require() when it is first used: what runs programs, makes a zip, watches trees and polls. */
const rare = ['execa', 'fflate', 'chokidar'];
const apart = {
  alias: Object.fromEntries(rare.map((name) => [name, `./${name}.js`])),
  external: rare.map((name) => `./${name}.js`),
};
const required = { 'dynamic-import': false };

/**
 * What several files import as a whole is one object for all of them. esbuild by itself copies all names of such a module for each
 * file that imports it: the hundreds of vscode's for 61.
 */
const once = {
  name: 'once',
  setup(build) {
    const filter = /^(vscode|node:(fs\/promises|os|path))$/;
    build.onResolve({ filter }, (found) =>
      found.namespace === 'once' ? { path: found.path, external: true } : { path: found.path, namespace: 'once' },
    );
    build.onLoad({ filter, namespace: 'once' }, ({ path: name }) => ({ contents: `export * from '${name}';` }));
  },
};

/** The files below a folder whose names end so; none when there is no such folder. */
function filesBelow(folder, ending) {
  if (!fs.existsSync(folder)) return [];
  const entries = fs.readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((e) => e.isFile() && e.name.endsWith(ending)).map((e) => path.join(e.parentPath, e.name));
}

/** Every test file is a bundle of its own, so that mocha needs no loader and no file order. */
async function buildTests() {
  const entryPoints = folders.flatMap((f) => filesBelow(`test/${f}`, '.test.ts'));
  for (const inside of ['host', 'windows']) if (folders.includes(inside)) entryPoints.push(`test/${inside}/index.ts`);
  // What programs that are not bundled load: test/e2e, npm run bench.
  for (const inside of ['bench', 'support'])
    if (folders.includes(inside)) entryPoints.push(...filesBelow(`test/${inside}`, '.ts'));
  const external = ['vscode', 'mocha', 'playwright-core'];
  await esbuild.build({
    ...common,
    minify: false,
    sourcemap: 'inline',
    entryPoints,
    outdir: 'out/test',
    outbase: 'test',
    external,
  });
  // The bundle of a test that is no longer there would still be run.
  const built = new Set(entryPoints.map((f) => path.join('out', f.replace(/\.ts$/, '.js'))));
  for (const f of folders.flatMap((n) => filesBelow(`out/test/${n}`, '.js'))) if (!built.has(f)) fs.rmSync(f);
}

/**
 * What VS Code loads: extension.js, folder.js when the first picture of its view is drawn, later.js when the files behind it have
 * been looked at, runner.js when a runner starts, and what these have in common, in a chunk-*.js for each set of them, so that no class and no state is there twice. esbuild splits only ES
 * modules, so each part is made one for require() afterwards.
 */
async function buildExtension() {
  const parts = 'out/extension';
  const { metafile } = await esbuild.build({
    ...common,
    format: 'esm',
    splitting: true,
    entryPoints: {
      extension: 'src/extension.ts',
      folder: 'src/ui/folderParts.ts',
      later: 'src/ui/later.ts',
      runner: 'src/core/runner/runnerHost.ts',
    },
    chunkNames: '[name]-[hash]',
    outdir: parts,
    sourcemap: 'inline',
    ...apart,
    external: ['vscode', ...apart.external],
    plugins: [once],
    metafile: true,
  });
  const whole = { ...common, bundle: false, mainFields: undefined, supported: required };
  // Where the extension's own time begins: npm run bench -- activation.
  const banner = { js: "performance.mark('courier.load');" };
  const files = Object.keys(metafile.outputs);
  // Those of an earlier build have other names, and would be packaged.
  const stale = filesBelow('dist', '.js').filter((file) => /^chunk-/.test(path.basename(file)));
  for (const file of stale.filter((one) => !files.some((made) => path.basename(made) === path.basename(one)))) {
    fs.rmSync(file);
    fs.rmSync(`${file}.map`, { force: true });
  }
  for (const file of files)
    await esbuild.build({
      ...whole,
      entryPoints: [file],
      outdir: 'dist',
      banner: path.basename(file) === 'extension.js' ? banner : {},
    });
}

async function main() {
  await Promise.all([
    buildExtension(),
    esbuild.build({ ...common, entryPoints: rare, outdir: 'dist' }),
    // vscode is not external here: an import of it anywhere below the command line must break the build.
    esbuild.build({
      ...common,
      ...apart,
      supported: required,
      entryPoints: ['src/cli/main.ts'],
      outfile: 'dist/courier-main.js',
    }),
    esbuild.build({ ...common, entryPoints: ['src/courier.ts'], outfile: 'dist/courier.js', banner: shebang }),
    esbuild.build({ ...common, entryPoints: ['src/demoAgent.ts'], outfile: 'dist/demo-agent.js', banner: shebang }),
  ]);
  fs.chmodSync('dist/courier.js', 0o755);
  if (argv.includes('--tests')) await buildTests();
}

main().catch(() => process.exit(1));
