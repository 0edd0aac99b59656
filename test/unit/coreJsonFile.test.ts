import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { CoalescedFile } from '../../src/core/store/coalescedFile';
import { fileMarks } from '../../src/core/store/fileMarks';
import { readJson, setAside, writeJson } from '../../src/core/store/jsonFile';
import { writeTextIfDifferent } from '../../src/core/store/textFile';
import { systemClock } from '../../src/core/support/clock';
import { FakeClock } from '../support/fakeClock';
import { makeTempDir, type TempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

const Schema = v.looseObject({ version: v.literal('1.0'), n: v.number() });
const permissions = async (file: string) => (await fs.stat(file)).mode & 0o777;

describe('jsonFile', () => {
  let temp: TempDir;
  let file: string;
  beforeEach(async () => {
    temp = await makeTempDir();
    file = path.join(temp.path, 'x.json');
  });
  afterEach(() => temp.remove());

  const readText = async (text: string) => {
    await fs.writeFile(file, text);
    return readJson(Schema, file);
  };

  it('reads what it wrote, keeps unknown fields, and takes a byte order mark', async () => {
    await writeJson(file, { version: '1.0', n: 1, later: 'x' });
    assert.deepEqual(await readJson(Schema, file), { kind: 'ok', value: { version: '1.0', n: 1, later: 'x' } });
    assert.equal((await readText('\uFEFF{"version":"1.0","n":2}')).kind, 'ok');
  });

  it('reads a file of any length whole, wherever its letters fall', async () => {
    for (const length of [0, 1, 65_535 - 25, 65_536, 70_001, 200_000]) {
      const name = 'ü€😀'.repeat(length).slice(0, length * 2);
      await writeJson(file, { version: '1.0', n: length, name });
      assert.deepEqual(await readJson(Schema, file), { kind: 'ok', value: { version: '1.0', n: length, name } });
    }
    // What one read leaves behind is no part of the next one.
    assert.deepEqual(await readText('{"version":"1.0","n":3}'), { kind: 'ok', value: { version: '1.0', n: 3 } });
  });

  it('says what is wrong with a file, naming it', async () => {
    for (const text of [
      '',
      '{"version":"1.0","n":',
      '{"version":"1.0","n":"1"}',
      'null',
      '[]',
      '7',
      '{"version":"0.9"}',
    ]) {
      const read = await readText(text);
      assert.ok(read.kind === 'unreadable' && read.message.includes('x.json'), `${text}: ${JSON.stringify(read)}`);
    }
  });

  it('tells a file of a newer version from a broken one', async () => {
    for (const version of ['1.1', '2.0', '10.0'])
      assert.equal((await readText(`{"version":"${version}"}`)).kind, 'newer', version);
  });

  it('tells "not there" from everything else, and takes nothing but a regular file', async () => {
    assert.equal((await readJson(Schema, file)).kind, 'missing');
    assert.equal((await readJson(Schema, path.join(temp.path, 'no', 'x.json'))).kind, 'missing');
    await fs.mkdir(file);
    assert.equal((await readJson(Schema, file)).kind, 'unreadable');
    const pipe = path.join(temp.path, 'pipe.json');
    execFileSync('mkfifo', [pipe]);
    assert.equal((await readJson(Schema, pipe)).kind, 'unreadable');
  });

  it('writes 0600 also over a file that was open to others, and leaves no temporary file', async () => {
    await fs.writeFile(file, '{}', { mode: 0o644 });
    await writeJson(file, { version: '1.0', n: 1 });
    assert.equal(await permissions(file), 0o600);
    assert.deepEqual(await fs.readdir(temp.path), ['x.json']);
  });

  it('replaces a symbolic link instead of writing through it', async () => {
    const other = path.join(temp.path, 'precious');
    await fs.writeFile(other, 'mine');
    await fs.symlink(other, file);
    await writeJson(file, { version: '1.0', n: 1 });
    const text = path.join(temp.path, 'x.md');
    await fs.symlink(other, text);
    await writeTextIfDifferent(text, 'new');
    assert.equal(await fs.readFile(other, 'utf8'), 'mine');
    assert.ok((await fs.lstat(file)).isFile());
    assert.ok((await fs.lstat(text)).isFile());
  });

  it('sets a file aside beside itself', async () => {
    await fs.writeFile(file, 'broken');
    const aside = await setAside(file, Date.UTC(2026, 10, 22));
    assert.equal(aside, `${file}.unreadable-2026-11-22T00-00-00-000Z`);
    assert.equal(await fs.readFile(aside, 'utf8'), 'broken');
    assert.equal((await readJson(Schema, file)).kind, 'missing');
  });
});

describe('coalescedFile', () => {
  let temp: TempDir;
  let path1: string;
  beforeEach(async () => {
    temp = await makeTempDir();
    path1 = path.join(temp.path, 'q.json');
  });
  afterEach(() => temp.remove());
  const stored = async () => JSON.parse(await fs.readFile(path1, 'utf8')) as { n: number };

  it('writes the last of many values in few writes', async () => {
    const file = new CoalescedFile<{ n: number }>(
      path1,
      systemClock,
      async () => {},
      (error) => assert.fail(String(error)),
    );
    for (let n = 1; n <= 1000; n++) file.set({ n });
    await file.flush();
    assert.deepEqual(await stored(), { n: 1000 });
    assert.ok(file.writes <= 2, `${file.writes} writes`);
  });

  it('has the newest value on disk when flush resolves, also while another write runs', async () => {
    const file = new CoalescedFile<{ n: number }>(
      path1,
      systemClock,
      async () => {},
      (error) => assert.fail(String(error)),
    );
    for (let n = 1; n <= 20; n++) {
      file.set({ n: -n });
      const first = file.flush();
      file.set({ n });
      await file.flush();
      assert.deepEqual(await stored(), { n });
      await first;
    }
  });

  it('writes what is wanted soon with what is wanted now, or after a moment, or when it is flushed', async () => {
    const clock = new FakeClock();
    let underWay = Promise.resolve();
    const guard = () => underWay;
    const file = new CoalescedFile<{ n: number }>(path1, clock, guard, (error) => assert.fail(String(error)));
    file.set({ n: 1 });
    file.setSoon({ n: 2 });
    await file.flush();
    assert.deepEqual([await stored(), file.writes], [{ n: 2 }, 1]);
    file.setSoon({ n: 3 });
    assert.equal(await file.changed(), false, 'it is as it was left');
    await clock.advance(10_000);
    await waitFor(async () => (await stored()).n === 3, { what: 'the write after a moment' });
    let release = () => {};
    underWay = new Promise((resolve) => {
      release = resolve;
    });
    file.set({ n: 4 });
    const written = file.flush();
    await waitFor(async () => (await fs.readdir(temp.path)).length === 2, { what: 'a write that is under way' });
    file.setSoon({ n: 5 });
    release();
    await written;
    assert.deepEqual(await stored(), { n: 4 }, 'the write that was under way is not followed by another at once');
    file.setSoon({ n: 6 });
    await file.flush();
    assert.deepEqual([await stored(), file.writes], [{ n: 6 }, 4]);
    await clock.advance(10_000);
    await file.flush();
    assert.equal(file.writes, 4);
  });

  it('writes nothing when the guard forbids it, and tells', async () => {
    const errors: unknown[] = [];
    const guard = async () => {
      throw new Error('superseded');
    };
    const file = new CoalescedFile<{ n: number }>(path1, systemClock, guard, (error) => errors.push(error));
    file.set({ n: 1 });
    await assert.rejects(file.flush(), /superseded/);
    await assert.rejects(fs.stat(path1));
    assert.ok(errors.length >= 1);
  });

  it('keeps a value whose write failed, and writes it, or a newer one, at the next chance', async () => {
    let forbidden = true;
    const guard = async () => {
      if (forbidden) throw new Error('disk full');
    };
    const errors: unknown[] = [];
    const file = new CoalescedFile<{ n: number }>(path1, systemClock, guard, (error) => errors.push(error));
    for (let n = 1; n <= 50; n++) file.set({ n });
    await assert.rejects(file.flush(), /disk full/);
    assert.equal(errors.length, 1, 'one failed write is told once');
    forbidden = false;
    await file.flush();
    assert.deepEqual(await stored(), { n: 50 });
    forbidden = true;
    file.set({ n: 51 });
    await assert.rejects(file.flush(), /disk full/);
    forbidden = false;
    file.set({ n: 52 });
    await file.flush();
    assert.deepEqual(await stored(), { n: 52 });
  });
});

describe('the marks of files', () => {
  it('differ when one of them is written, replaced, gone, or leads to another file, and only then', async () => {
    const { path: dir, remove } = await makeTempDir();
    try {
      const [plain, target, other, link] = ['plain', 'target', 'other', 'link'].map((name) => path.join(dir, name));
      for (const file of [plain, target, other]) await fs.writeFile(file!, 'one');
      await fs.symlink(target!, link!);
      let before = '';
      const differ = () => {
        const now = fileMarks([plain!, link!, path.join(dir, 'none')]);
        const differs = now !== before;
        before = now;
        return differs;
      };
      assert.ok(differ());
      assert.ok(!differ());
      await fs.writeFile(target!, 'longer');
      assert.ok(differ(), 'what a link leads to');
      await fs.rm(link!);
      await fs.symlink(other!, link!);
      assert.ok(differ(), 'a link');
      await fs.writeFile(`${plain}.new`, 'two');
      await fs.rename(`${plain}.new`, plain!);
      assert.ok(differ(), 'another file of the same size');
      await fs.rm(plain!);
      assert.ok(differ(), 'none any more');
      await fs.rm(other!);
      assert.ok(differ(), 'a link that leads nowhere');
      assert.ok(!differ());
    } finally {
      await remove();
    }
  });
});
