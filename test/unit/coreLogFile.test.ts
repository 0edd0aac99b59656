import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { LogFile } from '../../src/core/store/logFile';
import { makeTempDir, type TempDir } from '../support/tempDir';

describe('log files', () => {
  let temp: TempDir;
  let file: string;
  beforeEach(async () => {
    temp = await makeTempDir();
    file = path.join(temp.path, 'session.log');
  });
  afterEach(() => temp.remove());

  const names = async () => (await fs.readdir(temp.path)).sort();
  const text = (name = 'session.log') => fs.readFile(path.join(temp.path, name), 'utf8');

  it('keep lines in their order, 0600', async () => {
    const log = new LogFile(file);
    for (let n = 0; n < 50; n++) await log.append(`${n}`, 0);
    assert.equal(await text(), Array.from({ length: 50 }, (_, n) => `${n}\n`).join(''));
    assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
  });

  it('are rotated at their limit; three old ones are kept, and no line is torn', async () => {
    const log = new LogFile(file, 20);
    for (let n = 10; n < 40; n++) await log.append(`line ${n}`, 0);
    assert.deepEqual(await names(), ['session.log', 'session.log.1', 'session.log.2', 'session.log.3']);
    assert.equal(await text(), 'line 37\nline 38\nline 39\n');
    assert.equal(await text('session.log.3'), 'line 28\nline 29\nline 30\n');
    await log.append('line 40', 0);
    assert.equal(await text(), 'line 40\n');
  });

  it('follow no link, are held by no pipe, and put aside what is in their place', async () => {
    const secret = path.join(temp.path, 'secret');
    await fs.writeFile(secret, 'mine');
    await fs.symlink(secret, file);
    const log = new LogFile(file);
    await log.append('one', 0);
    assert.equal(await text(), 'one\n');
    assert.equal(await text('secret'), 'mine');
    await fs.rm(file);
    execFileSync('mkfifo', [file]);
    await log.append('two', 1);
    await fs.rm(file);
    await fs.mkdir(file);
    await log.append('three', 2);
    assert.equal(await text(), 'three\n');
    assert.equal((await names()).filter((name) => name.includes('unreadable')).length, 3);
  });

  it('are not written through a link in the place of their folder, and go on when it is gone', async () => {
    const real = path.join(temp.path, 'real');
    const logs = path.join(temp.path, 'logs');
    await fs.mkdir(real);
    await fs.symlink(real, logs);
    const log = new LogFile(path.join(logs, 'session.log'));
    await assert.rejects(log.append('x', 0), /nothing is logged/);
    assert.deepEqual(await fs.readdir(real), []);
    await fs.rm(logs);
    await fs.mkdir(logs);
    await log.append('y', 0);
    assert.equal(await fs.readFile(path.join(logs, 'session.log'), 'utf8'), 'y\n');
  });
});
