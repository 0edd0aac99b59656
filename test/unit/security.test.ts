import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import manifest from '../../package.json';
import { adoptFolder } from '../../src/core/store/adopt';
import { folderStanding, openFolder } from '../../src/core/store/folder';
import { Layout } from '../../src/core/store/layout';
import { ensureSocketFolder, UserState } from '../../src/core/store/userState';
import { withoutIcons, withoutLinks } from '../../src/ui/plainText';
import { FakeClock } from '../support/fakeClock';
import { makeTempDir } from '../support/tempDir';

const clock = new FakeClock();

const text = fs.readFileSync('SECURITY.md', 'utf8');

/** The rows of the table below a heading of SECURITY.md, without its own heading and rule. */
function tableBelow(heading: string): string[][] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .replace(/^\| | \|$/g, '')
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

/** Files below a folder whose names end so. */
const filesBelow = (dir: string, ending: string) =>
  fs
    .readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(dir, name));

describe('the threat table', () => {
  const rows = tableBelow('Threats, and what stops them');

  it('says of each threat who and what it is, what stops it, and which tests show it', () => {
    assert.ok(rows.length >= 15, String(rows.length));
    for (const row of rows) {
      assert.equal(row.length, 4, row.join(' | '));
      for (const cell of row) assert.ok(cell.trim().length > 10, row.join(' | '));
    }
  });

  it('names tests that are there', () => {
    const named = rows.flatMap(([, , , tests = '']) => tests.split('<br>'));
    const missing = named.filter((one) => {
      const [, file = '', title = ''] = /^`([\w/.]+)`: (.+)$/.exec(one.trim()) ?? [];
      const full = path.join('test', file);
      if (title === '' || !fs.existsSync(full)) return true;
      const source = fs.readFileSync(full, 'utf8').replaceAll("\\'", "'");
      // A test of mocha's, a property that one is made of, or a step of a run in the browser.
      const begins = ['it(', 'name: ', 'async '];
      return !begins.some((begin) => ["'", '"', '`'].some((mark) => source.includes(`${begin}${mark}${title}${mark}`)));
    });
    assert.deepEqual(missing, []);
  });
});

describe('run-time dependencies', () => {
  it('are each named with its reason: what is in the bundles, and no more', () => {
    const bundled = new Set<string>();
    for (const map of filesBelow('dist', '.js.map'))
      for (const source of JSON.parse(fs.readFileSync(map, 'utf8')).sources as string[]) {
        const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1];
        if (name) bundled.add(name);
      }
    const rows = tableBelow('What is in the bundles');
    for (const row of rows) assert.ok(row.length === 3 && row[1]!.length > 20, row.join(' | '));
    const named = rows.flatMap(([name = '', , brings = '']) => [name, ...brings.split(', ')]);
    const names = named.map((one) => one.replaceAll('`', '').trim()).filter(Boolean);
    assert.deepEqual([...new Set(names)].sort(), [...bundled].sort());
    const own = rows.map(([name = '']) => name.replaceAll('`', ''));
    for (const name of own) assert.ok(name in manifest.devDependencies, `${name} is a package of our own choice`);
    assert.equal('dependencies' in manifest, false, 'all is bundled, and nothing is installed beside it');
  });
});

describe('a .courier that a link leads to', () => {
  it('is foreign when it is a link or a file, or stands behind one, and nothing is made there', async () => {
    const temp = await makeTempDir();
    try {
      const user = new UserState(path.join(temp.path, 'user'), path.join(temp.path, 'run'));
      const workspace = path.join(temp.path, 'work');
      const outside = path.join(temp.path, 'outside');
      fs.mkdirSync(workspace);
      fs.mkdirSync(path.join(outside, 'empty'), { recursive: true });
      const own = new Layout(workspace);
      await openFolder(own, user, clock);
      fs.renameSync(own.root, path.join(outside, 'own'));
      fs.writeFileSync(path.join(outside, 'file'), 'x');
      const before = fs.readdirSync(outside, { recursive: true });
      const layouts = [own, new Layout(workspace, 'tools/courier')];
      for (const layout of layouts)
        for (const target of ['own', 'empty', 'file', 'nowhere']) {
          const link = path.join(workspace, path.relative(workspace, layout.root).split(path.sep)[0]!);
          fs.symlinkSync(path.join(outside, target), link);
          const standing = await folderStanding(layout, user);
          assert.ok(
            standing.kind === 'foreign' && standing.why === `${link} is a symbolic link`,
            JSON.stringify(standing),
          );
          await assert.rejects(openFolder(layout, user, clock), { code: 'not_adopted' });
          await assert.rejects(adoptFolder(layout, user, clock), { code: 'adopt_refused' });
          fs.rmSync(link);
        }
      fs.writeFileSync(own.root, 'x');
      assert.equal((await folderStanding(own, user)).kind, 'foreign');
      await assert.rejects(adoptFolder(own, user, clock), { code: 'adopt_refused' });
      assert.deepEqual(fs.readdirSync(outside, { recursive: true }), before);
      assert.deepEqual(fs.readdirSync(workspace), ['.courier']);
    } finally {
      await temp.remove();
    }
  });
});

