import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type * as v from 'valibot';
import { isFinal, type Job } from '../../src/core/model/job';
import { newestEpoch, readRunner } from '../../src/core/runner/claims';
import { openFolder } from '../../src/core/store/folder';
import { FolderView } from '../../src/core/store/folderView';
import { type Settings, writeSettings } from '../../src/core/store/settings';
import type { FolderSnapshot } from '../../src/core/store/snapshot';
import type { FolderState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { type Monitor, Monitors } from '../support/monitors';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

const mode = (list: string) => `A prompt.\n\ndemo-mode: ${list}\n`;
/** Short, and long enough for a machine that is busy. */
const quick = { version: '1.0' as const, heartbeat_s: 0.2, takeover_after_s: 2, scan_interval_s: 0.5 };

describe('one runner of many processes', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  let monitors: Monitors;
  let folder: FolderState;
  const create = async (settings?: v.InferInput<typeof Settings>) => {
    courier = await TestCourier.create({ settings });
    await writeSettings(courier.user, courier.settings);
    const { folder_id } = await openFolder(courier.layout, courier.user, systemClock);
    folder = courier.user.folder(folder_id);
    monitors = new Monitors(courier);
  };
  afterEach(async () => {
    await monitors.stop();
    await courier.stop();
  });

  const alive = async () => (await fs.stat(folder.alive)).mtimeMs;
  const pair = async () => {
    const first = monitors.start();
    await monitors.become(first, 'owner');
    const second = monitors.start();
    await monitors.become(second, 'standby');
    return [first, second] as const;
  };
  const panes = () => courier.tmux('list-panes', '-a', '-F', '#{session_name} #{pane_pid}');
  const timesTyped = async (id: string) => {
    const text = await courier.tmux('capture-pane', '-p', '-J', '-S', '-', '-t', '=courier_main:');
    return text.replaceAll('\n', '').split(`Job ${id}:`).length - 1;
  };
  /** The lines of the history that speak of a job. */
  const ends = async (id: string): Promise<Job[]> => {
    const { historyDir } = courier.layout.session('main');
    const texts = (await fs.readdir(historyDir)).map((name) => fs.readFile(path.join(historyDir, name), 'utf8'));
    const lines = (await Promise.all(texts)).flatMap((text) => text.trim().split('\n'));
    return lines.map((line) => JSON.parse(line)).filter((job) => job.job_id === id);
  };
  const epochs = async () => {
    const { metadata, queue, health } = courier.layout.session('main');
    return Promise.all([metadata, queue, health].map(async (f) => JSON.parse(await fs.readFile(f, 'utf8')).epoch));
  };
  const stateIsOf = (epoch: number) =>
    waitFor(async () => (await epochs()).every((one) => one === epoch), {
      what: async () => `state of epoch ${epoch}: ${await epochs()}`,
    });

  it('six at once: one owner; killed, another owns within 10 s; at once when it leaves; within 10 s when it stands still', async () => {
    await create();
    const all = Array.from({ length: 6 }, () => monitors.start());
    const owner = await monitors.owner(all);
    for (const one of all) if (one !== owner) await monitors.become(one, 'standby');
    assert.equal((await readRunner(folder, systemClock))?.pid, owner.pid);
    assert.deepEqual(
      (await fs.readdir(folder.claims)).filter((name) => name.endsWith('.json')),
      ['0000000001.json'],
    );
    const since = await alive();
    await waitFor(async () => (await alive()) >= since + 3000, { what: 'two more heartbeats', timeout: 30_000 });
    assert.deepEqual(
      all.filter((one) => one.role() === 'owner').map((one) => one.pid),
      [owner.pid],
    );

    let last = owner;
    let others = all;
    /** Ends an owner in one way, and returns the milliseconds until another owns the folder. */
    const takeover = async (signal: NodeJS.Signals) => {
      others = others.filter((one) => one !== last);
      const begin = performance.now();
      last.child.kill(signal);
      const next = await monitors.owner(others);
      const took = performance.now() - begin;
      assert.equal(others.filter((one) => one.role() === 'owner').length, 1);
      last = next;
      return took;
    };
    const killed = await takeover('SIGKILL');
    const left = await takeover('SIGTERM');
    const stopped = last;
    const stood = await takeover('SIGSTOP');
    stopped.child.kill('SIGCONT');
    await monitors.become(stopped, 'standby');
    const figures = `killed ${killed} ms, left ${left} ms, stood still ${stood} ms`;
    assert.ok(killed < 10_000 && left < 2000 && stood < 10_000, figures);
    if (process.env.COURIER_FIGURES) console.log(figures);
    assert.equal(await newestEpoch(folder), 4);
  });

  for (const woken of ['while the job goes on', 'when the job has ended'] as const)
    it(`stopped while a job works, and woken ${woken}: it does nothing any more, and the job ends once`, async () => {
      await create(quick);
      const [first, second] = await pair();
      const id = await courier.send(mode('slow=6000'));
      await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
      const before = await panes();
      first.child.kill('SIGSTOP');
      await monitors.become(second, 'owner');
      if (woken === 'when the job has ended') await courier.ended(id);
      first.child.kill('SIGCONT');
      await monitors.become(first, 'standby');
      const job = await courier.ended(id);
      assert.deepEqual([job.status, job.attempts, job.epoch], ['completed', 1, second.epoch()]);
      await stateIsOf(second.epoch()!);
      const next = await courier.send(mode('slow=100'));
      assert.deepEqual([(await courier.ended(next)).status, (await ends(next)).length], ['completed', 1]);
      assert.equal((await ends(id)).length, 1);
      assert.deepEqual([await timesTyped(id), await timesTyped(next)], [1, 1]);
      assert.equal(await panes(), before, 'nothing was started or killed');
      assert.deepEqual([first.role(), second.role()], ['standby', 'owner']);
    });

  it('stopped while it sends a line: the line is not typed again, by either', async () => {
    await create({ ...quick, accept_timeout_s: 1, agents: { demo: { args: ['--mode', 'ignore-enter'] } } });
    const [first, second] = await pair();
    const id = await courier.send('x');
    await courier.jobWhere(id, 'waits', (job) => job.waiting?.kind === 'not_accepted');
    const before = await panes();
    first.child.kill('SIGSTOP');
    await monitors.become(second, 'owner');
    first.child.kill('SIGCONT');
    await monitors.become(first, 'standby');
    await stateIsOf(second.epoch()!);
    assert.deepEqual([await timesTyped(id), (await courier.job(id))?.attempts], [1, 1]);
    assert.equal(await panes(), before);
    await waitFor(
      async () =>
        isFinal((await courier.job(id))!.status) ||
        (await courier.client.request({ action: 'cancel', job_id: id, requested_by: 'test' }))?.ok,
      { what: 'it is cancelled' },
    );
    await courier.ended(id);
    assert.equal((await ends(id)).length, 1);
  });

  it('stopped and woken at any moment, over and over: each job is typed at most once and ends once', async () => {
    await create(quick);
    const all = [monitors.start(), monitors.start(), monitors.start()];
    let owner = await monitors.owner(all);
    const ids: string[] = [];
    for (let n = 0; n < 16; n++) ids.push(await courier.send(mode('slow=200')));
    for (let round = 0; round < 4; round++) {
      const sleeper: Monitor = owner;
      sleeper.child.kill('SIGSTOP');
      owner = await monitors.owner(all.filter((one) => one !== sleeper));
      sleeper.child.kill('SIGCONT');
      await monitors.become(sleeper, 'standby');
    }
    for (const id of ids) {
      const job = await courier.ended(id, 60_000);
      const right = job.status === 'completed' || job.reason === 'runner_interrupted';
      assert.ok(right && job.attempts === 1, JSON.stringify(job));
      const typed = await timesTyped(id);
      assert.ok(typed === 1 || (typed === 0 && job.status === 'failed'), `${id} was typed ${typed} times`);
      const lines = await ends(id);
      assert.equal(Math.max(...lines.map((line) => line.epoch!)), job.epoch);
    }
    assert.deepEqual(await fs.readdir(courier.layout.inbox).then((names) => names.sort()), ['done', 'rejected']);
    assert.deepEqual(await fs.readdir(courier.layout.rejected), []);
  });

  it('another program writes over the state files, or removes them: they are written again', async () => {
    await create(quick);
    await monitors.become(monitors.start(), 'owner');
    const id = await courier.send(mode('slow=60000'));
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    const { metadata, queue, health } = courier.layout.session('main');
    const read = (file: string) => fs.readFile(file, 'utf8');
    const right = await waitFor(async () => {
      const texts = await Promise.all([metadata, queue, health].map(read));
      return JSON.parse(texts[0]!).state === 'busy' && texts;
    });
    const mended = () =>
      waitFor(async () => assert.deepEqual(await Promise.all([metadata, queue, health].map(read)), right) ?? true, {
        what: 'the files as they were',
      });
    await fs.writeFile(queue, JSON.stringify({ version: '1.0', epoch: 0, jobs: [] }));
    await mended();
    await fs.writeFile(metadata, right[0]!.replace('"busy"', '"ready"'));
    await fs.rm(health);
    await mended();
    await fs.writeFile(queue, '{');
    await mended();
  });
});

