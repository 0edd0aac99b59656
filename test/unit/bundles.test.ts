import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';

/** The files that a bundle was made of, as its map names them. */
function sources(bundle: string): string[] {
  const { sources: found } = JSON.parse(readFileSync(`dist/${bundle}.js.map`, 'utf8')) as { sources: string[] };
  return found.map((file) => file.replace(/^(\.\.\/)+/, ''));
}

describe('the bundles of the extension', () => {
  const bundles = ['extension', 'shared', 'runner', 'execa', 'fflate'];
  const of = Object.fromEntries(bundles.map((name) => [name, sources(name)]));

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
    const text = bundles.slice(0, 3).map((name) => readFileSync(`dist/${name}.js`, 'utf8'));
    const whole = ['vscode', 'node:fs/promises', 'node:os', 'node:path'];
    const loads = whole.map((name) => text.join('').split(`require("${name}")`).length - 1);
    assert.deepEqual(loads, [1, 1, 1, 1]);
  });

  it('are small where they are loaded at once', () => {
    const bytes = ['extension', 'shared'].map((name) => statSync(`dist/${name}.js`).size);
    assert.ok(bytes[0]! + bytes[1]! <= 350_000, `${bytes}`);
  });

  it('leave to the second what only a runner needs', () => {
    assert.ok(of.runner!.includes('src/core/runner/runJob.ts'));
    assert.ok(of.extension!.includes('src/extension.ts'));
    const atOnce = [...of.extension!, ...of.shared!];
    assert.deepEqual(
      atOnce.filter((file) => /\/(execa|fflate)\/|core\/runner\/run|core\/sessions\/launcher/.test(file)),
      [],
    );
  });
});
