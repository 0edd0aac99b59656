import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { adoptFolder } from '../../src/core/store/adopt';
import { createFolder, openFolder } from '../../src/core/store/folder';
import { readHistory } from '../../src/core/store/history';
import { writeJson } from '../../src/core/store/jsonFile';
import { readSnapshot } from '../../src/core/store/snapshot';
import { UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { makeJob, someTime } from '../support/coreFixtures';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

/** A `.courier` that came with a clone, made by somebody who wants something done with it. */
describe('a hostile .courier that came with a clone', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  let outside: string;
  let ran: string;
  beforeEach(async () => {
    courier = await TestCourier.create();
    outside = path.join(courier.root, 'outside');
    ran = path.join(courier.root, 'ran');
    await fs.mkdir(outside);
    await fs.writeFile(path.join(outside, 'canary.md'), 'untouched');
    const theirs = new UserState(path.join(courier.root, 'theirs'), path.join(courier.root, 'run2'));
    await createFolder(courier.layout, theirs, systemClock);
  });
  afterEach(async () => {
    try {
      assert.deepEqual(await fs.readdir(outside), ['canary.md'], 'something was written outside');
      assert.equal(await fs.readFile(path.join(outside, 'canary.md'), 'utf8'), 'untouched');
      await assert.rejects(fs.stat(ran), { code: 'ENOENT' }, 'a command was run');
    } finally {
      await courier.stop();
    }
  });

  const program = () => ({ command: '/bin/sh', args: ['-c', `touch ${ran}`], env: { PATH: outside }, type: 'custom' });

  /** All that a folder can say, planted: programs, agents, ids and paths of elsewhere, processes, requests. */
  async function plant(): Promise<void> {
    const { layout } = courier;
    const up = path.relative(courier.workspace, outside);
    const jobs = [
      makeJob('j-out', { output_path: `${up}/canary.md` }),
      makeJob('j-in', { prompt_path: `${up}/canary.md` }),
      makeJob('j-abs', { prompt_path: path.join(outside, 'canary.md'), output_path: '/etc/passwd' }),
      makeJob('j-run', { status: 'running', phase: 'sending', attempts: 1, launch_id: 'l-1', prompt_id: 'p' }),
      makeJob('j-pend', { ...program(), agent: 'evil', ...{ title: '$(touch x)\u001b]0;x\u0007' } } as object),
      makeJob('j-other', { session_id: 'elsewhere' }),
    ];
    for (const [dir, id] of [
      [layout.session('main').dir, 'main'],
      [layout.deletedSession('old').dir, 'old'],
      [layout.deletedSession('names').dir, '../../../outside'],
    ] as const) {
      const files = id === 'main' ? layout.session('main') : layout.deletedSession(path.basename(dir));
      for (const folder of files.folders) await fs.mkdir(folder, { recursive: true });
      await writeJson(files.metadata, {
        ...{
          version: '1.0',
          session_id: id,
          name: `x\u001b[2J${'\n'}y`,
          created_at: someTime,
          agent: 'evil',
          epoch: 9e15,
        },
        ...{ state: 'ready', tmux_session: 'courier_main', conversation_id: '--dangerously-skip-permissions' },
        ...program(),
        waiting: { dialog_id: 'd1', kind: 'trust', text: 'Trust?', choices: [{ id: 'yes', label: 'Yes' }] },
      });
      await writeJson(files.queue, { version: '1.0', epoch: 9e15, jobs });
      await writeJson(files.health, { version: '1.0', state: 'lost', action: 'restart_claude', ...program() });
      const ended = JSON.stringify(
        makeJob('j-done', { status: 'completed', output_path: `${up}/canary.md`, finished_at: someTime }),
      );
      await fs.writeFile(files.historyFile(someTime), `${ended}\n`);
    }
    await writeJson(layout.monitorPid, { version: '1.0', pid: process.pid, host: 'x', start_time: null });
    await fs.mkdir(path.join(layout.root, 'claims'));
    await writeJson(path.join(layout.root, 'claims/0000000009.json'), {
      kind: 'window',
      process: { pid: process.pid, host: 'x' },
    });
    await writeJson(path.join(layout.root, 'config.json'), {
      version: '1.0',
      default_agent: 'evil',
      agents: { evil: program() },
    });
    await writeJson(path.join(layout.inbox, 'j-req.json'), {
      ...{ version: '1.0', id: 'j-req', action: 'enqueue', session_id: 'main', agent: 'evil', prompt: 'x' },
    });
    await fs.mkdir(path.join(courier.workspace, '.vscode'));
    await writeJson(path.join(courier.workspace, '.vscode/settings.json'), {
      'courier.agents': { evil: program() },
      'courier.tmuxPath': '/bin/sh',
    });
  }

  it('is shown, and refuses to be run, until it is adopted; what was planted then waits, fails, or is stopped', async () => {
    await plant();
    const { layout, user } = courier;
    const before = await readSnapshot(layout, user, systemClock, { historyLimit: 9 });
    assert.equal(before.standing.kind, 'foreign');
    await assert.rejects(courier.runner(), { code: 'not_adopted' });
    await assert.rejects(courier.send('x'), { code: 'not_adopted' });

    await adoptFolder(layout, user, systemClock);
    await courier.runner();
    const good = await courier.ended(await courier.send('hello', { session_id: 'good', agent: 'demo' }));
    assert.equal(good.status, 'completed');
    const main = await courier.session('main');
    assert.deepEqual(
      [main?.state, main?.tmux_session, main?.conversation_id, main?.waiting],
      ['stopped', null, undefined, undefined],
    );
    const status = async (id: string) => {
      const job = await courier.job(id);
      return [job?.status, job?.reason].filter(Boolean).join(' ');
    };
    for (const id of ['j-out', 'j-in', 'j-abs']) assert.equal(await status(id), 'failed refused', id);
    assert.equal(await status('j-run'), 'failed session_lost');
    assert.equal(await status('j-pend'), 'paused');
    assert.match(await courier.tmux('ls', '-F', '#S'), /^courier_good\n$/);

    // Whoever lets it go on gets what the user's own settings say of that agent, which is nothing.
    assert.equal((await courier.client.request({ action: 'resume', job_id: 'j-pend' }))?.ok, true);
    assert.match((await courier.ended('j-pend')).message ?? '', /There is no agent "evil"/);
    const restored = await courier.client.request({ action: 'restore_session', session_id: 'names' });
    assert.match(restored?.error ?? '', /can't be restored/);
    assert.equal((await courier.client.request({ action: 'purge_session', session_id: 'names' }))?.ok, true);
    const done = (await readHistory(layout.session('main'), 99)).find((job) => job.job_id === 'j-done');
    assert.equal(layout.resolve(done!.output_path), undefined, 'what is shown of it is not opened');
  });

  it('is not adopted with a link, a pipe or a socket in any place', async () => {
    await plant();
    const { layout, user } = courier;
    const main = layout.session('main');
    const places = [
      ...[
        layout.folderFile,
        layout.inbox,
        layout.done,
        layout.rejected,
        layout.active,
        layout.deleted,
        layout.monitorLog,
      ],
      ...[main.dir, main.metadata, main.queue, main.health, main.historyDir, main.historyFile(someTime), main.prompts],
      ...[main.output, main.logs, main.log, path.join(main.output, 'x.md'), layout.deletedSession('old').dir],
    ];
    for (const place of places) {
      const aside = `${place}.was`;
      await fs.rename(place, aside).catch(() => undefined);
      const make = [
        () => fs.symlink(outside, place),
        () => fs.symlink(path.join(outside, 'canary.md'), place),
        () => fs.symlink('/nowhere', place),
        async () => execFileSync('mkfifo', [place]),
      ];
      for (const one of make) {
        await one();
        // Readers show what they can, and wait for no pipe.
        await readSnapshot(layout, user, systemClock, { historyLimit: 9 });
        await assert.rejects(
          adoptFolder(layout, user, systemClock),
          (error: Error) => error.message.includes(place),
          place,
        );
        await fs.rm(place);
      }
      await fs.rename(aside, place).catch(() => undefined);
    }
  });

  it('whose identity is that of another folder of this machine runs nothing of that one', async () => {
    const { layout, user } = courier;
    const other = await TestCourier.create();
    try {
      const own = await createFolder(other.layout, user, systemClock);
      await fs.copyFile(other.layout.folderFile, layout.folderFile);
      await assert.rejects(courier.runner(), { code: 'not_adopted' });
      await adoptFolder(layout, user, systemClock);
      const now = await openFolder(layout, user, systemClock);
      assert.notEqual(now.folder_id, own.folder_id);
      assert.deepEqual(await openFolder(other.layout, user, systemClock), own);
      for (const [i, folder_id] of ['..', '../..', 'a/../../x', '/etc', '', 'constructor', '__proto__'].entries()) {
        await writeJson(layout.folderFile, { version: '1.0', folder_id, created_at: someTime });
        await assert.rejects(courier.runner(), { code: 'not_adopted' }, `${i}`);
      }
    } finally {
      await other.stop();
    }
  });

  it('into which an agent puts links and queues of its own while it runs: nothing is taken from there, and all else goes on', async () => {
    await fs.rm(courier.layout.root, { recursive: true });
    const runner = await courier.runner();
    await courier.ended(await courier.send('first'));
    await runner.stop();
    const { layout } = courier;
    const files = layout.session('main');
    const up = path.relative(courier.workspace, outside);
    const jobs = [
      makeJob('j-out', {
        output_path: `${up}/new.md`,
        status: 'running',
        phase: 'working',
        attempts: 1,
        launch_id: 'l-1',
        accepted_at: someTime,
      }),
      makeJob('j-twice'),
      makeJob('j-twice'),
      makeJob('j-gone', { status: 'running', attempts: 1, agent: 'removed', launch_id: 'l-2' }),
    ];
    await writeJson(files.queue, { version: '1.0', epoch: 1, jobs });
    await fs.writeFile(path.join(layout.active, 'file'), '');
    await fs.symlink(outside, path.join(layout.active, 'link'));
    await fs.symlink('/nowhere', path.join(layout.active, 'dangling'));
    await fs.rm(files.historyDir, { recursive: true });
    await fs.symlink(outside, files.historyDir);
    await courier.runner();
    assert.equal((await courier.ended('j-out')).reason, 'refused');
    assert.equal((await courier.ended('j-gone')).status, 'failed');
    assert.equal((await courier.ended('j-twice')).job_id, 'j-twice');
    assert.equal((await courier.ended(await courier.send('then'))).status, 'completed');
    await waitFor(async () => (await readHistory(files, 99)).filter((job) => job.job_id === 'j-twice').length === 1);
    for (const name of ['file', 'link', 'dangling'])
      assert.ok(
        courier.logged.some((line) => line.includes(path.join(layout.active, name))),
        name,
      );
    assert.ok(courier.logged.some((line) => line.includes('j-twice') && line.includes('set aside as')));
  });
});
