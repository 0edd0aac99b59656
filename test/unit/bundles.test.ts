import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';

/** The files that a bundle was made of, as its map names them. */
function sources(bundle: string): string[] {
  const { sources: found } = JSON.parse(readFileSync(`dist/${bundle}.js.map`, 'utf8')) as { sources: string[] };
  return found.map((file) => file.replace(/^(\.\.\/)+/, ''));
}

describe('the bundles of the extension', () => {
  const chunks = readdirSync('dist').flatMap((name) => /^(chunk-\w+)\.js$/.exec(name)?.[1] ?? []);
  const own = ['extension', 'folder', 'later', 'runner', ...chunks];
  const bundles = [...own, 'execa', 'fflate', 'chokidar'];
  const of = Object.fromEntries(bundles.map((name) => [name, sources(name)]));
  const text = (name: string) => readFileSync(`dist/${name}.js`, 'utf8');
  /** A bundle with the chunks that it loads. */
  const withChunks = (...names: string[]) => {
    const loaded = chunks.filter((chunk) => names.some((name) => text(name).includes(`require("./${chunk}.js")`)));
    return [...new Set([...names, ...loaded])];
  };
  const size = (names: string[]) => names.reduce((sum, name) => sum + statSync(`dist/${name}.js`).size, 0);

  it('hold each module once: a class or a state that is there twice is two', () => {
    const all = bundles.flatMap((name) => of[name]!);
    assert.deepEqual(
      all.filter((file, at) => all.indexOf(file) !== at),
      [],
    );
  });

  it('begin in a file that only composes', () => {
    assert.ok(readFileSync('src/extension.ts', 'utf8').split('\n').length < 60);
  });

  it('load a module that many files import as a whole once: each copy of it costs time at every start', () => {
    const whole = ['vscode', 'node:fs/promises', 'node:os', 'node:path'];
    const loads = whole.map((name) => own.map(text).join('').split(`require("${name}")`).length - 1);
    assert.deepEqual(loads, [1, 1, 1, 1]);
  });

  it('are small where they are loaded at once', () => {
    const first = size(withChunks('extension'));
    assert.ok(first <= 110_000, `until the first picture: ${first}`);
    const look = size(withChunks('extension', 'folder'));
    assert.ok(look <= 160_000, `until the files have been looked at: ${look}`);
    const all = size(withChunks('extension', 'folder', 'later'));
    assert.ok(all <= 350_000, `with what every window loads after it: ${all}`);
  });

  it('leave to others what only a runner, or nothing before the first picture, needs', () => {
    assert.ok(of.runner!.includes('src/core/runner/runJob.ts'));
    assert.ok(of.extension!.includes('src/extension.ts'));
    const loaded = withChunks('extension', 'folder', 'later').flatMap((name) => of[name]!);
    assert.deepEqual(
      loaded.filter((file) => /\/(execa|fflate|chokidar)\/|core\/runner\/run|core\/sessions\/launcher/.test(file)),
      [],
    );
    const first = withChunks('extension').flatMap((name) => of[name]!);
    assert.deepEqual(
      first.filter((file) => /core\/(agents|tmux|monitor|sessions|setup\/checks)/.test(file)),
      [],
    );
  });
});
