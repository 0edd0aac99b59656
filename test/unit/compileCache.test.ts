import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeTempDir, type TempDir } from '../support/tempDir';

describe('the compile cache of the command line', () => {
  let temp: TempDir;
  const folder = () => path.join(temp.path, 'tmux-courier');
  const courier = () =>
    spawnSync(process.execPath, ['dist/courier.js', '--version'], {
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: temp.path },
    });
  const only = () => {
    const names = fs.readdirSync(folder());
    assert.equal(names.length, 1, names.join());
    return path.join(folder(), names[0]!);
  };

  beforeEach(async () => {
    temp = await makeTempDir();
  });
  afterEach(() => temp.remove());

  it('is made by the first run for the user alone, and kept by the next', () => {
    const first = courier();
    const made = fs.statSync(only());
    assert.match(only(), /-light\.v8$/);
    assert.equal(made.mode & 0o777, 0o600);
    assert.equal(fs.statSync(folder()).mode & 0o777, 0o700);
    const second = courier();
    assert.deepEqual([second.status, second.stdout], [0, first.stdout]);
    assert.equal(fs.statSync(only()).mtimeMs, made.mtimeMs);
  });

  it('is made again when it is of no use, and is not needed', () => {
    const version = courier().stdout;
    const good = fs.statSync(only()).size;
    fs.writeFileSync(only(), 'nonsense');
    assert.equal(courier().stdout, version);
    assert.equal(fs.statSync(only()).size > good / 2, true);
  });

  it('is not believed when others could have written it', () => {
    courier();
    fs.writeFileSync(only(), 'nonsense');
    fs.chmodSync(only(), 0o666);
    const run = courier();
    assert.equal(run.status, 0);
    assert.equal(fs.readFileSync(only(), 'utf8'), 'nonsense');
  });

  it('is done without where no folder can be made', () => {
    fs.writeFileSync(folder(), 'a file in its place');
    const run = courier();
    assert.deepEqual([run.status, run.stderr], [0, '']);
  });
});
