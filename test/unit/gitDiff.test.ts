import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { stagedDiff, workingDiff } from '../../src/core/support/gitDiff';
import { makeTempDir, type TempDir } from '../support/tempDir';

describe('what git says that changed', () => {
  let temp: TempDir;
  const at = (...parts: string[]) => path.join(temp.path, ...parts);
  const git = (...args: string[]) => {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
    const env = { PATH: process.env.PATH, HOME: temp.path, GIT_CONFIG_NOSYSTEM: '1' };
    return execFileSync('git', [...who, ...args], { cwd: temp.path, encoding: 'utf8', env });
  };

  beforeEach(async () => {
    temp = await makeTempDir();
    git('init', '-q');
    await fs.mkdir(at('part'));
    await fs.writeFile(at('a.txt'), 'one\n');
    await fs.writeFile(at('part', 'b.txt'), 'one\n');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
  });
  afterEach(() => temp.remove());

  it('is only what is staged, or all since the last commit below a folder', async () => {
    await fs.writeFile(at('a.txt'), 'two staged\n');
    git('add', 'a.txt');
    await fs.writeFile(at('part', 'b.txt'), 'three\n');
    const staged = await stagedDiff(at('part'));
    assert.match(staged, /^diff --git a\/a\.txt b\/a\.txt\n/);
    assert.match(staged, /\n-one\n\+two staged\n/);
    assert.ok(!staged.includes('three'));
    const part = await workingDiff(at('part'));
    assert.match(part, /\+three\n/);
    assert.ok(!part.includes('two staged'), 'nothing outside of the folder');
  });

  it('is nothing when nothing changed', async () => {
    assert.equal(await stagedDiff(temp.path), '');
    assert.equal(await workingDiff(temp.path), '');
  });

  it('runs no program that the repository names, and writes nothing', async () => {
    const mark = at('ran');
    const script = at('.git', 'evil.sh');
    await fs.writeFile(script, `#!/bin/sh\ntouch ${mark}\ncat "$1"\n`, { mode: 0o755 });
    await fs.writeFile(at('.gitattributes'), '*.txt diff=evil\n');
    git('config', 'diff.external', script);
    git('config', 'diff.evil.command', script);
    git('config', 'diff.evil.textconv', script);
    git('config', 'core.fsmonitor', script);
    git('config', 'core.pager', script);
    git('config', 'diff.noprefix', 'true');
    await fs.writeFile(at('a.txt'), 'two\n');
    execFileSync('git', ['-c', 'core.fsmonitor=false', 'add', 'a.txt'], { cwd: temp.path });
    const index = (await fs.stat(at('.git', 'index'))).mtimeMs;
    assert.match(await stagedDiff(temp.path), /^diff --git a\/a\.txt b\/a\.txt\n[\s\S]*\+two\n/);
    assert.match(await workingDiff(temp.path), /\+two\n/);
    await assert.rejects(fs.access(mark), { code: 'ENOENT' });
    assert.equal((await fs.stat(at('.git', 'index'))).mtimeMs, index);
  });

  it("gives git's own words when it can not say", async () => {
    const plain = await makeTempDir();
    try {
      await assert.rejects(stagedDiff(plain.path), {
        code: 'git_failed',
        message: /nothing was sent: .*(repository|usage)/i,
      });
    } finally {
      await plain.remove();
    }
  });
});
