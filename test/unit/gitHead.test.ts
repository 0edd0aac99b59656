import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { gitHead } from '../../src/core/support/gitHead';
import { makeTempDir, type TempDir } from '../support/tempDir';

const one = '1'.repeat(40);
const two = '2'.repeat(40);

describe('the commit of a file', () => {
  let dir: TempDir;

  const write = async (name: string, text: string) => {
    const file = path.join(dir.path, name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, text);
  };

  beforeEach(async () => {
    dir = await makeTempDir();
  });

  afterEach(() => dir.remove());

  it('is that of the branch, found from a folder below', async () => {
    await write('.git/HEAD', 'ref: refs/heads/a/b\n');
    await write('.git/refs/heads/a/b', `${one}\n`);
    await write('src/deep/x.ts', '');
    assert.equal(await gitHead(path.join(dir.path, 'src/deep')), one);
  });

  it('is read from packed refs', async () => {
    await write('.git/HEAD', 'ref: refs/heads/main\n');
    await write('.git/packed-refs', `# pack-refs with: peeled\n${two} refs/heads/other\n${one} refs/heads/main\n`);
    assert.equal(await gitHead(dir.path), one);
  });

  it('is that of a detached HEAD', async () => {
    await write('.git/HEAD', `${two}\n`);
    assert.equal(await gitHead(dir.path), two);
  });

  it('is found from a worktree', async () => {
    await write('main/.git/worktrees/w/HEAD', 'ref: refs/heads/w\n');
    await write('main/.git/worktrees/w/commondir', '../..\n');
    await write('main/.git/refs/heads/w', `${one}\n`);
    await write('w/.git', 'gitdir: ../main/.git/worktrees/w\n');
    assert.equal(await gitHead(path.join(dir.path, 'w')), one);
  });

  it('is unknown before the first commit', async () => {
    await write('.git/HEAD', 'ref: refs/heads/main\n');
    assert.equal(await gitHead(dir.path), undefined);
  });
});
