import assert from 'node:assert/strict';
import { TestCourier } from '../support/testCourier';

describe('one prompt for several sessions', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  before(async () => {
    courier = await TestCourier.create();
    await courier.runner();
  });
  after(() => courier.stop());

  const pick = async (job_id: string) => (await courier.client.request({ action: 'pick_answer', job_id }))!;

  it('is done by each, and one answer is picked; another one can be picked instead', async () => {
    const group_id = 'g-1';
    const ids = await Promise.all(
      ['one', 'two'].map((session_id) => courier.send('Name the fault.', { session_id, group_id })),
    );
    const jobs = await Promise.all(ids.map((id) => courier.ended(id)));
    for (const job of jobs) {
      assert.equal(job.status, 'completed', job.message);
      assert.equal(job.group_id, group_id);
    }
    const [first, second] = ids as [string, string];
    assert.deepEqual(await pick(first).then(({ ok }) => ok), true);
    assert.deepEqual(await pick(second).then(({ ok }) => ok), true);
    const [a = '', b = ''] = await Promise.all(ids.map(async (id) => (await courier.job(id))?.picked_at));
    assert.ok(a !== '' && a <= b, `${a} ${b}`);
    for (const job of jobs) assert.match(await courier.output(job), /\S/, 'the other answer stays');
  });

  it('picks nothing of a job that was sent alone, has not ended, or is not there', async () => {
    const alone = await courier.send('Alone.', { session_id: 'one' });
    await courier.ended(alone);
    assert.match((await pick(alone)).error ?? '', /sent by itself/);
    const slow = await courier.send('Slow.\n\ndemo-mode: slow=600000\n', { session_id: 'one', group_id: 'g-2' });
    assert.match((await pick(slow)).error ?? '', /no answer to pick/);
    assert.equal((await courier.client.request({ action: 'cancel', job_id: slow }))?.ok, true);
    await courier.ended(slow);
    assert.match((await pick(slow)).error ?? '', /cancelled, and has no answer/);
    assert.match((await pick('j-none')).error ?? '', /no job j-none/);
  });
});
