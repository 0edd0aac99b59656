import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { MonitorKeeper } from '../../src/core/monitor/keepMonitor';
import { beatEvery, isOlder, MonitorPost, markStopped, readMonitor, silentAfter } from '../../src/core/monitor/post';
import { createClaim } from '../../src/core/runner/claims';
import { sweepRuntimes } from '../../src/core/runner/sweepRuntimes';
import { openFolder } from '../../src/core/store/folder';
import { writeJson } from '../../src/core/store/jsonFile';
import { Layout } from '../../src/core/store/layout';
import { installRuntime, programs, Runtime } from '../../src/core/store/runtime';
import { type FolderState, UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { silentLog } from '../../src/core/support/log';
import { ownIdentity } from '../../src/core/support/processIdentity';
import { FakeClock } from '../support/fakeClock';
import { makeTempDir, type TempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

describe('the monitor', () => {
  let temp: TempDir;
  let layout: Layout;
  let user: UserState;
  let folder: FolderState;
  let clock: FakeClock;
  beforeEach(async () => {
    temp = await makeTempDir();
    await fs.mkdir(path.join(temp.path, 'ws'));
    layout = new Layout(path.join(temp.path, 'ws'));
    user = new UserState(path.join(temp.path, 'user'), path.join(temp.path, 'run'));
    // A record's time is the file system's.
    clock = new FakeClock(Date.now());
    folder = user.folder((await openFolder(layout, user, clock)).folder_id);
  });
  afterEach(() => temp.remove());
  const own = { program_version: '1.0.0', started_by: 'person' as const };
  const post = (program_version = '1.0.0') => new MonitorPost(folder, clock, { ...own, program_version });
  const alive = async () => (await readMonitor(folder, clock)).kind;

  it('knows an older version from a newer one', () => {
    for (const [a, b] of [
      ['0.1.0', '0.2.0'],
      ['0.9.9', '1.0.0'],
      ['1.2.9', '1.2.10'],
    ] as const) {
      assert.deepEqual([isOlder(a, b), isOlder(b, a), isOlder(a, a)], [true, false, false], `${a} ${b}`);
    }
    assert.equal(isOlder('odd', '0.0.1'), true);
  });

  it('has one place: the last that wrote itself in has it, and the one before finds that out', async () => {
    const first = post();
    assert.equal(await first.take(), undefined);
    assert.equal(await first.holder(), 'own');
    const second = post();
    assert.equal((await second.take())?.program_version, '1.0.0', 'the first is alive');
    assert.equal(await second.holder(), 'other');
    await clock.advance(1);
    const third = post('1.0.1');
    assert.equal(await third.take(), undefined, 'an upgrade');
    assert.deepEqual([await first.holder(), await third.holder()], ['newer', 'own']);
    assert.equal((await first.take())?.program_version, '1.0.1', 'an older one takes nothing back');
    await markStopped(folder, clock);
    assert.deepEqual([await third.holder(), await alive()], ['stopped', 'stopped']);
    await fs.rm(folder.monitor);
    assert.deepEqual([await third.holder(), await alive()], ['nobody', 'none']);
  });

  it('gives a free place to one of many that come at the same time', async () => {
    // Their records are told apart by the time, their drafts by a randomness that no two have in common.
    const clockOf = (n: number) => Object.assign(new FakeClock(Date.now() + n), { random: systemClock.random });
    const many = await Promise.all(
      Array.from({ length: 8 }, async (_, n) => new MonitorPost(folder, clockOf(n), own).take()),
    );
    assert.equal(many.filter((held) => held === undefined).length, 1);
    assert.deepEqual(
      (await fs.readdir(folder.dir)).filter((name) => name.startsWith('.draft')),
      [],
    );
  });

  it('sets a record that can not be read aside, and leaves that of a newer program alone', async () => {
    await fs.writeFile(folder.monitor, '{');
    assert.equal(await alive(), 'none');
    assert.equal(await post().take(), undefined);
    const aside = (await fs.readdir(folder.dir)).filter((name) => name.startsWith('monitor.json.unreadable'));
    assert.equal(aside.length, 1);
    await writeJson(folder.monitor, { version: '1.1', state: 'elsewhere' });
    await assert.rejects(alive(), /newer Tmux Courier/);
    await assert.rejects(post().take(), /newer Tmux Courier/);
    assert.equal(await post().holder(), 'newer');
  });

  it('of another container lives as long as it beats, and is over at once when it left', async () => {
    const one = post();
    await one.take();
    const record = JSON.parse(await fs.readFile(folder.monitor, 'utf8'));
    await writeJson(folder.monitor, { ...record, process: { ...record.process, scope: 'another' } });
    await one.beat();
    await clock.advance(silentAfter - 1);
    assert.equal(await alive(), 'running');
    await clock.advance(2);
    assert.equal(await alive(), 'silent');
    await one.beat();
    assert.equal(await alive(), 'running');
    await one.leave();
    assert.equal(await alive(), 'dead');
  });

  describe('kept by a window', () => {
    const keeperOf = (launch: () => Promise<void>) => {
      const options = { layout, user, clock, log: silentLog, distDir: '/nonexistent' };
      return new MonitorKeeper({ ...options, programVersion: '1.0.0', startedBy: 'setting' }, async () => {
        await launch();
        return { started: true, pid: 1, host: 'h', program_version: '1.0.0' };
      });
    };

    it('is tried again three times in 15 minutes, with pauses, and then not for a while', async () => {
      const tries: number[] = [];
      const keeper = keeperOf(async () => {
        tries.push(clock.monotonic());
        throw new Error('There is no tmux.');
      });
      const looks = async (ms: number) => {
        for (let t = 0; t < ms; t += beatEvery) {
          await clock.advance(beatEvery);
          // Awaited by a call that shares the look.
          await keeper.settled();
        }
      };
      keeper.keep();
      await keeper.settled();
      await looks(10 * 60_000);
      assert.equal(tries.length, 4, tries.join());
      const [, second, third, fourth] = tries;
      assert.ok(third! - second! >= 10_000 && fourth! - third! >= 60_000, tries.join());
      assert.deepEqual(keeper.state, {
        kind: 'missing',
        why: 'There is no tmux. It is not tried again by itself for now.',
      });
      await looks(8 * 60_000);
      assert.ok(tries.length > 4, 'after a quarter of an hour it is tried again');
      await keeper.end();
    });

    it('is not started again when a person stopped it, until a person starts it', async () => {
      let starts = 0;
      const keeper = keeperOf(async () => {
        starts++;
        await post().take();
      });
      await markStopped(folder, clock);
      keeper.keep();
      await waitFor(() => keeper.state.kind === 'missing');
      assert.equal(starts, 0);
      await keeper.start();
      assert.deepEqual([starts, keeper.state.kind], [1, 'running']);
      await keeper.end();
    });

    it('is started again when it stays silent, and not after a sleep of the machine', async () => {
      const one = post();
      await one.take();
      await one.beat();
      let starts = 0;
      const keeper = keeperOf(async () => void starts++);
      keeper.keep();
      await keeper.settled();
      await clock.sleep(60_000);
      await keeper.settled();
      assert.equal((await readMonitor(folder, clock)).kind, 'silent');
      assert.equal(starts, 0, 'it may have slept with the machine');
      await one.beat();
      await clock.advance(beatEvery);
      await keeper.settled();
      assert.equal(starts, 0);
      for (let t = 0; starts === 0 && t < 60_000; t += beatEvery) {
        await clock.advance(beatEvery);
        await keeper.settled();
      }
      assert.equal(starts, 1);
      await keeper.end();
    });
  });

  describe('runs stable copies, which', () => {
    const make = async (version: string, age = 24 * 3_600_000) => {
      const runtime = new Runtime(user.runtime(version));
      await installRuntime(runtime, path.resolve('dist'));
      const then = new Date(clock.now() - age);
      await fs.utimes(runtime.dir, then, then);
      return runtime;
    };
    const left = async () => (await fs.readdir(user.runtimes)).sort();

    it('are the built programs, written only when they differ', async () => {
      const runtime = await make('1.0.0');
      for (const name of programs) {
        const file = path.join(runtime.dir, name);
        assert.deepEqual(await fs.readFile(file), await fs.readFile(path.join('dist', name)));
        assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
      }
      const before = (await fs.stat(runtime.courier)).ino;
      await fs.writeFile(runtime.hook, 'changed');
      await installRuntime(runtime, path.resolve('dist'));
      await installRuntime(runtime, runtime.dir);
      assert.equal((await fs.stat(runtime.courier)).ino, before);
      assert.match(await fs.readFile(runtime.hook, 'utf8'), /^#!\/bin\/sh/);
    });

    it('go when nothing uses their version any more', async () => {
      for (const version of ['0.1.0', '0.2.0', '0.3.0', '0.4.0', '1.0.0']) await make(version);
      await make('0.5.0', 60_000);
      const unit = await make('0.6.0');
      await fs.writeFile(unit.keep, '');
      await fs.utimes(unit.dir, 1000, 1000);
      const process = await ownIdentity();
      await createClaim(folder, { epoch: 1, kind: 'window', program_version: '0.1.0', process }, clock);
      await post('0.2.0').take();
      const launch = folder.launch('l-1');
      await fs.mkdir(launch.receipts, { recursive: true });
      await sweepRuntimes(user, '1.0.0', clock);
      assert.equal((await left()).length, 7, 'a launch that says no version may be of any');
      await fs.writeFile(launch.programVersion, '0.3.0');
      await sweepRuntimes(user, '1.0.0', clock);
      assert.deepEqual(await left(), ['0.1.0', '0.2.0', '0.3.0', '0.5.0', '0.6.0', '1.0.0']);
    });

    it('removes what a killed program left half written there, an hour later', async () => {
      const dirs = [user.root, user.runtime('1.0.0')];
      const left = [path.join(dirs[0]!, 'config.json.123456'), path.join(dirs[1]!, 'courier.js.123456')];
      const kept = [path.join(dirs[0]!, 'config.json'), path.join(dirs[1]!, 'hook.sh.234567')];
      for (const dir of dirs) await fs.mkdir(dir, { recursive: true });
      for (const file of [...left, ...kept]) await fs.writeFile(file, '');
      for (const file of left) await fs.utimes(file, 1000, 1000);
      await sweepRuntimes(user, '1.0.0', clock);
      for (const file of kept) await fs.stat(file);
      for (const file of left) await assert.rejects(fs.stat(file), { code: 'ENOENT' });
    });
  });
});
