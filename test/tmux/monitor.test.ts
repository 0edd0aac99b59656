import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { waitFor } from '../support/waitFor';
import { CliWorkspace, isGone } from './cliWorkspace';
import {
  drop,
  finishedJob,
  folderState,
  jobEnd,
  monitorStatus,
  phase,
  programsOf,
  sayYes,
  startMonitor,
} from './monitorWorkspace';

describe('the background monitor', function () {
  this.timeout(120_000);
  let work: CliWorkspace;
  const others: ChildProcess[] = [];
  beforeEach(async () => {
    work = await CliWorkspace.create();
  });
  afterEach(async () => {
    for (const child of others.splice(0)) child.kill('SIGKILL');
    await work.close();
  });
  const pidFile = () => path.join(work.dir, '.courier', 'monitor.pid');
  const recordFile = async () => path.join(await folderState(work), 'monitor.json');
  const record = async () => JSON.parse(await fs.readFile(await recordFile(), 'utf8'));
  /** A process that has nothing to do with us, and must live. */
  const stranger = () => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    others.push(child);
    return child;
  };

  it('is started once, in a session of its own, and a second start finds the first', async () => {
    const pid = await startMonitor(work);
    assert.deepEqual(work.monitors(), [pid]);
    const sid = spawnSync('ps', ['-o', 'sid=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
    if (process.platform === 'linux') assert.equal(sid, String(pid));
    const { runner } = await work.status();
    assert.deepEqual([runner?.pid, runner?.kind], [pid, 'background']);
    const written = () => fs.readFile(pidFile(), 'utf8').then(JSON.parse, () => undefined);
    const mirror = await waitFor(written, { what: 'monitor.pid', interval: 50 });
    const { version } = JSON.parse(await fs.readFile('package.json', 'utf8'));
    assert.deepEqual([mirror.pid, mirror.program_version], [pid, version]);
    assert.ok(mirror.host && mirror.start_time && mirror.started_at);

    const again = await work.run(['monitor', '--start']);
    assert.equal(again.code, 0);
    assert.match(again.stderr, new RegExp(`runs already: process ${pid} `));
    assert.deepEqual(work.monitors(), [pid]);
  });

  it('has one in the foreground stand by, which takes its place when it was killed, and ends with a stop', async () => {
    const pid = await startMonitor(work);
    const beside = work.start(['monitor']);
    await waitFor(() => /standing by/.test(beside.printed.stderr), { what: 'it stands by' });
    assert.deepEqual([(await monitorStatus(work)).pid, (await work.status()).runner?.pid], [pid, pid]);
    process.kill(pid, 'SIGKILL');
    const taken = async () => (await monitorStatus(work)).pid === beside.child.pid;
    await waitFor(taken, { what: 'the place', interval: 100 });
    const mirrored = async () => JSON.parse(await fs.readFile(pidFile(), 'utf8')).pid === beside.child.pid;
    await waitFor(mirrored, { what: 'its number in monitor.pid', interval: 50 });
    await waitFor(async () => (await work.status()).runner?.pid === beside.child.pid, { interval: 100 });
    assert.equal((await work.run(['monitor', '--stop'])).code, 0);
    assert.equal((await beside.ended).code, 0);
  });

  it('that hangs is replaced by a restart, and does nothing when it goes on', async () => {
    const hung = await startMonitor(work);
    const job = await drop(work, 'demo-mode: slow=3000\n');
    await phase(work, 'working');
    process.kill(hung, 'SIGSTOP');
    const silent = async () => (await monitorStatus(work)).state === 'silent';
    await waitFor(silent, { timeout: 30_000, what: 'its silence', interval: 100 });
    const restarted = await work.run(['monitor', '--restart']);
    assert.equal(restarted.code, 0, restarted.stderr);
    const { pid } = await monitorStatus(work);
    assert.notEqual(pid, hung);
    const { status, attempts } = await jobEnd(work, job);
    assert.deepEqual([status, attempts], ['completed', 1]);
    process.kill(hung, 'SIGCONT');
    await waitFor(() => isGone(hung), { what: 'the end of the one that hung' });
    assert.deepEqual([(await work.status()).runner?.pid, (await monitorStatus(work)).pid], [pid, pid]);
  });

  it('is one after several starts at the same time', async () => {
    assert.equal((await work.run(['send', '--agent', 'demo', '-'], { input: 'x' })).code, 0);
    const ended = await Promise.all([1, 2, 3].map(() => work.run(['monitor', '--start'])));
    for (const { code, stderr } of ended) assert.equal(code, 0, stderr);
    await waitFor(() => work.monitors().length === 1, { what: () => `one of ${work.monitors()}` });
    assert.deepEqual(work.monitors(), [(await monitorStatus(work)).pid]);
    const settled = async () => (await work.status()).runner?.pid === work.monitors()[0];
    await waitFor(settled, { what: 'it runs the jobs', interval: 100 });
  });

  it('stops and leaves the job and the agent as they are, for the one that is started next', async () => {
    const first = await startMonitor(work);
    const job = await drop(work, 'demo-mode: slow=3000\n');
    await phase(work, 'working');
    const stopped = await work.run(['monitor', '--stop']);
    assert.equal(stopped.code, 0, stopped.stderr);
    assert.ok(isGone(first));
    await assert.rejects(fs.stat(pidFile()), { code: 'ENOENT' });
    assert.deepEqual(await work.tmuxSessions(), ['courier_main']);
    assert.equal((await monitorStatus(work)).state, 'stopped');
    assert.equal((await work.run(['monitor', '--status'])).code, 1);
    assert.equal((await work.status()).sessions[0]?.jobs[0]?.status, 'running');

    assert.notEqual(await startMonitor(work), first);
    const { status, attempts } = await jobEnd(work, job);
    assert.deepEqual([status, attempts], ['completed', 1]);
  });

  it('is restarted in the middle of a job, which ends well and was typed once', async () => {
    const first = await startMonitor(work);
    const job = await drop(work, 'demo-mode: slow=2000\n');
    await phase(work, 'working');
    const restarted = await work.run(['monitor', '--restart']);
    assert.equal(restarted.code, 0, restarted.stderr);
    assert.ok(isGone(first));
    const { state, pid } = await monitorStatus(work);
    assert.deepEqual([state, work.monitors()], ['running', [pid]]);
    assert.equal((await jobEnd(work, job)).attempts, 1);
  });

  it('is missed after kill -9, and the next start takes its place and its job', async () => {
    const first = await startMonitor(work);
    const job = await drop(work, 'demo-mode: slow=2000\n');
    await phase(work, 'working');
    process.kill(first, 'SIGKILL');
    await waitFor(() => isGone(first));
    assert.equal((await monitorStatus(work)).state, 'dead');
    assert.notEqual(await startMonitor(work), first);
    const { status, attempts } = await jobEnd(work, job);
    assert.deepEqual([status, attempts], ['completed', 1]);
  });

  it('takes a record whose process number belongs to another process now for stale, and never signals that one', async () => {
    const first = await startMonitor(work);
    process.kill(first, 'SIGKILL');
    await waitFor(() => isGone(first));
    const other = stranger();
    const old = await record();
    await fs.writeFile(await recordFile(), JSON.stringify({ ...old, process: { ...old.process, pid: other.pid } }));
    assert.equal((await monitorStatus(work)).state, 'dead');
    assert.equal((await work.run(['monitor', '--stop'])).code, 0);
    await startMonitor(work);
    assert.equal(other.exitCode ?? other.signalCode, null);
    assert.ok(!isGone(other.pid!));
  });

  it('never signals a process of another host or container, and takes its silence for its end', async () => {
    const first = await startMonitor(work);
    process.kill(first, 'SIGKILL');
    await waitFor(() => isGone(first));
    const other = stranger();
    const elsewhere = { pid: other.pid, host: 'elsewhere', start_time: '1', scope: 'another container' };
    const foreign = JSON.stringify({ ...(await record()), process: elsewhere });
    await fs.writeFile(await recordFile(), foreign);
    const found = await work.run(['monitor', '--start']);
    assert.match(found.stderr, new RegExp(`runs already: process ${other.pid} on elsewhere`));
    assert.equal((await work.run(['monitor', '--stop'])).code, 0);
    assert.ok(!isGone(other.pid!));
    await fs.writeFile(await recordFile(), foreign);
    await fs.utimes(await recordFile(), 1000, 1000);
    assert.equal((await monitorStatus(work)).state, 'silent');
    await startMonitor(work);
    assert.ok(!isGone(other.pid!));
  });

  it('believes nothing that stands in the workspace: neither monitor.pid nor what lies in the place of its log', async () => {
    const pid = await startMonitor(work);
    const other = stranger();
    const log = path.join(work.dir, '.courier', 'monitor.log');
    const precious = await work.file('precious', 'mine\n');
    for (const lie of [{ pid: other.pid }, { version: '1.0', pid: other.pid, host: 'x', state: 'running' }]) {
      await fs.writeFile(pidFile(), JSON.stringify(lie));
      assert.equal((await monitorStatus(work)).pid, pid);
    }
    assert.equal((await work.run(['monitor', '--stop'])).code, 0);
    assert.ok(isGone(pid) && !isGone(other.pid!));

    const plants = [
      () => fs.symlink(precious, log),
      () => fs.link(precious, log),
      () => fs.symlink('/dev/tty', log),
      () => fs.mkdir(log),
      () => void spawnSync('mkfifo', [log]),
    ];
    for (const plant of plants) {
      await fs.rm(log);
      await plant();
      await startMonitor(work);
      assert.equal(await fs.readFile(precious, 'utf8'), 'mine\n');
      const stat = await fs.lstat(log);
      assert.deepEqual([stat.isFile(), stat.mode & 0o777, stat.nlink], [true, 0o600, 1]);
      assert.match(await fs.readFile(log, 'utf8'), /runner: owner/);
      assert.equal((await work.run(['monitor', '--stop'])).code, 0);
    }
  });

  it('says why it could not begin, and keeps the job', async () => {
    await work.settings({ tmux_path: '/no/such/tmux' });
    const job = await drop(work, 'later\n');
    const failed = await work.run(['monitor', '--start']);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /did not begin: [\s\S]*\/no\/such\/tmux[\s\S]*Jobs are kept/);
    assert.deepEqual([(await monitorStatus(work)).state, work.monitors()], ['dead', []]);
    await work.settings({});
    await startMonitor(work);
    assert.equal((await jobEnd(work, job)).status, 'completed');
  });

  it('keeps its log small, and one older part', async () => {
    const pid = await startMonitor(work);
    const log = path.join(work.dir, '.courier', 'monitor.log');
    await fs.appendFile(log, `${'x'.repeat(1_100_000)}\n`);
    await waitFor(async () => (await fs.stat(log)).size < 100_000, { what: 'a log that was begun anew' });
    assert.match(await fs.readFile(`${log}.1`, 'utf8'), /runner: owner[\s\S]*x{1000}/);
    await work.run(['monitor', '--stop']);
    assert.ok(isGone(pid));
    assert.match(await fs.readFile(log, 'utf8'), /stopped/);
  });

  it('ends between jobs when its record is gone', async () => {
    const pid = await startMonitor(work);
    const first = await drop(work, 'demo-mode: permission\n');
    const second = await drop(work, 'the next one\n');
    await phase(work, 'waiting');
    await fs.rm(await recordFile());
    const log = path.join(work.dir, '.courier', 'monitor.log');
    await waitFor(async () => /when no job runs here/.test(await fs.readFile(log, 'utf8')), { what: 'it has noticed' });
    assert.equal((await work.status()).runner?.pid, pid);
    await sayYes(work);
    await waitFor(() => isGone(pid), { timeout: 30_000, what: 'its end' });
    assert.equal((await finishedJob(work, first))?.status, 'completed');
    assert.equal(await finishedJob(work, second), undefined);
    assert.equal((await work.status()).sessions[0]?.jobs[0]?.status, 'pending');
  });

  it('of an older version leaves between jobs, and the newer one goes on at once', async () => {
    const older = await startMonitor(work, await programsOf(work, '0.0.9'));
    assert.equal((await monitorStatus(work)).program_version, '0.0.9');
    const first = await drop(work, 'demo-mode: permission\n');
    const rest = [await drop(work, 'two\n'), await drop(work, 'three\n')];
    await phase(work, 'waiting');
    const newer = await startMonitor(work);
    assert.notEqual(newer, older);
    assert.equal((await work.status()).runner?.pid, older, 'it ends its job first');
    await sayYes(work);
    for (const id of [first, ...rest]) {
      const { status, attempts } = await jobEnd(work, id);
      assert.deepEqual([status, attempts], ['completed', 1]);
    }
    await waitFor(() => isGone(older), { what: 'the end of the older one' });
    assert.deepEqual([work.monitors(), (await work.status()).runner?.pid], [[newer], newer]);
    // It lives on beside the newer one: the older version never takes a newer one's place.
    const back = await work.run(['monitor', '--start'], { dist: path.join(work.root, 'dist-0.0.9') });
    assert.match(back.stderr, new RegExp(`runs already: process ${newer} `));
  });

  it('uses settings that have changed, without losing the job that runs', async () => {
    await work.settings({ job_timeout_s: 300 });
    const pid = await startMonitor(work);
    const slow = await drop(work, 'demo-mode: slow=1500\n');
    await phase(work, 'working');
    await work.settings({ job_timeout_s: 3 });
    const log = path.join(work.dir, '.courier', 'monitor.log');
    await waitFor(async () => /settings have changed[\s\S]*runner: owner/.test(await fs.readFile(log, 'utf8')));
    assert.equal((await jobEnd(work, slow)).attempts, 1);
    const stuck = await drop(work, 'demo-mode: freeze\n');
    assert.equal((await jobEnd(work, stuck)).status, 'timeout');
    assert.deepEqual(work.monitors(), [pid]);
  });
});

