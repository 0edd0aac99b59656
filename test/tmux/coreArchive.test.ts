import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { PlainRequest } from '../../src/core/client';
import { readDeletedSessions } from '../../src/core/store/deletedSessions';
import { writeJson } from '../../src/core/store/jsonFile';
import { TestCourier } from '../support/testCourier';

const mode = (list: string) => `A prompt.\n\ndemo-mode: ${list}\n`;

describe('archive', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  beforeEach(async () => {
    courier = await TestCourier.create();
  });
  afterEach(() => courier.stop());

  const request = async (input: PlainRequest) => (await courier.client.request(input))!;
  const onMain = (action: 'delete_session' | 'restore_session' | 'purge_session', session_id = 'main') =>
    request({ action, session_id });
  const onJob = (action: 'retry', job_id: string) => request({ action, job_id });
  const folders = async (dir: string) => (await fs.readdir(dir)).sort();
  const completes = async (id: string) => {
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.message], ['completed', undefined]);
    return job;
  };
  const argv = async () => {
    const pid = (await courier.tmux('list-panes', '-t', '=courier_main:', '-F', '#{pane_pid}')).trim();
    return (await fs.readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  };

  it('restores a deleted session: its files, its history, and its conversation in the next job', async () => {
    await courier.runner();
    const first = await completes(await courier.send('one'));
    const { conversation_id } = (await courier.session())!;
    assert.ok(conversation_id);
    assert.equal((await onMain('delete_session')).ok, true);
    assert.equal(await courier.tmux('list-sessions').catch(() => ''), '', 'its tmux session is gone');
    assert.deepEqual(await folders(courier.layout.active), []);
    assert.equal((await courier.job(first.job_id))?.status, 'completed', 'its jobs are still found');
    const { deleted } = await readDeletedSessions(courier.layout);
    assert.deepEqual(
      deleted.map(({ folder, session_id, jobs }) => [folder, session_id, jobs]),
      [['main', 'main', 1]],
    );

    assert.equal((await onMain('restore_session')).ok, true);
    assert.deepEqual(await folders(courier.layout.deleted), []);
    assert.deepEqual([(await courier.session())?.state, (await courier.session())?.tmux_session], ['stopped', null]);
    await completes(await courier.send('two'));
    const args = await argv();
    assert.equal(args[args.indexOf('--resume') + 1], conversation_id);
    assert.equal((await courier.session())?.conversation_id, conversation_id);
    const retried = await onJob('retry', first.job_id);
    await completes(retried.id);
  });

  it('refuses to restore what is not there, and what has a namesake; both sessions stay', async () => {
    await courier.runner();
    await completes(await courier.send('old'));
    await onMain('delete_session');
    assert.match((await onMain('restore_session', 'nobody')).error!, /no deleted session "nobody"/);
    await completes(await courier.send('new'));
    const refused = await onMain('restore_session');
    assert.equal(refused.ok, false);
    assert.match(refused.error!, /There is a session "main" already.*delete the other one first/);
    assert.equal((await courier.session())?.state === 'stopped', false, 'the other one goes on');
    await onMain('delete_session');
    const { deleted } = await readDeletedSessions(courier.layout);
    assert.equal(deleted.length, 2);
    const [newer, older] = deleted;
    assert.equal(older!.folder, 'main', 'a name in the archive never changes');
    assert.match(newer!.folder, /^main-[0-9a-f]{8}$/);
    assert.equal((await onMain('restore_session', newer!.folder)).ok, true);
    assert.deepEqual(await folders(courier.layout.active), ['main']);
  });

  it('cancels what was not finished when a session is deleted, also for whoever waits for it', async () => {
    await courier.runner();
    const ids = [await courier.send(mode('slow=30000')), await courier.send('second')];
    await courier.jobWhere(ids[0]!, 'works', (job) => job.phase === 'working');
    assert.equal((await onMain('delete_session')).ok, true);
    for (const id of ids) {
      const job = await courier.ended(id);
      assert.deepEqual([job.status, job.message], ['cancelled', 'The session was deleted.']);
    }
  });

  it('deletes a session in the middle of its start', async () => {
    await courier.runner();
    for (let n = 0; n < 3; n++) {
      await request({ action: 'create_session', session_id: 'main' });
      const { ok, error } = await onMain('delete_session');
      assert.deepEqual({ ok, error }, { ok: true, error: undefined });
      assert.equal(await courier.tmux('list-sessions').catch(() => ''), '');
    }
    assert.equal((await folders(courier.layout.deleted)).length, 3);
  });

  it('goes on with a deletion that a crash cut off, and brings nothing back to life', async () => {
    const first = await courier.runner();
    await completes(await courier.send('one'));
    await request({ action: 'stop_session', session_id: 'main' });
    await first.stop();
    const metadata = (await courier.session())!;
    await writeJson(courier.layout.session('main').metadata, { ...metadata, state: 'deleted' });
    const second = await courier.runner();
    assert.equal(second.role, 'owner');
    assert.deepEqual(await folders(courier.layout.active), []);
    assert.deepEqual(await folders(courier.layout.deleted), ['main']);
    assert.equal((await onMain('restore_session')).ok, true);
  });

  it('purges a deleted session for good, and follows no link out of it', async () => {
    await courier.runner();
    await completes(await courier.send('one'));
    assert.equal((await onMain('purge_session')).ok, false, 'a session that is not deleted is not purged');
    await onMain('delete_session');
    const outside = path.join(courier.root, 'outside');
    await fs.mkdir(outside);
    await fs.writeFile(path.join(outside, 'mine'), 'mine');
    await fs.symlink(outside, path.join(courier.layout.deletedSession('main').output, 'link'));
    await fs.symlink(outside, courier.layout.deletedSession('evil').dir);
    for (const action of ['purge_session', 'restore_session'] as const) {
      const refused = await onMain(action, 'evil');
      assert.match(refused.error!, /symbolic link/);
    }
    assert.equal((await onMain('purge_session')).ok, true);
    assert.deepEqual(await folders(courier.layout.deleted), ['evil']);
    assert.deepEqual(await folders(outside), ['mine']);
    const aside = `${courier.layout.deleted}.aside`;
    await fs.rename(courier.layout.deleted, aside);
    await fs.mkdir(path.join(outside, 'main'));
    await fs.symlink(outside, courier.layout.deleted);
    assert.equal((await onMain('purge_session')).ok, false);
    await completes(await courier.send('one'));
    assert.equal((await onMain('delete_session')).ok, false);
    assert.equal((await courier.session())?.state === 'stopped', false, 'nothing was ended');
    assert.deepEqual(await folders(outside), ['main', 'mine']);
  });

  it('renames a session: its name and nothing else, on one line', async () => {
    await courier.runner();
    await completes(await courier.send('one'));
    const before = (await courier.session())!;
    assert.equal(
      (await request({ action: 'rename_session', session_id: 'main', name: '  Ünïcode ../#{pid}  ' })).ok,
      true,
    );
    const after = (await courier.session())!;
    assert.deepEqual(
      [after.name, after.session_id, after.tmux_session],
      ['Ünïcode ../#{pid}', 'main', before.tmux_session],
    );
    for (const name of ['', ' ', 'a\nb', 'x'.repeat(101), '\u001b[2J']) {
      assert.equal(
        (await request({ action: 'rename_session', session_id: 'main', name })).ok,
        false,
        JSON.stringify(name),
      );
    }
    assert.equal((await courier.session())?.name, after.name);
    await completes(await courier.send('two'));
  });
});