describe("another user's folder", () => {
  it('is refused as a folder for the socket, though its mode is right', async () => {
    const temp = await makeTempDir();
    const { getuid } = process;
    try {
      const socket = path.join(temp.path, 'run', 's');
      await ensureSocketFolder(socket);
      // Only root can give a folder away; to anybody else it can only seem so.
      if (getuid?.() === 0) fs.chownSync(path.dirname(socket), 12_345, 12_345);
      else process.getuid = () => 12_345;
      await assert.rejects(ensureSocketFolder(socket), { code: 'socket_folder' });
    } finally {
      process.getuid = getuid;
      await temp.remove();
    }
  });
});

describe('settings of a workspace', () => {
  interface Property {
    type: string;
    scope: string;
    enum?: string[];
    minimum?: number;
    maximum?: number;
  }
  const properties = manifest.contributes.configuration.properties as unknown as Record<string, Property>;

  it('can be switches, choices and bounded numbers; what names a program, a place or a name is the user own', () => {
    for (const [name, { type, scope, enum: choices, minimum, maximum }] of Object.entries(properties)) {
      if (scope === 'machine') continue;
      assert.equal(scope, 'window', name);
      const bounded = (type === 'number' || type === 'integer') && minimum !== undefined && maximum !== undefined;
      assert.ok(type === 'boolean' || choices !== undefined || bounded, name);
    }
    const own = ['agents', 'defaultAgent', 'directory', 'keepDays', 'logPane', 'monitor', 'tmuxPath', 'tmuxPrefix'];
    const machine = Object.entries(properties).filter(([, { scope }]) => scope === 'machine');
    assert.deepEqual(machine.map(([name]) => name.replace('courier.', '')).sort(), own);
  });

  it('do not count before the workspace is trusted, where the extension does not run at all', () => {
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    assert.deepEqual([untrustedWorkspaces.supported, virtualWorkspaces.supported], [false, false]);
  });
});

describe('text from files and agents in VS Code', () => {
  // As VS Code 1.100 to 1.139 have them (base/common/linkedText.ts, base/browser/ui/iconLabel/iconLabels.ts).
  const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;
  const icon = /(\\)?\$\(([A-Za-z0-9-]+(?:~[A-Za-z]+)?)\)/g;
  /** What VS Code shows of a label: an icon is a lone character here. */
  const shown = (label: string) => label.replace(icon, (_, escaped, name) => (escaped ? `$(${name})` : '\u{1F5BC}'));
  const parts = [
    '[',
    ']',
    '(',
    ')',
    '](',
    '$(',
    '\\',
    'x',
    ' ',
    '~',
    '"',
    'bug',
    'command:a.b',
    'https://x',
    '[a](command:b)',
  ];
  const any = fc.array(fc.constantFrom(...parts), { maxLength: 20 }).map((some) => some.join(''));

  it('makes no link in a message', () => {
    assert.match('[Allow](command:evil.run)', link);
    fc.assert(fc.property(any, (one) => withoutLinks(one).match(link) === null));
    assert.equal(withoutLinks('Bash: a[0] (b) $(c)'), 'Bash: a[0] (b) $(c)');
  });

  it('makes no icon in a label, and stands there as it is', () => {
    assert.equal(shown('$(check) Trusted'), '\u{1F5BC} Trusted');
    fc.assert(fc.property(any, (one) => !shown(withoutIcons(one)).includes('\u{1F5BC}')));
    for (const one of ['$(check) x', 'a $(sync~spin)', '$(rm -rf x)', '$()', 'plain'])
      assert.equal(shown(withoutIcons(one)), one);
  });

  it('gets into messages and inputs in one place only, and is never trusted Markdown', () => {
    for (const file of filesBelow('src', '.ts')) {
      const source = fs.readFileSync(file, 'utf8');
      assert.ok(!/isTrusted|supportHtml|supportThemeIcons/.test(source), file);
      if (!file.endsWith('ui/job/jobPanels.ts')) assert.ok(!/createWebview/.test(source), file);
      if (!file.endsWith('ui/messages.ts'))
        assert.ok(
          !/window\s*\.\s*show(Information|Warning|Error)Message|window\s*\.\s*showInputBox/.test(source),
          file,
        );
    }
  });

  it('is put into the page of a job as text, where nothing but our own script and style is loaded', () => {
    const frame = fs.readFileSync('src/ui/job/jobPanels.ts', 'utf8');
    assert.match(
      frame,
      /`default-src 'none'; style-src \$\{webview\.cspSource\}; script-src \$\{webview\.cspSource\}`/,
    );
    assert.doesNotMatch(frame, /enableCommandUris|unsafe-/);
    const script = fs.readFileSync('media/job.js', 'utf8');
    assert.doesNotMatch(script, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\.(href|src)\b/);
  });
});