describe('with the setting monitor: background', function () {
  this.timeout(120_000);
  let work: CliWorkspace;
  beforeEach(async () => {
    work = await CliWorkspace.create();
    await work.settings({ monitor: 'background', default_agent: 'demo' });
  });
  afterEach(() => work.close());

  it('courier send has the monitor run, and five jobs are done when nobody is left who sent them', async () => {
    const jobs = [];
    for (let i = 1; i <= 5; i++) jobs.push(await drop(work, 'demo-mode: slow=1500\n'));
    const { runner, sessions } = await work.status();
    assert.deepEqual([runner?.kind, runner?.pid], ['background', work.monitors()[0]]);
    assert.notEqual(sessions[0]?.jobs.length, 0, 'most of them still wait');
    for (const id of jobs) {
      const { status, attempts } = await jobEnd(work, id);
      assert.deepEqual([status, attempts], ['completed', 1]);
    }
    assert.equal((await work.status()).sessions[0]?.jobs.length, 0);
  });

  it('what a person stopped is not started again by a send', async () => {
    await drop(work, 'x');
    assert.equal((await work.run(['monitor', '--stop'])).code, 0);
    const sent = await work.run(['send', '-'], { input: 'y' });
    assert.equal(sent.code, 0);
    assert.match(sent.stderr, /stays in the inbox[\s\S]*monitor --start/);
    assert.deepEqual([work.monitors(), (await work.status()).runner], [[], null]);
    await startMonitor(work);
    assert.equal((await jobEnd(work, sent.stdout.trim())).status, 'completed');
  });
});
