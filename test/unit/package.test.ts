import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { makeTempDir } from '../support/tempDir';

const planted = 'planted-value-of-the-machine-that-packs';

/** What looks like a key of somebody's, whoever's. */
const keys =
  /sk-[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|xox[abprs]-[0-9A-Za-z-]{10,}|AKIA[0-9A-Z]{16}|eyJ[A-Za-z0-9_-]{20,}\.eyJ|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

describe('the packed extension', function () {
  this.timeout(120_000);
  let files: Record<string, string>;
  let size: number;

  before(async () => {
    const temp = await makeTempDir();
    try {
      const vsix = path.join(temp.path, 'tmux-courier.vsix');
      const script = `import('./test/scripts/prepare.mjs').then((m) => m.packageVsix(process.argv[1]))`;
      // As npm run package does it, and with something in the environment that must not get in.
      const env = { ...process.env, PLANTED_API_KEY: planted };
      const packed = spawnSync(process.execPath, ['-e', script, vsix], { encoding: 'utf8', env });
      assert.equal(packed.status, 0, packed.stdout + packed.stderr);
      const zip = await fs.readFile(vsix);
      size = zip.length;
      const entries = Object.entries(unzipSync(zip));
      files = Object.fromEntries(entries.map(([name, data]) => [name, strFromU8(data, true)]));
    } finally {
      await temp.remove();
    }
  });

  it('holds what it needs, and nothing else: no map, no source, no test', () => {
    const own = [
      'chokidar',
      'courier-main',
      'courier',
      'demo-agent',
      'execa',
      'extension',
      'fflate',
      'folder',
      'later',
      'runner',
    ];
    // What several load stands in files whose names tell their content: those that are loaded, and none of an earlier build.
    const loaded = Object.values(files).flatMap((text) => [...text.matchAll(/require\("\.\/(chunk-\w+)\.js"\)/g)]);
    const chunks = [...new Set(loaded.map((found) => found[1]!))];
    assert.ok(chunks.length > 0);
    const dist = [...own, ...chunks].map((name) => `dist/${name}.js`);
    const templates = ['describe-changes', 'fix-problems', 'review'].map((name) => `templates/${name}.md`);
    const pictures = ['setup', 'demo', 'agent', 'send', 'back'].map((name) => `walkthrough/${name}.svg`);
    const other = ['courier.svg', 'icon.png', 'job.css', 'job.js', 'job.png', 'readme.png'];
    const media = [...other, ...templates, ...pictures].map((name) => `media/${name}`);
    const words = ['LICENSE.txt', 'changelog.md', 'package.json', 'readme.md'];
    // A message that is not translated is its own key: the English bundle is for translators.
    const said = ['package.nls.json', 'package.nls.de.json', 'l10n/bundle.l10n.de.json'];
    const wanted = [...words, ...said, ...dist, ...media].map((name) => `extension/${name}`);
    assert.deepEqual(Object.keys(files).sort(), ['[Content_Types].xml', 'extension.vsixmanifest', ...wanted].sort());
    for (const [name, text] of Object.entries(files)) {
      if (!name.endsWith('.js')) continue;
      assert.ok(!/sourcesContent|sourceMappingURL=data:|node:assert|\bdescribe\(/.test(text), name);
    }
  });

  it('stays small: under 500 kB', () => {
    assert.ok(size < 500_000, `${size} bytes`);
  });

  it('has pictures in the colours of the theme: none of their own but a grey for what a theme leaves out', () => {
    const pictures = Object.entries(files).filter(([name]) => name.includes('/walkthrough/'));
    assert.ok(pictures.length > 0);
    for (const [name, text] of pictures) {
      assert.doesNotMatch(text.replaceAll('#8888', ''), /#[0-9a-f]{3}|rgb|style=|<style|href/i, name);
    }
  });

  it('holds no secret, and nothing of the machine that packed it', () => {
    const secrets = Object.entries(process.env).filter(([name]) => /KEY|TOKEN|SECRET|PASSW|CREDENTIAL/i.test(name));
    const values = secrets.flatMap(([, value]) => (value && value.length >= 8 ? [value] : []));
    const places = [process.cwd(), os.homedir(), os.tmpdir()].filter((place) => place.split(path.sep).length > 2);
    for (const [name, text] of Object.entries(files)) {
      assert.equal(keys.exec(text)?.[0], undefined, name);
      for (const own of [planted, ...values, ...places]) assert.ok(!text.includes(own), `${name} holds ${own}`);
    }
  });

  it('asks for nothing that is installed beside it', () => {
    const { dependencies, main } = JSON.parse(files['extension/package.json']!);
    assert.equal(dependencies, undefined, 'all is bundled');
    assert.equal(main, './dist/extension.js');
    const builtIn = (name: string) => name === 'vscode' || name.startsWith('node:') || /^[a-z_/0-9]+$/.test(name);
    for (const [name, text] of Object.entries(files).filter(([file]) => file.endsWith('.js'))) {
      const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1] ?? '');
      assert.deepEqual(
        required.filter((one) => !builtIn(one) && !one.startsWith('./')),
        [],
        name,
      );
    }
  });
});
