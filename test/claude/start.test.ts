import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { adoptFolder } from '../../src/core/store/adopt';
import { systemClock } from '../../src/core/support/clock';
import { useClaude } from '../support/claudeCourier';
import { gate } from '../support/gate';
import { answer, byMarker } from '../support/messagesTurns';

describe('Claude Code: a .courier folder that came with a clone', function () {
  this.timeout(120_000);
  const start = useClaude();

  it('runs nothing until it is adopted, and nothing that came along runs by itself then', async () => {
    const slow = gate();
    const origin = await start({ script: byMarker({ '[[slow]]': answer('late', slow) }) });
    const there = await origin.courier.runner();
    const running = await origin.courier.send('[[slow]]');
    const pending = await origin.courier.send('Say hello.');
    await origin.courier.jobWhere(running, 'works', (job) => job.phase === 'working');
    await there.stop();
    const unread = await origin.courier.send('Say good morning.');

    const clone = await start({ script: byMarker({}, answer('Done.\n')) });
    const { courier } = clone;
    await fs.cp(origin.courier.layout.root, courier.layout.root, { recursive: true });
    await assert.rejects(courier.runner(), { code: 'not_adopted' });
    await assert.rejects(courier.send('Say hello.'), { code: 'not_adopted' });
    assert.ok((await fs.readdir(courier.layout.inbox)).includes(`${unread}.json`));
    await assert.rejects(fs.access(path.join(courier.user.root, 'folders')), { code: 'ENOENT' });
    assert.equal(clone.api.requests.length, 0);

    const adoption = await adoptFolder(courier.layout, courier.user, systemClock);
    const { rejectedRequests, pausedJobs, failedJobs } = adoption;
    assert.deepEqual(
      { rejectedRequests, pausedJobs, failedJobs },
      { rejectedRequests: 1, pausedJobs: 1, failedJobs: 1 },
    );
    await courier.runner();
    const own = await courier.send('Say hello.');
    assert.equal((await courier.ended(own)).status, 'completed');
    assert.equal((await courier.job(running))?.reason, 'session_lost');
    assert.equal((await courier.job(pending))?.status, 'paused');
    assert.equal(await courier.job(unread), undefined);
    assert.deepEqual(
      [running, pending, unread, own].map((id) => clone.taken(id)),
      [0, 0, 0, 1],
    );

    const resumed = await courier.client.request({ action: 'resume', job_id: pending, requested_by: 'test' });
    assert.equal(resumed?.ok, true);
    assert.equal((await courier.ended(pending)).status, 'completed');
    slow.open();
  });
});
