import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { moveToDeleted } from '../../src/core/runner/moveToDeleted';
import { takeRequests } from '../../src/core/runner/takeRequests';
import { dropRequest, readReply } from '../../src/core/store/inbox';
import { readJson } from '../../src/core/store/jsonFile';
import { QueueFile } from '../../src/core/store/queueFile';
import { systemClock } from '../../src/core/support/clock';
import { CourierError } from '../../src/core/support/errors';
import { makeRequestContext } from '../support/requestContext';
import { makeTempDir, type TempDir } from '../support/tempDir';

/** Two runners of one folder, of which the first is stopped at any place, and goes on when the second owns the folder. */
describe('a runner that slept, and its successor', () => {
  let temp: TempDir;
  let context: Awaited<ReturnType<typeof makeRequestContext>>;
  beforeEach(async () => {
    temp = await makeTempDir();
    context = await makeRequestContext(temp.path, systemClock);
  });
  afterEach(() => temp.remove());

  const drop = (id: string) =>
    dropRequest(context.layout, { version: '1.0', id, action: 'enqueue', session_id: 'main', prompt: `do ${id}` });
  const superseded = () => new CourierError('superseded', 'Another has taken it over.');
  const names = (dir: string) => fs.readdir(dir).catch(() => [] as string[]);
  const onDisk = async () => {
    const read = await readJson(QueueFile, context.layout.session('main').queue);
    return read.kind === 'ok' ? read.value.jobs.map((job) => job.job_id) : read.kind;
  };

  it('the folders that it had just begun to make are a free place', async () => {
    const { folders } = context.layout.session('main');
    for (const last of [1, 3, folders.length]) {
      for (const dir of folders.slice(0, last)) await fs.mkdir(dir, { recursive: true });
      await drop(`j-${last}`);
      await takeRequests(context);
      assert.deepEqual(await readReply(context.layout, `j-${last}`), { version: '1.0', id: `j-${last}`, ok: true });
      assert.deepEqual(await onDisk(), [`j-${last}`]);
      await context.sessions.get('main')!.flush();
      context.sessions.clear();
      await fs.rm(folders[0]!, { recursive: true });
    }
  });

  it('rejects nothing for what its successor has made, whose the request is now', async () => {
    const { folders, metadata } = context.layout.session('main');
    await drop('j-1');
    let asked = 0;
    context.guard = async () => {
      if (asked++ > 0) throw superseded();
      // Asleep right after it was told that it owns the folder.
      for (const dir of folders) await fs.mkdir(dir, { recursive: true });
      await fs.writeFile(metadata, '{}');
    };
    await assert.rejects(takeRequests(context), { code: 'superseded' });
    assert.deepEqual(await names(context.layout.rejected), []);
    assert.deepEqual((await names(context.layout.inbox)).includes('j-1.json'), true);
    assert.equal(await readReply(context.layout, 'j-1'), undefined);
    assert.deepEqual(await names(folders[0]!).then((all) => all.length), folders.length);
  });

  it("writes no prompt over its successor's, and leaves no draft", async () => {
    await drop('j-1');
    const kept = path.join(temp.path, 'kept');
    await fs.link(path.join(context.layout.inbox, 'j-1.json'), kept);
    await takeRequests(context);
    const session = context.sessions.get('main')!;
    const file = path.join(context.layout.workspace, session.job('j-1')!.prompt_path);
    const before = await fs.stat(file);
    session.jobs.length = 0;
    await fs.rm(path.join(context.layout.done, 'j-1.json'));
    await fs.rename(kept, path.join(context.layout.inbox, 'j-1.json'));
    let asked = 0;
    context.guard = async () => {
      if (asked++ > 0) throw superseded();
    };
    await assert.rejects(takeRequests(context), { code: 'superseded' });
    assert.equal((await fs.stat(file)).ino, before.ino);
    assert.deepEqual(await names(path.dirname(file)), [path.basename(file)]);
  });

  it('answers a request only when its job is on disk, also when the first try to write it failed', async () => {
    const { queue } = context.layout.session('main');
    await drop('j-0');
    await takeRequests(context);
    await fs.rm(queue);
    await fs.mkdir(path.join(queue, 'in-the-way'), { recursive: true });
    await drop('j-1');
    for (let n = 0; n < 2; n++) {
      await assert.rejects(takeRequests(context));
      assert.equal(await readReply(context.layout, 'j-1'), undefined);
    }
    await fs.rm(queue, { recursive: true });
    await takeRequests(context);
    assert.equal((await readReply(context.layout, 'j-1'))?.ok, true);
    assert.deepEqual(await onDisk(), ['j-0', 'j-1']);
  });

  it("moves no session to the deleted ones that is another's by now", async () => {
    await drop('j-1');
    await takeRequests(context);
    await context.sessions.get('main')!.flush();
    context.guard = () => Promise.reject(superseded());
    await assert.rejects(moveToDeleted(context, 'main'), { code: 'superseded' });
    assert.deepEqual(await onDisk(), ['j-1']);
    assert.deepEqual(await names(context.layout.deleted), []);
  });
});
