import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import {
  beat,
  claimFile,
  createClaim,
  heartbeatEvery,
  newestEpoch,
  readRunner,
  release,
  silentAfter,
  superseded,
  sweepClaims,
} from '../../src/core/runner/claims';
import { RunnerHost } from '../../src/core/runner/runnerHost';
import { writeJson } from '../../src/core/store/jsonFile';
import { Layout } from '../../src/core/store/layout';
import { defaultSettings } from '../../src/core/store/settings';
import { type FolderState, UserState } from '../../src/core/store/userState';
import { silentLog } from '../../src/core/support/log';
import { ownIdentity, type ProcessIdentity } from '../../src/core/support/processIdentity';
import { FakeClock } from '../support/fakeClock';
import { makeTempDir, type TempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

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
  const claim = (epoch: number, process = own) =>
    createClaim(folder, { epoch, kind: 'cli', program_version: 'test', process }, clock);
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
    assert.deepEqual(await readRunner(folder, clock), { pid: process.pid, kind: 'cli', epoch: 1, host: own.host });
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

  it('sweeps old drafts of processes that ended, and passes over a claim that is no JSON', async () => {
    await claim(1);
    const draft = path.join(folder.claims, '.draft-x');
    await writeJson(draft, {});
    await sweepClaims(folder, 1);
    assert.ok(await fs.stat(draft), 'it may be a claim that is being made');
    await fs.utimes(draft, 1000, 1000);
    await sweepClaims(folder, 1);
    await assert.rejects(fs.stat(draft));
    await fs.writeFile(path.join(folder.claims, claimFile(2)), '{');
    assert.equal(await owner(), undefined);
    assert.equal(await newestEpoch(folder), 2);
  });
});

describe('runnerHost', function () {
  this.timeout(20_000);
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
  const make = (own = clock) => {
    const settings = { ...defaultSettings(), default_agent: 'demo' };
    const programs = { kind: 'cli' as const, programVersion: 'test', distDir: '/nonexistent' };
    const host = new RunnerHost({ layout, user, settings, ...programs, clock: own, log: silentLog });
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

  /** Moves the clock of an owner on, so that its heartbeat is on disk. */
  async function beatOf(host: RunnerHost): Promise<void> {
    await clock.advance(heartbeatEvery);
    assert.equal(host.role, 'owner');
    await waitFor(async () => (await claims()).includes('0000000002.heartbeat'));
  }
});
