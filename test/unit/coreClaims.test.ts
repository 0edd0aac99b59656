import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  beat,
  claimFile,
  createClaim,
  newestEpoch,
  readClaim,
  readRunner,
  release,
  superseded,
  sweepClaims,
} from '../../src/core/runner/claims';
import { RunnerHost } from '../../src/core/runner/runnerHost';
import { bySightings } from '../../src/core/runner/silence';
import { writeJson } from '../../src/core/store/jsonFile';
import { Layout } from '../../src/core/store/layout';
import { defaultSettings } from '../../src/core/store/settings';
import { type FolderState, UserState } from '../../src/core/store/userState';
import { type Log, silentLog } from '../../src/core/support/log';
import { isGone, ownIdentity, type ProcessIdentity } from '../../src/core/support/processIdentity';
import { FakeClock } from '../support/fakeClock';
import { makeTempDir, type TempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

const { heartbeat_s, takeover_after_s } = defaultSettings();
const heartbeatEvery = heartbeat_s * 1000;
const silentAfter = takeover_after_s * 1000;

describe('claims', () => {
  let temp: TempDir;
  let folder: FolderState;
  let clock: FakeClock;
  let own: ProcessIdentity;
  beforeEach(async () => {
    temp = await makeTempDir();
    const user = new UserState(path.join(temp.path, 'user'), temp.path);
    await user.register('f', '/w');
    folder = user.folder('f');
    // A claim's own time is the file system's.
    clock = new FakeClock(Date.now());
    own = await ownIdentity();
  });
  afterEach(() => temp.remove());
  const claim = (epoch: number, process = own, takeover_after_s = 8) =>
    createClaim(folder, { epoch, kind: 'cli', program_version: 'test', process, takeover_after_s }, clock);
  const owner = async () => (await readRunner(folder, clock))?.epoch;

  it('gives each epoch to exactly one of many', async () => {
    for (let epoch = 1; epoch <= 60; epoch++) {
      assert.equal((await newestEpoch(folder)) + 1, epoch);
      const won = await Promise.all(Array.from({ length: 8 }, () => claim(epoch)));
      assert.equal(won.filter(Boolean).length, 1, `epoch ${epoch}`);
    }
    assert.ok(
      (await fs.readdir(folder.claims)).every((name) => /^\d{10}\.json$/.test(name)),
      'no draft is left',
    );
  });

  it('has no runner before the first claim, and the claimer after it', async () => {
    assert.equal(await owner(), undefined);
    await claim(1);
    assert.deepEqual(await readRunner(folder, clock), {
      pid: process.pid,
      kind: 'cli',
      epoch: 1,
      host: own.host,
      program_version: 'test',
    });
  });

  it('believes a heartbeat for as long as it may be silent, and not longer', async () => {
    await claim(1);
    await beat(folder, 1, clock);
    // The file system keeps times a little rounded.
    await clock.advance(silentAfter - 1);
    assert.equal(await owner(), 1);
    await clock.advance(2);
    assert.equal(await owner(), undefined);
    await beat(folder, 1, clock);
    assert.equal(await owner(), 1, 'it only slept');
  });

  it('takes a claim that was given back, or whose process is provably gone, for ended at once', async () => {
    await claim(1);
    await beat(folder, 1, clock);
    await release(folder, 1);
    assert.equal(await owner(), undefined);
    await claim(2, { ...own, start_time: '1' });
    await beat(folder, 2, clock);
    assert.equal(await owner(), own.start_time === undefined ? 2 : undefined);
    await claim(3, { ...own, start_time: '1', scope: 'another container' });
    await beat(folder, 3, clock);
    assert.equal(await owner(), 3, 'of another container only the heartbeat says');
  });

  it('knows a superseded owner also when the claim right after it was swept away', async () => {
    for (const epoch of [1, 2, 3, 4]) await claim(epoch);
    assert.equal(await superseded(folder, 4), false);
    await sweepClaims(folder, 4);
    assert.deepEqual((await fs.readdir(folder.claims)).sort(), [claimFile(3), claimFile(4)]);
    for (const epoch of [1, 2, 3]) assert.equal(await superseded(folder, epoch), true, `epoch ${epoch}`);
    assert.equal(await newestEpoch(folder), 4);
  });

  it('sweeps old drafts of processes that ended', async () => {
    await claim(1);
    const draft = path.join(folder.claims, '.draft-x');
    await writeJson(draft, {});
    await sweepClaims(folder, 1);
    assert.ok(await fs.stat(draft), 'it may be a claim that is being made');
    await fs.utimes(draft, 1000, 1000);
    await sweepClaims(folder, 1);
    await assert.rejects(fs.stat(draft));
  });

  it('judges a claim that it can not read by its heartbeat, and tells what it knows of it', async () => {
    const unknown = { pid: null, kind: null, host: null, program_version: null };
    const newer = { version: '2.0', kind: 'cluster', program_version: '9.0.0', process: { pid: 7, host: 'h' } };
    const known = { pid: 7, kind: null, host: 'h', program_version: '9.0.0' };
    for (const [epoch, text, info] of [
      [1, '{', unknown],
      [2, 'null', unknown],
      [3, JSON.stringify(newer), known],
    ] as const) {
      await fs.writeFile(path.join(folder.claims, claimFile(epoch)), text);
      await beat(folder, epoch, clock);
      assert.deepEqual(await readRunner(folder, clock), { epoch, ...info });
      await clock.advance(silentAfter + 1);
      assert.equal(await owner(), undefined, text);
      assert.equal(await newestEpoch(folder), epoch);
    }
  });

  it('goes by what the claim itself says of its silence', async () => {
    await claim(1, own, 60);
    await beat(folder, 1, clock);
    await clock.advance(59_000);
    assert.equal(await owner(), 1);
    await clock.advance(2000);
    assert.equal(await owner(), undefined);
  });

  it('touches one file for all epochs while a runner is alive, and removes it when that one leaves', async () => {
    const alive = async () => (await fs.stat(folder.alive)).mtimeMs;
    await claim(1);
    await beat(folder, 1, clock);
    const first = await alive();
    await clock.advance(heartbeatEvery);
    await claim(2);
    await beat(folder, 2, clock);
    assert.ok((await alive()) >= first + heartbeatEvery - 1);
    await release(folder, 1);
    assert.ok(await alive(), 'it is the next one that lives');
    await release(folder, 2);
    await assert.rejects(fs.stat(folder.alive), { code: 'ENOENT' });
  });

  it('takes an owner of an earlier boot for ended once its heartbeat is old', async () => {
    if (own.scope === undefined) return;
    const scope = own.scope.replace(/^\S+/, '00000000-0000-0000-0000-000000000000');
    await claim(1, { ...own, scope });
    await beat(folder, 1, clock);
    const atOnce = async () => (await readClaim(folder, clock, bySightings(clock))).runner?.epoch;
    assert.equal(await atOnce(), 1, 'it may be another machine of the same name');
    await clock.advance(silentAfter + 1);
    assert.equal(await atOnce(), undefined);
    await claim(2, { ...own, scope, host: 'another' });
    await beat(folder, 2, clock);
    await clock.advance(silentAfter + 1);
    assert.equal(await atOnce(), 2);
  });
});

describe('silence', () => {
  it('is the time for which one heartbeat stood, by the own clock, whatever the wall clocks say', async () => {
    const clock = new FakeClock();
    const silent = bySightings(clock);
    const anHour = 3_600_000;
    for (const skew of [anHour, -anHour, 0]) {
      const now = clock.now() + skew;
      assert.equal(silent(1, now, 8000), false);
      await clock.advance(7999);
      assert.equal(silent(1, now, 8000), false);
      await clock.advance(1);
      assert.equal(silent(1, now, 8000), true);
      assert.equal(silent(1, now + 1, 8000), false, 'it beats again');
      assert.equal(silent(2, now + 1, 8000), false, 'another owner');
    }
  });

  it('is proven where a system has no /proc, by the number alone on the same host', async () => {
    const nowhere = Promise.resolve(undefined);
    const ended = spawnSync('true');
    const host = os.hostname();
    assert.equal(await isGone({ pid: ended.pid, host }, nowhere), true);
    assert.equal(await isGone({ pid: process.pid, host }, nowhere), false);
    assert.equal(await isGone({ pid: ended.pid, host: 'another' }, nowhere), false);
    assert.equal(await isGone({ pid: ended.pid, host, scope: 'a container' }, nowhere), false);
  });
});

describe('runnerHost', function () {
  this.timeout(60_000);
  let temp: TempDir;
  let layout: Layout;
  let user: UserState;
  let clock: FakeClock;
  let hosts: RunnerHost[];
  beforeEach(async () => {
    temp = await makeTempDir();
    const workspace = path.join(temp.path, 'ws');
    await fs.mkdir(workspace);
    layout = new Layout(workspace);
    user = new UserState(path.join(temp.path, 'user'), path.join(temp.path, 'run'));
    clock = new FakeClock(Date.now());
    hosts = [];
  });
  afterEach(async () => {
    for (const host of hosts) await host.stop();
    await temp.remove();
  });
  const make = (own = clock, more: { log?: Log } = {}) => {
    const settings = { ...defaultSettings(), default_agent: 'demo' };
    const programs = { kind: 'cli' as const, programVersion: 'test', distDir: '/nonexistent' };
    const host = new RunnerHost({ layout, user, settings, ...programs, clock: own, log: silentLog, ...more });
    hosts.push(host);
    return host;
  };
  const claims = async () => {
    const [id] = await fs.readdir(path.join(user.root, 'folders'));
    return (await fs.readdir(user.folder(id!).claims)).sort();
  };

  it('has one owner of two, and the other takes over when the first stops', async () => {
    const [a, b] = [make(), make()];
    assert.equal(await a.start(), 'owner');
    assert.equal(await b.start(), 'standby');
    await a.stop();
    assert.equal(a.role, 'stopped');
    await clock.advance(heartbeatEvery);
    await waitFor(() => b.role === 'owner', { what: 'the second host owns the folder' });
  });

  it('has one owner of many that start at the same time', async () => {
    const all = Array.from({ length: 6 }, () => make());
    const roles = await Promise.all(all.map((host) => host.start()));
    assert.equal(roles.filter((role) => role === 'owner').length, 1);
  });

  it('takes over from one that is silent, which then loses and writes no more', async () => {
    // A clock that nobody moves on is a process that is stopped: no heartbeat comes from it.
    const stalled = new FakeClock(clock.now());
    const [a, b] = [make(stalled), make()];
    assert.equal(await a.start(), 'owner');
    assert.equal(await b.start(), 'standby');
    await clock.advance(silentAfter + 2 * heartbeatEvery);
    await waitFor(() => b.role === 'owner', { what: 'the second host owns the folder' });
    const roles: string[] = [];
    a.onDidChangeRole((role) => roles.push(role));
    await beatOf(b);
    await stalled.advance(heartbeatEvery);
    await waitFor(() => a.role === 'standby', { what: 'the first host has lost' });
    assert.deepEqual(roles, ['standby']);
    assert.equal(b.role, 'owner');
    await a.stop();
    assert.equal(
      (await claims()).filter((name) => name.endsWith('.released')).length,
      0,
      'what it lost it gives not back',
    );
  });

  it('a wall clock that is set forth kills no owner, and one that is set back delays no takeover', async () => {
    const wall = { skew: 0 };
    class SkewedClock extends FakeClock {
      override now() {
        return super.now() + wall.skew;
      }
    }
    const observer = new SkewedClock(clock.now());
    const [a, b] = [make(), make(observer)];
    assert.equal(await a.start(), 'owner');
    assert.equal(await b.start(), 'standby');
    for (const skew of [3_600_000, -3_600_000]) {
      wall.skew = skew;
      for (let time = 0; time < 2 * silentAfter; time += heartbeatEvery) {
        const before = await lastBeat();
        await clock.advance(heartbeatEvery);
        await waitFor(async () => (await lastBeat()) > before, { what: 'a heartbeat' });
        await observer.advance(heartbeatEvery);
      }
      assert.deepEqual([a.role, b.role], ['owner', 'standby'], `skew ${skew}`);
    }
    let waited = 0;
    const taken = async () => {
      await observer.advance(heartbeatEvery);
      waited += heartbeatEvery;
      return b.role === 'owner';
    };
    await waitFor(taken, { what: 'the second owns the folder, an hour before by its clock', interval: 50 });
    assert.ok(waited >= silentAfter, `${waited}`);
  });

  it('tells once what keeps it from owning the folder, goes on trying, and has left no runner behind', async () => {
    const a = make();
    await a.start();
    const logged: string[] = [];
    const log = { ...silentLog, error: (message: string) => void logged.push(message) };
    const b = make(clock, { log });
    await b.start();
    // A socket's folder that others could write to.
    const runtime = path.join(temp.path, 'run');
    await fs.chmod(runtime, 0o777);
    await a.stop();
    const afterAWhile = async (seen: () => boolean | Promise<boolean>) => {
      await clock.advance(silentAfter);
      return seen();
    };
    await waitFor(() => afterAWhile(async () => (await claims()).includes('0000000004.released')), {
      what: 'three tries',
    });
    assert.deepEqual(logged, ['the folder could not be claimed']);
    assert.equal(b.role, 'standby');
    await fs.chmod(runtime, 0o700);
    await waitFor(() => afterAWhile(() => b.role === 'owner'), { what: 'it owns the folder' });
  });

  it('gives a claim back that succeeds while it is stopped', async () => {
    const a = make();
    const starting = a.start();
    await a.stop();
    await starting;
    assert.equal(a.role, 'stopped');
    const b = make();
    assert.equal(await b.start(), 'owner', 'nothing is left that looks alive');
  });

  it('beats for as long as it owns the folder', async () => {
    const a = make();
    await a.start();
    await clock.advance(heartbeatEvery);
    await waitFor(async () => (await claims()).some((name) => name.endsWith('.heartbeat')));
    assert.equal(await make().start(), 'standby');
  });

  const lastBeat = async () => {
    const [id] = await fs.readdir(path.join(user.root, 'folders'));
    return (await fs.stat(user.folder(id!).alive)).mtimeMs;
  };

  /** Moves the clock of an owner on, so that its heartbeat is on disk. */
  async function beatOf(host: RunnerHost): Promise<void> {
    await clock.advance(heartbeatEvery);
    assert.equal(host.role, 'owner');
    await waitFor(async () => (await claims()).includes('0000000002.heartbeat'));
  }
});
