import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { adoptFolder } from '../../src/core/store/adopt';
import { createFolder, folderStanding, openFolder } from '../../src/core/store/folder';
import { readHistory } from '../../src/core/store/history';
import { writeJson } from '../../src/core/store/jsonFile';
import { Layout } from '../../src/core/store/layout';
import { readSnapshot } from '../../src/core/store/snapshot';
import { UserState } from '../../src/core/store/userState';
import { systemClock as clock } from '../../src/core/support/clock';
import { makeTempDir, type TempDir } from '../support/tempDir';

const time = '2026-11-22T10:00:00.000Z';

describe('adoptFolder', () => {
  let temp: TempDir;
  let layout: Layout;
  let user: UserState;

  beforeEach(async () => {
    temp = await makeTempDir();
    await fs.mkdir(path.join(temp.path, 'ws'));
    layout = new Layout(path.join(temp.path, 'ws'));
    user = new UserState(path.join(temp.path, 'user'), path.join(temp.path, 'sockets'));
    const other = new UserState(path.join(temp.path, 'other'), path.join(temp.path, 'sockets'));
    await createFolder(layout, other, clock);
  });
  afterEach(() => temp.remove());

  const job = (job_id: string, more: object) => ({
    ...{ job_id, session_id: 'main', agent: 'demo', type: 'task', mode: 'session', status: 'pending', attempts: 0 },
    ...{ prompt_path: '.courier/sessions/active/main/prompts/p.md', created_at: time },
    ...{ output_path: '.courier/sessions/active/main/output/o.md' },
    ...more,
  });

  async function makeSession(jobs: object[]): Promise<void> {
    const files = layout.session('main');
    for (const dir of files.folders) await fs.mkdir(dir, { recursive: true });
    await writeJson(files.metadata, {
      ...{ version: '1.0', session_id: 'main', name: 'main', created_at: time, state: 'waiting', agent: 'demo' },
      ...{ tmux_session: 'courier_main', conversation_id: 'c-1', epoch: 7 },
      waiting: { dialog_id: 'd1', kind: 'trust', text: 'Trust?', choices: [{ id: 'yes', label: 'Yes' }] },
    });
    await writeJson(files.queue, { version: '1.0', epoch: 7, jobs });
  }

  async function error(): Promise<{ code: string; message: string }> {
    const thrown: unknown = await adoptFolder(layout, user, clock).then(
      () => assert.fail('it was adopted'),
      (e) => e,
    );
    return thrown as { code: string; message: string };
  }

  it('gives the folder a new identity that is registered here', async () => {
    const before = JSON.parse(await fs.readFile(layout.folderFile, 'utf8')).folder_id;
    assert.equal((await folderStanding(layout, user)).kind, 'foreign');
    const { adopted, registration } = await adoptFolder(layout, user, clock);
    assert.equal(adopted, true);
    assert.notEqual(registration.folder_id, before);
    assert.deepEqual(await openFolder(layout, user, clock), registration);
  });

  it('does nothing to a folder of our own', async () => {
    await adoptFolder(layout, user, clock);
    const before = await fs.readFile(layout.folderFile, 'utf8');
    assert.equal((await adoptFolder(layout, user, clock)).adopted, false);
    assert.equal(await fs.readFile(layout.folderFile, 'utf8'), before);
  });

  it('refuses when there is no folder', async () => {
    await fs.rm(layout.root, { recursive: true });
    assert.equal((await error()).code, 'no_folder');
  });

  it('rejects the requests that came along, with their prompts', async () => {
    await writeJson(path.join(layout.inbox, 'j-1.json'), { version: '1.0', id: 'j-1', action: 'enqueue' });
    await fs.writeFile(path.join(layout.inbox, 'j-1.prompt.md'), 'do it');
    assert.equal((await adoptFolder(layout, user, clock)).rejectedRequests, 1);
    assert.deepEqual((await fs.readdir(layout.inbox)).sort(), ['done', 'rejected']);
    assert.deepEqual((await fs.readdir(layout.rejected)).sort(), ['j-1.error.json', 'j-1.json', 'j-1.prompt.md']);
    assert.deepEqual(JSON.parse(await fs.readFile(path.join(layout.rejected, 'j-1.error.json'), 'utf8')), {
      version: '1.0',
      id: 'j-1',
      ok: false,
      error: 'came with the folder before it was adopted',
    });
  });

  it('pauses pending jobs, fails running ones and stops the session', async () => {
    await makeSession([job('j-run', { status: 'running', phase: 'working' }), job('j-wait', {})]);
    const { pausedJobs, failedJobs } = await adoptFolder(layout, user, clock);
    assert.deepEqual({ pausedJobs, failedJobs }, { pausedJobs: 1, failedJobs: 1 });
    const [session] = (await readSnapshot(layout, user, clock, { historyLimit: 9 })).sessions;
    assert.deepEqual(
      session?.jobs.map((j) => [j.job_id, j.status]),
      [['j-wait', 'paused']],
    );
    assert.deepEqual(
      session?.finished.map((j) => [j.job_id, j.status, j.reason, j.phase]),
      [['j-run', 'failed', 'session_lost', undefined]],
    );
    const { state, tmux_session, conversation_id, waiting, epoch } = session!.metadata;
    assert.deepEqual(
      { state, tmux_session, conversation_id, waiting, epoch },
      { state: 'stopped', tmux_session: null, conversation_id: undefined, waiting: undefined, epoch: 0 },
    );
    assert.equal(JSON.parse(await fs.readFile(layout.session('main').queue, 'utf8')).epoch, 0);
  });

  it('fails a pending job that names files outside of its session', async () => {
    const outside = ['../out.md', '/etc/passwd', '.courier/sessions/active/main/output/../../other/output/o.md'];
    await makeSession(outside.map((output_path, i) => job(`j-${i}`, { output_path })));
    assert.deepEqual((await adoptFolder(layout, user, clock)).failedJobs, 3);
    const reasons = (await readHistory(layout.session('main'), 9)).map((j) => j.reason);
    assert.deepEqual(reasons, ['refused', 'refused', 'refused']);
  });

  it('sets aside a state file that it cannot read, and keeps the rest', async () => {
    await makeSession([]);
    await fs.writeFile(layout.session('main').queue, '{ not json');
    const { asideFiles } = await adoptFolder(layout, user, clock);
    assert.equal(asideFiles.length, 1);
    assert.equal(await fs.readFile(asideFiles[0]!, 'utf8'), '{ not json');
    assert.equal((await readSnapshot(layout, user, clock, { historyLimit: 1 })).sessions.length, 1);
  });

  it('refuses symbolic links anywhere in it, names them, and changes nothing', async () => {
    await makeSession([job('j-1', {})]);
    const elsewhere = path.join(temp.path, 'elsewhere');
    await fs.mkdir(elsewhere);
    const queue = await fs.readFile(layout.session('main').queue, 'utf8');
    const { rejected, active, inbox, deleted } = layout;
    for (const link of [rejected, inbox, path.join(active, 'x'), deleted, layout.session('main').output]) {
      await fs.rm(link, { recursive: true, force: true });
      await fs.symlink(elsewhere, link);
      const { code, message } = await error();
      assert.equal(code, 'adopt_refused');
      assert.ok(message.includes(link), message);
      await fs.rm(link);
      await fs.mkdir(link);
    }
    assert.deepEqual(await fs.readdir(elsewhere), []);
    assert.equal(await fs.readFile(layout.session('main').queue, 'utf8'), queue);
  });

  it('refuses a folder that is itself a symbolic link', async () => {
    await fs.rename(layout.root, path.join(temp.path, 'real'));
    await fs.symlink(path.join(temp.path, 'real'), layout.root);
    assert.match((await error()).message, /symbolic link/);
  });

  it('leaves a folder of a newer version as it is', async () => {
    await writeJson(layout.folderFile, { version: '2.0', id: 'x' });
    assert.match((await error()).message, /newer/);
  });
});
