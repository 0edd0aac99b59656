import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { finalStatuses, isFinal, type Job } from '../../src/core/model/job';
import { readMonitor } from '../../src/core/monitor/post';
import { readRunner } from '../../src/core/runner/claims';
import { openFolder } from '../../src/core/store/folder';
import { readReply } from '../../src/core/store/inbox';
import { Layout } from '../../src/core/store/layout';
import { systemClock } from '../../src/core/support/clock';
import { frozen, summaryOf, thaw } from '../support/frozenState';
import { newerVersions } from '../support/properties/badText';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

type Summary = Awaited<ReturnType<typeof summaryOf>>;

/** Every file below a folder with what it holds. */
async function contents(dir: string): Promise<Map<string, string>> {
  const entries = await fs.readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (file) => [file, await fs.readFile(file, 'utf8')] as const)));
}

describe('a state folder of', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  beforeEach(async () => {
    courier = await TestCourier.create();
  });
  afterEach(() => courier.stop());

  for (const version of readdirSync(frozen)) {
    const expected: Summary = JSON.parse(readFileSync(path.join(frozen, version, 'expected.json'), 'utf8'));
    const expectedJobs = expected.sessions.flatMap(({ jobs, finished }) => [...jobs, ...finished]);

    it(`version ${version} is read as that version read it, and reading changes nothing`, async () => {
      await thaw(version, courier);
      const before = await contents(courier.root);
      const found: Summary = JSON.parse(JSON.stringify(await summaryOf(courier)));
      const { settings, ...rest } = found;
      const { settings: wanted, ...expectedRest } = expected;
      // A later version may know more of a deleted session, and more settings.
      const known = rest.deleted.map((one, at) => {
        const keys = Object.keys(expectedRest.deleted[at] ?? one);
        return Object.fromEntries(Object.entries(one).filter(([key]) => keys.includes(key)));
      });
      assert.deepEqual({ ...rest, deleted: known }, expectedRest);
      for (const [key, value] of Object.entries(wanted)) assert.deepEqual(settings[key], value, key);
      const folder = courier.user.folder((await openFolder(courier.layout, courier.user, systemClock)).folder_id);
      assert.equal((await readMonitor(folder, systemClock)).kind, 'silent', 'of another machine, and long ago');
      await readRunner(folder, systemClock);
      assert.deepEqual(await contents(courier.root), before);
      const statuses = new Set(expectedJobs.map((job) => job.status));
      for (const status of [...finalStatuses, 'pending', 'paused', 'running'] as const)
        assert.ok(statuses.has(status), status);
    });

    it(`version ${version} is taken over: what had ended stays as it was, what was live comes to an end, nothing is lost`, async () => {
      await thaw(version, courier);
      const before = await contents(path.join(courier.layout.root, 'sessions'));
      const [waiting] = (await fs.readdir(courier.layout.inbox)).filter((name) => name.endsWith('.json'));
      // Its runner died on another machine, so that only its silence tells.
      const host = await courier.runner();
      await waitFor(() => host.role === 'owner', { timeout: 30_000, what: 'it owns the folder' });

      const find = (job: Job) => courier.job(job.job_id);
      for (const job of expectedJobs.filter((one) => isFinal(one.status))) assert.deepEqual(await find(job), job);
      for (const job of expectedJobs.filter((one) => one.status === 'running')) {
        const { status, attempts } = await courier.ended(job.job_id);
        assert.deepEqual([status, attempts], ['failed', job.attempts], 'nothing is sent again');
      }
      for (const job of expectedJobs.filter((one) => one.status === 'pending'))
        assert.equal((await courier.ended(job.job_id)).status, 'completed');
      for (const job of expectedJobs.filter((one) => one.status === 'paused'))
        assert.equal((await find(job))?.status, 'paused');
      const taken = path.basename(waiting!, '.json');
      assert.equal((await courier.ended(taken)).status, 'completed');
      assert.equal((await readReply(courier.layout, taken))?.ok, true);

      for (const { folder, name } of expected.deleted) {
        assert.equal((await courier.client.request({ action: 'restore_session', session_id: folder }))?.ok, true);
        assert.equal((await courier.session(folder))?.name, name);
      }
      assert.ok(!courier.logged.some((line) => /set aside|left as it is/.test(line)), courier.logged.join('\n'));
      const now = await contents(path.join(courier.layout.root, 'sessions'));
      const there = [...now.values()].join('\n');
      for (const [file, text] of before)
        if (/\/(prompts|output)\//.test(file)) assert.ok(now.has(file) || there.includes(text), `${file} is gone`);
      assert.deepEqual((await summaryOf(courier)).problems, []);
    });
  }

  it('a newer version is left as it is, byte for byte, file by file, and said', async () => {
    const version = readdirSync(frozen).at(-1)!;
    await thaw(version, courier);
    const { folder_id } = await openFolder(courier.layout, courier.user, systemClock);
    const { layout, user } = courier;
    const folder = user.folder(folder_id);
    const own = ['main', 'slow', 'asks'].map((id) => layout.session(id));
    const newer = [
      own[0]!.metadata,
      own[1]!.queue,
      own[2]!.health,
      folder.tmuxSessions,
      folder.tmuxServer,
      folder.monitor,
    ];
    newer.push(layout.deletedSession('gone').metadata);
    const left = new Map<string, string>();
    for (const [i, file] of newer.entries()) {
      const value = JSON.parse(await fs.readFile(file, 'utf8'));
      const text = JSON.stringify({ ...value, version: newerVersions[i % newerVersions.length], more: { shape: [1] } });
      await fs.writeFile(file, text);
      left.set(file, text);
    }
    const sessions = await contents(layout.active);
    await courier.runner();
    assert.equal((await courier.ended(await courier.send('x', { session_id: 'mine' }))).status, 'completed');
    const refused = await courier.client.reply(await courier.send('x', { session_id: 'main' }), 30_000);
    assert.match(refused?.error ?? '', /can't use it/);
    const restored = await courier.client.request({ action: 'restore_session', session_id: 'gone' });
    assert.match(restored?.error ?? '', /newer/);
    const { problems } = await summaryOf(courier);
    const said = [...courier.logged, ...problems].join('\n');
    for (const [file, text] of left) {
      assert.equal(await fs.readFile(file, 'utf8'), text, file);
      if (file !== folder.monitor) assert.ok(said.includes(file), `${file} is not named`);
    }
    await assert.rejects(readMonitor(folder, systemClock), (error: Error) => error.message.includes(folder.monitor));
    for (const [file, text] of sessions) assert.equal(await fs.readFile(file, 'utf8'), text, file);

    const identity = await fs.readFile(layout.folderFile);
    await fs.writeFile(layout.folderFile, JSON.stringify({ version: '2.0', folder_id }));
    await assert.rejects(openFolder(new Layout(courier.workspace), user, systemClock), /newer Tmux Courier/);
    // The tear-down finds the folder's tmux server by it.
    await fs.writeFile(layout.folderFile, identity);
  });
});
