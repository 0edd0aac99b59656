import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { CleanItem } from '../../src/core/clean/item';
import { planCleanUp } from '../../src/core/clean/plan';
import type { Job } from '../../src/core/model/job';
import { createFolder, openFolder } from '../../src/core/store/folder';
import { readHistory } from '../../src/core/store/history';
import { readTmuxSessions } from '../../src/core/store/tmuxSessions';
import type { FolderState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

const day = 24 * 3600 * 1000;

describe('clean up', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  let folder: FolderState;
  const create = async (keep_days = 30) => {
    courier = await TestCourier.create({ settings: { version: '1.0', scan_interval_s: 0.3, keep_days } });
    await courier.runner();
    const { folder_id } = await openFolder(courier.layout, courier.user, systemClock);
    folder = courier.user.folder(folder_id);
  };
  afterEach(() => courier.stop());

  const plan = async (): Promise<CleanItem[]> => {
    const { layout, settings } = courier;
    return planCleanUp({ layout, folder, settings, clock: systemClock, tmux: await readTmuxSessions(folder) });
  };
  const ids = async () => (await plan()).map(({ id }) => id);
  const lists = (...wanted: string[]) =>
    waitFor(async () => JSON.stringify(await ids()) === JSON.stringify(wanted), {
      what: async () => `${wanted.join(' ')}; there is ${(await ids()).join(' ')}`,
    });
  const clean = async (items: string[]) => (await courier.client.request({ action: 'clean_up', items }))!;
  const isThere = (file: string) =>
    fs.lstat(file).then(
      () => true,
      () => false,
    );
  const full = (relative: string) => path.join(courier.workspace, relative);
  const completed = async (text: string): Promise<Job> => {
    const job = await courier.ended(await courier.send(text));
    assert.deepEqual([job.status, job.message], ['completed', undefined]);
    return job;
  };
  /** Makes a finished job look as if it had ended so many days ago. */
  const age = async (jobs: Job[], days: number, more: Partial<Job> = {}) => {
    const files = courier.layout.session('main');
    const ended = new Date(Date.now() - days * day).toISOString();
    const old = new Set(jobs.map((job) => job.job_id));
    const all = (await readHistory(files, 1000)).reverse();
    for (const name of await fs.readdir(files.historyDir)) await fs.rm(path.join(files.historyDir, name));
    for (const job of all) {
      const line = old.has(job.job_id) ? { ...job, finished_at: ended, ...more } : job;
      await fs.appendFile(files.historyFile(line.finished_at!), `${JSON.stringify(line)}\n`);
    }
  };
  const touch = async (file: string, days: number, text = 'x') => {
    await fs.writeFile(file, text);
    const at = new Date(Date.now() - days * day);
    await fs.utimes(file, at, at);
    return file;
  };

  it('lists prompts and answers of old jobs, and removes what was listed and no more', async () => {
    await create();
    const [old, older, young] = [await completed('old'), await completed('older'), await completed('young')];
    const live = await courier.send('demo-mode: slow=30000\n');
    await courier.jobWhere(live, 'works', (job) => job.phase === 'working');
    await age([old], 31);
    await age([older], 40);
    const [first, second, ...rest] = await plan();
    assert.deepEqual(rest, []);
    assert.deepEqual([first?.id, second?.id], [`job:main:${older.job_id}`, `job:main:${old.job_id}`], 'oldest first');
    assert.deepEqual(second?.files, [full(old.prompt_path), full(old.output_path)]);
    const sizes = await Promise.all(second.files.map(async (file) => (await fs.stat(file)).size));
    assert.equal(second.bytes, sizes[0]! + sizes[1]!);

    // What the person did not see in a list stays, and what is not in the runner's own list, too.
    const others = [`job:main:${young.job_id}`, `job:main:${live}`, 'file:README.md', 'tmux:courier_main', '../x'];
    assert.equal((await clean([second.id, ...others])).ok, true);
    for (const file of second.files) assert.equal(await isThere(file), false, file);
    for (const job of [older, young])
      for (const file of [job.prompt_path, job.output_path]) assert.ok(await isThere(full(file)), file);
    assert.equal((await courier.job(old.job_id))?.status, 'completed', 'the history stays');
    const metadata = (await courier.session())!;
    assert.equal(metadata.cleaned_until, (await courier.job(old.job_id))!.finished_at);
    assert.equal((await courier.job(live))?.phase, 'working');
    await lists(`job:main:${older.job_id}`);
    const retried = (await courier.client.request({ action: 'retry', job_id: old.job_id }))!;
    assert.match(JSON.stringify(retried), /prompt.*is not there any more/);
  });

  it('keeps all when nothing is said', async () => {
    await create(0);
    const job = await completed('old');
    await age([job], 1000);
    await touch(path.join(courier.layout.session('main').logs, 'evidence.txt'), 1000);
    assert.deepEqual(await ids(), []);
  });

  it('lists old evidence, and neither the log nor what is young', async () => {
    await create();
    await completed('one');
    const { logs, log } = courier.layout.session('main');
    await touch(path.join(logs, 'pane_old.log'), 31);
    await touch(path.join(logs, 'pane_young.log'), 29);
    await touch(`${log}.1`, 50);
    const id = 'file:.courier/sessions/active/main/logs/pane_old.log';
    assert.deepEqual(await ids(), [id]);
    assert.equal((await clean([id])).ok, true);
    assert.deepEqual((await fs.readdir(logs)).sort(), ['pane_young.log', 'session.log', 'session.log.1']);
  });

  it('believes no history that names files of others, and follows no link', async () => {
    await create();
    const job = await completed('one');
    const other = await completed('two');
    const secret = path.join(courier.root, 'secret');
    await touch(secret, 50);
    const { layout } = courier;
    for (const file of [
      '.courier/sessions/active/main/metadata.json',
      '../secret',
      '../../etc/passwd',
      '.courier/folder.json',
      secret,
    ]) {
      await age([job, other], 50, { prompt_path: file, output_path: file });
      assert.deepEqual(await ids(), [], file);
    }
    const planted = path.join(layout.session('main').output, 'planted.md');
    await fs.symlink(secret, planted);
    await age([job], 50, { prompt_path: layout.relative(planted), output_path: layout.relative(planted) });
    assert.deepEqual(await ids(), []);
    const outside = path.join(courier.root, 'outside');
    await fs.mkdir(outside);
    await touch(path.join(outside, 'mine.log'), 50);
    await fs.rename(layout.session('main').logs, `${layout.session('main').logs}.aside`);
    await fs.symlink(outside, layout.session('main').logs);
    assert.deepEqual(await ids(), []);
  });

  it('ends tmux sessions that are left of ours, and leaves those of a person', async () => {
    await create();
    await completed('one');
    for (const name of ['courier_gone', 'courier_job_j-1', 'mine', 'courier'])
      await courier.tmux('new-session', '-d', '-s', name, '--', 'sleep', '600');
    await lists('tmux:courier_job_j-1', 'tmux:courier_gone');
    assert.deepEqual(
      (await plan()).map(({ kind }) => kind),
      ['fresh', 'orphan'],
    );
    assert.equal(
      (await clean(['tmux:courier_job_j-1', 'tmux:courier_gone', 'tmux:mine', 'tmux:courier_main'])).ok,
      true,
    );
    const left = await courier.tmux('list-sessions', '-F', '#{session_name}');
    assert.deepEqual(left.trim().split('\n').sort(), ['courier', 'courier_main', 'mine']);
    assert.deepEqual(await ids(), []);
  });

  it("removes drafts of .courier that a crash left, and no folder that may be a person's or in use", async () => {
    await create();
    const { layout, user } = courier;
    const made = async (suffix: string, hours = 2) => {
      const draft = layout.draft(suffix);
      const { folder_id } = await createFolder(draft, user, systemClock);
      const at = new Date(Date.now() - hours * 3_600_000);
      const all = await fs.readdir(draft.root, { recursive: true });
      for (const name of [...all, '.']) await fs.utimes(path.join(draft.root, name), at, at);
      return { ...draft, id: folder_id, state: user.folder(folder_id).dir, at };
    };
    const old = await made('0123456789ab');
    // One that was cut off before its folder.json.
    const bare = await made('0123456789ac');
    await fs.rm(bare.folderFile);
    await fs.utimes(bare.root, bare.at, bare.at);
    await made('0123456789ad', 0);
    await made('backup');
    const filled = await made('0123456789ae');
    await touch(path.join(filled.inbox, 'note.txt'), 1);
    await fs.utimes(filled.inbox, filled.at, filled.at);
    const others = await made('0123456789af');
    await fs.rm(others.state, { recursive: true });
    const used = await made('0123456789b0');
    await touch(path.join(user.folder(used.id).claims, '1.json'), 1);
    const copy = await made('0123456789b1');
    await touch(copy.folderFile, 1, await fs.readFile(layout.folderFile, 'utf8'));
    await fs.utimes(copy.root, copy.at, copy.at);
    await fs.symlink(layout.root, layout.draft('0123456789b2').root);

    await lists('draft:.courier.0123456789ab', 'draft:.courier.0123456789ac');
    const before = await fs.readdir(courier.workspace);
    assert.equal((await clean([...(await ids()), 'draft:.courier.0123456789ad', 'draft:.courier.backup'])).ok, true);
    const gone = [old, bare].map(({ root }) => path.basename(root));
    assert.deepEqual(
      await fs.readdir(courier.workspace),
      before.filter((name) => !gone.includes(name)),
    );
    assert.equal(await isThere(old.state), false, 'nor what was registered of it');
    await completed('one');
  });

  it("lists earlier parts of the monitor's log when they are old, and not the log", async () => {
    await create();
    const { monitorLog } = courier.layout;
    for (const name of ['', '.1', '.aside-1700000000000', '.mine']) await touch(`${monitorLog}${name}`, 31);
    await touch(`${monitorLog}.aside-1800000000000`, 29);
    await fs.symlink(monitorLog, `${monitorLog}.aside-1600000000000`);
    await touch(`${monitorLog}.1.1234567890`, 1);
    const half = 'file:.courier/monitor.log.1.1234567890';
    assert.deepEqual((await ids()).sort(), [
      'file:.courier/monitor.log.1',
      half,
      'file:.courier/monitor.log.aside-1700000000000',
    ]);
    assert.equal((await clean(await ids())).ok, true);
    assert.deepEqual(
      (await fs.readdir(courier.layout.root)).filter((name) => name.startsWith('monitor.log')).sort(),
      ['', '.aside-1600000000000', '.aside-1800000000000', '.mine'].map((name) => `monitor.log${name}`),
    );
  });

  it('removes what ended starts and cut-off writes left, and no start that lives', async () => {
    await create();
    await completed('one');
    const [own] = await fs.readdir(folder.launches);
    const hours = async (file: string, count: number) => {
      const at = new Date(Date.now() - count * 3_600_000);
      await fs.utimes(file, at, at);
    };
    for (const name of ['l-old', 'l-old2.gone', 'l-young']) {
      await fs.mkdir(folder.launch(name).dir);
      // What a link leads to is the user's: it makes no start younger or larger.
      const link = path.join(folder.launch(name).dir, 'home');
      await fs.symlink(courier.workspace, link);
      const old = new Date(Date.now() - 2 * 3_600_000);
      await fs.lutimes(link, old, old);
      if (name !== 'l-young') await hours(folder.launch(name).dir, 2);
    }
    for (const file of [folder.launch(own!).receipts, folder.launch(own!).dir]) await hours(file, 2);
    const half = `${courier.layout.session('main').metadata}.123456`;
    await touch(half, 1);
    await lists('launch:l-old', 'launch:l-old2.gone', `file:${courier.layout.relative(half)}`);
    assert.equal((await clean([...(await ids()), `launch:${own}`])).ok, true);
    assert.deepEqual((await fs.readdir(folder.launches)).sort(), ['l-young', own].sort());
    assert.equal(await isThere(half), false);
    assert.equal(await isThere(courier.layout.session('main').metadata), true);
    await completed('two');
  });
});
