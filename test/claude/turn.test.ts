import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isFinal } from '../../src/core/model/job';
import { useClaude } from '../support/claudeCourier';
import { gate, latency } from '../support/gate';
import { answer, byMarker, failing, onlySays, writesTwice, writesWhenReminded } from '../support/messagesTurns';
import { slownessNow } from '../support/slowness';
import { waitFor } from '../support/waitFor';

describe('Claude Code: when a turn has ended', function () {
  this.timeout(120_000);
  const start = useClaude();

  it('takes an answer that comes in under half a second, as this machine is at the moment', async () => {
    const claude = await start({ script: byMarker({}, answer('Quick.\n')) });
    const { courier } = claude;
    await courier.runner();
    await claude.warm();
    const times: number[] = [];
    // Under load some turns take longer: one must be as quick, and all complete.
    while (times.length < 20 && !times.some((time) => time < 500)) {
      const id = await courier.send('Be quick.');
      const job = await courier.ended(id);
      assert.equal(job.status, 'completed', JSON.stringify(job));
      assert.equal(await courier.output(job), 'Quick.\n');
      assert.equal(claude.taken(id), 1);
      const written = await fs.stat(path.join(courier.workspace, job.output_path));
      times.push((written.mtimeMs - Date.parse(job.accepted_at!)) / slownessNow());
    }
    assert.ok(
      Math.min(...times) < 500,
      `as on a machine at rest, answers came after ${times.map(Math.round).join(', ')} ms`,
    );
  });

  it('takes an answer of one byte', async () => {
    const claude = await start({ script: byMarker({}, answer('4')) });
    const { courier } = claude;
    await courier.runner();
    const job = await courier.ended(await courier.send('2 + 2?'));
    assert.equal(job.status, 'completed');
    assert.equal(await courier.output(job), '4');
  });

  it('completes an answer written in two steps 3 s apart only after the second', async () => {
    const claude = await start({ script: byMarker({}, writesTwice('half', 'half and whole', latency(3000))) });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('Write it slowly.');
    const begun = await courier.jobWhere(id, 'is accepted', (job) => job.accepted_at !== undefined);
    const textOf = () => courier.output(begun).catch(() => '');
    await waitFor(async () => (await textOf()) === 'half', { what: 'the first half' });
    const seen = Date.now();
    const ended = await waitFor(
      async () => {
        const text = await textOf();
        const job = (await courier.job(id))!;
        if (isFinal(job.status)) return job;
        assert.ok(['half', 'half and whole', ''].includes(text));
        return undefined;
      },
      { timeout: 30_000, what: 'the end' },
    );
    assert.equal(ended.status, 'completed');
    assert.ok(Date.parse(ended.finished_at!) - seen > 2500);
    assert.equal(await textOf(), 'half and whole');
  });

  it('reminds once when the answer file is missing', async () => {
    const claude = await start({ script: byMarker({}, writesWhenReminded('Late, but here.\n')) });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('Write an answer.');
    const job = await courier.ended(id);
    assert.equal(job.status, 'completed', JSON.stringify(job));
    assert.ok(job.reminded_at);
    assert.equal(job.attempts, 1);
    assert.equal(await courier.output(job), 'Late, but here.\n');
    const lines = claude.api.turns.filter((turn) => turn.jobId === id).map((turn) => turn.instruction);
    assert.equal(lines.length, 2);
    assert.match(lines[1]!, /is not there yet/);
    assert.equal(claude.taken(id), 2);
  });

  it('fails without an answer file after one reminder, and keeps the last message', async () => {
    const claude = await start({ script: byMarker({ '[[write]]': answer() }, onlySays('Shall I do it?')) });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('Do it.');
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.reason], ['failed', 'no_output']);
    assert.equal(claude.taken(id), 2);
    const kept = job.output_path.replace(/\.md$/, '.last-message.md');
    assert.ok(job.message?.includes(kept));
    assert.equal(await fs.readFile(path.join(courier.workspace, kept), 'utf8'), 'Shall I do it?\n');
    assert.equal((await courier.ended(await courier.send('[[write]]'))).status, 'completed');
  });

  it('fails with the words of an API error, and the session takes the next job', async () => {
    const claude = await start({ script: byMarker({ '[[400]]': failing(400) }) });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('[[400]]');
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.reason], ['failed', 'agent_error']);
    assert.match(job.message ?? '', /400.*scripted 400/);
    const next = await courier.send('Say hello.');
    assert.equal((await courier.ended(next)).status, 'completed');
    assert.deepEqual([claude.taken(id), claude.taken(next)], [1, 1]);
  });

  it('notices Esc in the terminal, and the session takes the next job', async () => {
    const slow = gate();
    const claude = await start({ script: byMarker({ '[[slow]]': answer('late', slow) }) });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('[[slow]]');
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    await claude.press('Escape');
    const job = await courier.ended(id, 30_000);
    assert.deepEqual([job.status, job.reason, job.inferred], ['failed', 'agent_interrupted', true]);
    slow.open();
    const next = await courier.send('Say hello.');
    assert.equal((await courier.ended(next)).status, 'completed');
    assert.deepEqual([claude.taken(id), claude.taken(next)], [1, 1]);
  });

  it('cancels a working job, and the session takes the next one when it is idle', async () => {
    const slow = gate();
    const claude = await start({ script: byMarker({ '[[slow]]': answer('late', slow) }) });
    const { courier } = claude;
    await courier.runner();
    const id = await courier.send('[[slow]]');
    const next = await courier.send('Say hello.');
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    const reply = await courier.client.request({ action: 'cancel', job_id: id, requested_by: 'test' });
    assert.equal(reply?.ok, true);
    const job = await courier.ended(id);
    assert.equal(job.status, 'cancelled');
    assert.equal((await courier.ended(next)).status, 'completed');
    slow.open();
    assert.deepEqual([claude.taken(id), claude.taken(next)], [1, 1]);
    await assert.rejects(courier.output(job), { code: 'ENOENT' });
  });

  it('takes back what it typed when a job is cancelled on its way', async () => {
    const slow = gate();
    const claude = await start({ script: byMarker({ '[[slow]]': answer('late', slow) }) });
    const { courier } = claude;
    await courier.runner();
    await claude.warm();
    const cancelled: string[] = [];
    for (const phase of ['sending', 'sending', 'sending', 'accepted'] as const) {
      const id = await courier.send('[[slow]]');
      await courier.jobWhere(id, `is ${phase}`, (job) => job.phase === phase || job.phase === 'working');
      await courier.client.request({ action: 'cancel', job_id: id, requested_by: 'test' });
      assert.equal((await courier.ended(id)).status, 'cancelled');
      const next = await courier.send('Say hello.');
      assert.equal((await courier.ended(next)).status, 'completed');
      assert.ok(claude.taken(id) <= 1);
      assert.equal(claude.taken(next), 1);
      cancelled.push(id);
    }
    slow.open();
    const last = await courier.ended(await courier.send('Say goodbye.'));
    const answers = await fs.readdir(path.dirname(path.join(courier.workspace, last.output_path)));
    assert.deepEqual(
      answers.filter((name) => cancelled.some((id) => name.includes(id))),
      [],
    );
  });
});
