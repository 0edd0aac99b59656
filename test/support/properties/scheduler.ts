import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import fc from 'fast-check';
import { canBecome, isFinal, type JobStatus } from '../../../src/core/model/job';
import { startJobs } from '../../../src/core/runner/scheduler';
import { takeRequests } from '../../../src/core/runner/takeRequests';
import { readReply } from '../../../src/core/store/inbox';
import { findJob } from '../../../src/core/store/snapshot';
import { freshSessionName } from '../../../src/core/tmux/names';
import { FakeClock } from '../fakeClock';
import { makeRequestContext } from '../requestContext';
import { holds, makeFastDir, type Property } from './property';
import { courses, type ModelJob, type RealScheduler, SchedulerModel } from './schedulerModel';

/** The real queue, requests, scheduler and jobs' ways, with agents that are being started until the test says how that goes. */
class Real implements RealScheduler {
  private readonly starts = new Map<string, (error: Error) => void>();
  private readonly seen = new Map<string, JobStatus>();
  private requests = 0;

  private constructor(
    private readonly context: Awaited<ReturnType<typeof makeRequestContext>>,
    private readonly clock: FakeClock,
  ) {
    const start = (name: string) =>
      new Promise<never>((_, reject) => {
        assert.ok(!this.starts.has(name), `two jobs at once use ${name}`);
        this.starts.set(name, reject);
      });
    context.ensureStarted = (session) => start(session.id);
    context.launcher.launch = (_agent, _session, name) => start(name);
  }

  static async make(root: string, most: number): Promise<Real> {
    const clock = new FakeClock();
    return new Real(await makeRequestContext(root, clock, { version: '1.0', max_concurrent_jobs: most }), clock);
  }

  async send(job: ModelJob): Promise<void> {
    await this.ask('enqueue', job, { session_id: job.session, mode: job.mode, agent: 'demo', prompt: `Do ${job.id}.` });
  }

  async retry(old: ModelJob, job: ModelJob): Promise<void> {
    await this.ask('retry', job, { job_id: old.id });
  }

  async pause(session: string, paused: boolean): Promise<void> {
    await this.request(`r-${this.requests++}`, paused ? 'pause_session' : 'resume_session', { session_id: session });
    await this.round();
  }

  move(job: ModelJob, session: string, before: ModelJob | undefined): Promise<boolean> {
    return this.ask('move', job, { job_id: job.id, session_id: session, ...(before ? { before: before.id } : {}) });
  }

  update(job: ModelJob): Promise<boolean> {
    return this.ask('update', job, { job_id: job.id, prompt: `Do ${job.id} otherwise.` });
  }

  private async request(id: string, action: string, fields: object): Promise<void> {
    const file = path.join(this.context.layout.inbox, `${id}.json`);
    await fs.writeFile(file, JSON.stringify({ version: '1.0', id, action, ...fields }));
  }

  async ask(action: string, job: ModelJob, fields: object = { job_id: job.id }): Promise<boolean> {
    const id = action === 'enqueue' || action === 'retry' ? job.id : `r-${this.requests++}`;
    await this.request(id, action, fields);
    const run = action === 'cancel' ? this.context.runs.get(job.id) : undefined;
    await this.round();
    // A fresh agent that is being started is waited for before it is ended.
    if (run && job.mode === 'fresh') this.end(job);
    await run?.done;
    if (run && job.mode === 'session') this.starts.delete(job.session);
    await this.round();
    return (await readReply(this.context.layout, id))!.ok;
  }

  async fail(job: ModelJob): Promise<void> {
    const run = this.context.runs.get(job.id);
    assert.ok(run, `${job.id} should be running`);
    this.end(job);
    await run.done;
    await this.round();
  }

  private end(job: ModelJob): void {
    const name = job.mode === 'fresh' ? freshSessionName(this.context.settings, job.id) : job.session;
    const reject = this.starts.get(name);
    this.starts.delete(name);
    reject!(new Error('it does not start'));
  }

