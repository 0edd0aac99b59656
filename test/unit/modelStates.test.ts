import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canBecome, finalStatuses, type Job, type JobStatus, liveStatuses } from '../../src/core/model/job';
import { canMove, type SessionState, sessionStates } from '../../src/core/model/session';
import { createSession } from '../../src/core/runner/loadSessions';
import { makeJob } from '../support/coreFixtures';
import { FakeClock } from '../support/fakeClock';
import { holds, makeFastDir } from '../support/properties/property';
import { makeRequestContext } from '../support/requestContext';
import type { TempDir } from '../support/tempDir';

const statuses: readonly JobStatus[] = [...liveStatuses, ...finalStatuses];

/** The ways of a job in words of their own, apart from the product's table. */
const jobWays = new Set([
  ...['pending paused', 'paused pending', 'pending running', 'pending failed', 'pending cancelled'],
  ...['paused cancelled', 'paused failed'],
  ...['running completed', 'running failed', 'running timeout', 'running cancelled'],
]);

describe('states, whatever course they take', function () {
  this.timeout(120_000);
  let temp: TempDir;
  let context: Awaited<ReturnType<typeof makeRequestContext>>;
  beforeEach(async () => {
    temp = await makeFastDir();
    context = await makeRequestContext(temp.path, new FakeClock());
  });
  afterEach(async () => {
    await Promise.all([...context.sessions.values()].map((session) => session.flush()));
    await temp.remove();
  });

  it('a job moves only by the ways of the table, and what is refused changes nothing', async () => {
    for (const one of statuses)
      for (const other of statuses)
        assert.equal(canBecome(one, other), jobWays.has(`${one} ${other}`), `${one} ${other}`);
    const session = await createSession(context, 'main', 'demo');
    let number = 0;
    await holds(fc.array(fc.constantFrom(...statuses), { maxLength: 30 }), 200, async (course) => {
      const job = makeJob(`j-${number++}`);
      session.jobs.push(job);
      let now: JobStatus = 'pending';
      for (const status of course) {
        const before: Job = structuredClone(job);
        const legal: boolean = now === status || jobWays.has(`${now} ${status}`);
        const move = () => session.updateJob(job.job_id, { status, message: 'moved' });
        if (legal) move();
        else assert.throws(move, /can't become/);
        assert.deepEqual(job, legal ? { ...before, status, message: 'moved' } : before);
        if (legal) now = status;
      }
      session.removeJob(job.job_id);
    });
  });

  it('every status leads to an end, and an end to nothing', () => {
    const ends: readonly JobStatus[] = finalStatuses;
    for (const status of statuses) {
      const reached = new Set<JobStatus>([status]);
      for (const one of reached) for (const other of statuses) if (canBecome(one, other)) reached.add(other);
      assert.ok(
        [...reached].some((one) => ends.includes(one)),
        status,
      );
      if (ends.includes(status)) assert.deepEqual([...reached], [status]);
    }
  });

  it('a session moves only by legal steps; what is refused changes neither metadata nor health', async () => {
    let number = 0;
    await holds(fc.array(fc.constantFrom(...sessionStates), { maxLength: 30 }), 60, async (course) => {
      const session = await createSession(context, `s-${number++}`, 'demo');
      let now: SessionState = session.metadata.state;
      for (const state of course) {
        const before = [session.metadata, session.judged];
        const legal: boolean = now === state || canMove(now, state);
        if (legal) session.moveTo(state);
        else assert.throws(() => session.moveTo(state), /can't become/);
        if (!legal) assert.deepEqual([session.metadata, session.judged], before);
        if (legal) now = state;
        assert.equal(session.metadata.state, now);
        assert.equal(session.judged.state, session.metadata.state);
      }
      await session.flush();
    });
  });
});