describe('several windows on one folder', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  const views: FolderView[] = [];
  afterEach(async () => {
    for (const view of views.splice(0)) view.dispose();
    await courier.stop();
  });

  it('show the same, live, whichever of them is the runner, and send through the inbox', async () => {
    courier = await TestCourier.create({ settings: quick });
    const seen: FolderSnapshot[][] = [[], []];
    const hosts = [await courier.runner(), await courier.runner()];
    for (const n of [0, 1]) {
      const view = new FolderView(courier.layout, courier.user, systemClock, { historyLimit: 20, scanEvery: 2000 });
      views.push(view);
      view.onDidChange((snapshot) => seen[n]!.push(snapshot));
      await view.start();
    }
    assert.deepEqual(
      hosts.map((host) => host.role),
      ['owner', 'standby'],
    );
    const shown = (n: number, id: string) =>
      views[n]!.snapshot!.sessions.flatMap((s) => [...s.jobs, ...s.finished]).find((job) => job.job_id === id);
    const both = (id: string, what: string, condition: (job: Job | undefined) => boolean) =>
      waitFor(() => [0, 1].every((n) => condition(shown(n, id))), { what: `both show it ${what}` });
    const first = await courier.send(mode('slow=800'));
    await both(first, 'at work', (job) => job?.phase === 'working');
    await both(first, 'completed', (job) => job?.status === 'completed');
    const second = await courier.send(mode('slow=800'));
    await both(second, 'at work', (job) => job?.phase === 'working');
    await hosts[0]!.stop();
    await both(second, 'completed', (job) => job?.status === 'completed');
    assert.equal(hosts[1]!.role, 'owner');
    await waitFor(() => views.every((view) => view.snapshot?.runner?.epoch === 2), {
      what: 'both name the new runner',
    });
    const third = await courier.send('x');
    await both(third, 'completed', (job) => job?.status === 'completed');
    // What was once shown as ended was never shown as live again.
    for (const snapshots of seen)
      for (const id of [first, second, third]) {
        const ended = snapshots.map((one) =>
          one.sessions.some((session) => session.finished.some((job) => job.job_id === id)),
        );
        assert.deepEqual(ended, [...ended].sort(), id);
      }
  });
});