  /** A round of the scheduler, each at a time of its own. */
  private async round(): Promise<void> {
    await this.clock.advance(1);
    await takeRequests(this.context, () => startJobs(this.context));
    await this.clock.advance(1);
    for (const session of this.context.sessions.values()) await session.flushQueue();
  }

  async compare(model: SchedulerModel): Promise<void> {
    const { layout, runs, sessions } = this.context;
    assert.ok(runs.size <= model.most, `${runs.size} at once`);
    for (const job of model.jobs) {
      const status = (await findJob(layout, job.id, job.session))?.status;
      // Cancelled while it failed to start, it may have come to either end.
      const either = job.mode === 'fresh' && job.status === 'cancelled' && status === 'failed';
      assert.ok(either || status === job.status, `${job.id} is ${status}, not ${job.status}`);
      const before = this.seen.get(job.id) ?? 'pending';
      assert.ok(reachable(before, status), `${job.id}: from ${before} to ${status}`);
      this.seen.set(job.id, status);
    }
    for (const session of sessions.values()) {
      const live = session.jobs.map((job) => job.job_id);
      const wanted = model.is('pending', 'paused', 'running').filter((job) => job.session === session.id);
      assert.deepEqual(
        live,
        wanted.map((job) => job.id),
        'the order of a queue',
      );
      const own = session.jobs.filter((job) => job.status === 'running' && job.mode === 'session');
      assert.ok(own.length <= 1, `${own.length} jobs at once in ${session.id}`);
    }
  }

  /** Ends all that runs, until nothing does. */
  async drain(model: SchedulerModel): Promise<void> {
    for (const session of [...model.paused]) {
      await this.pause(session, false);
      model.paused.delete(session);
      model.start();
      await this.compare(model);
    }
    for (let job = model.is('running')[0]; job; job = model.is('running')[0]) {
      await this.fail(job);
      job.status = 'failed';
      model.start();
      await this.compare(model);
    }
    assert.deepEqual(model.is('pending', 'running'), []);
    for (const job of model.jobs) {
      const end = await findJob(this.context.layout, job.id);
      assert.ok(
        end && (job.status === 'paused' ? end.status === 'paused' : isFinal(end.status)),
        `${job.id} has no end`,
      );
    }
  }

  async stop(): Promise<void> {
    for (const run of this.context.runs.values()) run.stop({ kind: 'runner' });
    for (const reject of this.starts.values()) reject(new Error('over'));
    await Promise.all([...this.context.runs.values()].map((run) => run.done));
    await Promise.all([...this.context.sessions.values()].map((session) => session.flush()));
  }
}

/** Whether one status follows another by legal moves alone; several may lie between two looks. */
function reachable(one: JobStatus, other: JobStatus | undefined): other is JobStatus {
  if (!other || one === other) return other !== undefined;
  const next = (['pending', 'paused', 'running', 'completed', 'failed', 'timeout', 'cancelled'] as const).filter((to) =>
    canBecome(one, to),
  );
  return next.some(
    (to) =>
      to === other ||
      (to === 'running' && canBecome('running', other)) ||
      (to === 'pending' && canBecome('pending', other)),
  );
}

/** The scheduler does what a model of a few lines does, whatever is asked in whatever order. */
export const schedulerProperties: Property[] = [
  {
    name: 'the scheduler: first in first out, one job a session, so many at once, and every job comes to an end',
    async check(runs, onTry) {
      await holds(
        fc.tuple(courses, fc.integer({ min: 1, max: 4 })),
        runs,
        async ([course, most]) => {
          const dir = await makeFastDir();
          const real = await Real.make(dir.path, most);
          const model = new SchedulerModel(most);
          try {
            await fc.asyncModelRun(() => ({ model, real }), course);
            await real.drain(model);
          } finally {
            await real.stop();
            await dir.remove();
          }
        },
        onTry,
      );
    },
  },
];
