import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { makeTempDir } from '../support/tempDir';
import { TestCourier } from '../support/testCourier';

const script = path.resolve('test/fixtures/customAgent.mjs');

describe('a custom agent, with no receipts', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  const create = async (more: object = {}, ...args: string[]) => {
    const mine = {
      command: process.execPath,
      args: [script, ...args],
      ready_pattern: '^> $',
      quiet_time_s: 0.6,
      ...more,
    };
    courier = await TestCourier.create({
      settings: { version: '1.0', default_agent: 'mine', scan_interval_s: 0.5, agents: { mine } },
    });
    await courier.runner();
  };
  afterEach(() => courier.stop());

  it('completes by quiet time, when the screen and the answer have stood still', async () => {
    await create({ busy_pattern: 'thinking$(?!\\n)' }, '300');
    const id = await courier.send('a prompt');
    const job = await courier.ended(id);
    assert.equal(job.status, 'completed', job.message);
    assert.deepEqual([job.attempts, job.inferred], [1, true]);
    assert.match(await courier.output(job), /characters, receipts/);
    const second = await courier.ended(await courier.send('another', { mode: 'fresh' }));
    assert.equal(second.status, 'completed', second.message);
  });

  it('does not take the first half of an answer for all of it', async () => {
    await create({}, '900');
    const job = await courier.ended(await courier.send('a prompt'));
    assert.equal(job.status, 'completed', job.message);
    assert.notEqual(await courier.output(job), 'half');
  });

  it('fails when it leaves no answer, after one reminder', async () => {
    await create();
    const job = await courier.ended(await courier.send('write nothing'));
    assert.deepEqual([job.status, job.reason, job.inferred], ['failed', 'no_output', true], job.message);
    assert.ok(job.reminded_at);
  });

  it('times out, is interrupted by its own key, and fails when that ends it', async () => {
    await create({}, '60000');
    const job = await courier.ended(await courier.send('a prompt', { timeout_s: 1 }));
    assert.deepEqual([job.status, job.inferred], ['timeout', undefined], job.message);
    await courier.sessionWhere('is lost', (session) => session.state === 'lost');
  });

  it('says what to do when it has no command, or one that is not there', async () => {
    await create({ command: '/nonexistent/program' });
    const job = await courier.ended(await courier.send('x'));
    assert.deepEqual([job.status, job.reason], ['failed', 'start_failed']);
    assert.match(job.message ?? '', /nonexistent\/program[\s\S]*courier\.agents/);
  });

  it('runs a program whose path is one word with blanks, with no shell under it', async () => {
    const { path: temp, remove } = await makeTempDir();
    try {
      const own = path.join(temp, 'my agent');
      await fs.mkdir(own);
      const program = path.join(own, 'agent #(x) $HOME.mjs');
      await fs.writeFile(program, `#!${process.execPath}\n${await fs.readFile(script, 'utf8')}`, { mode: 0o755 });
      await create({ command: program, args: [] });
      const job = await courier.ended(await courier.send('a prompt'));
      assert.equal(job.status, 'completed', job.message);
    } finally {
      await remove();
    }
  });
});
