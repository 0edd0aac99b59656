import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { type PathWatcher, watchPaths } from '../../src/core/support/watch';
import { makeTempDir, type TempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

describe('watching folders', () => {
  let temp: TempDir;
  let watcher: PathWatcher | undefined;
  let seen: string[];
  let errors: unknown[];
  beforeEach(async () => {
    temp = await makeTempDir();
    seen = [];
    errors = [];
  });
  afterEach(async () => {
    await watcher?.dispose();
    await temp.remove();
  });

  const begin = async (folders: string[], usePolling = false) => {
    const ignored = (file: string) => path.basename(file).startsWith('.');
    const options = { ignored, usePolling, onError: (error: unknown) => errors.push(error) };
    watcher = watchPaths(folders, (file) => seen.push(file), options);
    await watcher.ready;
  };
  const sees = (file: string) => waitFor(() => seen.includes(file), { what: () => `${file} among ${seen}` });

  for (const usePolling of [false, true])
    it(`tells of what appears, changes and goes, ${usePolling ? 'by looking' : 'by events'}`, async () => {
      await begin([temp.path], usePolling);
      const file = path.join(temp.path, 'a.json');
      await fs.writeFile(path.join(temp.path, '.a.json'), 'x');
      await fs.rename(path.join(temp.path, '.a.json'), file);
      await sees(file);
      seen = [];
      await fs.appendFile(file, 'y');
      await sees(file);
      seen = [];
      await fs.rm(file);
      await sees(file);
      assert.ok(!seen.some((name) => path.basename(name).startsWith('.')));
    });

  it('takes further folders, and leaves them again', async () => {
    const [one, two] = [path.join(temp.path, 'one'), path.join(temp.path, 'two')];
    for (const dir of [one, two]) await fs.mkdir(dir);
    await begin([]);
    watcher!.add(one);
    watcher!.add(two);
    await fs.writeFile(path.join(one, '1'), '');
    await sees(path.join(one, '1'));
    watcher!.remove(one);
    seen = [];
    await fs.writeFile(path.join(one, '2'), '');
    await fs.writeFile(path.join(two, '1'), '');
    await sees(path.join(two, '1'));
    assert.ok(!seen.some((file) => file.startsWith(one)));
  });

  it('watches a folder that is not there yet, and one that goes and comes back', async () => {
    const dir = path.join(temp.path, 'later');
    await begin([dir]);
    for (const name of ['a', 'b', 'c']) {
      await fs.mkdir(dir);
      // What stands in it when it is found is told by the folder's own path.
      await sees(dir);
      await fs.writeFile(path.join(dir, name), '');
      await sees(path.join(dir, name));
      await fs.rm(dir, { recursive: true });
      await sees(dir);
      seen = [];
    }
    assert.deepEqual(errors, []);
  });

  it('sees a folder that another was put in the place of', async () => {
    const dir = path.join(temp.path, 'dir');
    await fs.mkdir(dir);
    await begin([dir]);
    await fs.rename(dir, path.join(temp.path, 'old'));
    await fs.mkdir(dir);
    await waitFor(
      async () => {
        await fs.writeFile(path.join(dir, 'new'), `${seen.length}`);
        return seen.includes(path.join(dir, 'new'));
      },
      { what: () => `the new folder's file among ${seen}` },
    );
  });

  it('of which nothing can be learned any more is told once, and watched again when that is over', async () => {
    const parent = path.join(temp.path, 'parent');
    const dir = path.join(parent, 'dir');
    await fs.mkdir(dir, { recursive: true });
    await begin([dir]);
    const away = path.join(temp.path, 'away');
    await fs.rename(parent, away);
    // A path that leads round and round, as one that may not be used, is neither there nor not there.
    await fs.symlink('parent', parent);
    await fs.chmod(path.join(away, 'dir'), 0o755);
    await waitFor(() => errors.length > 0, { what: 'words' });
    assert.match(String(errors[0]), /ELOOP/);
    await fs.rm(parent);
    await fs.rename(away, parent);
    seen = [];
    await sees(dir);
    await fs.writeFile(path.join(dir, 'a'), '');
    await sees(path.join(dir, 'a'));
    assert.equal(errors.length, 1);
  });
});
