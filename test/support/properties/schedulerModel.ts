import fc from 'fast-check';

export type Mode = 'session' | 'fresh';
export type Status = 'pending' | 'paused' | 'running' | 'cancelled' | 'failed';

/** A job as the model knows it. */
export interface ModelJob {
  id: string;
  session: string;
  mode: Mode;
  status: Status;
  /** Which it is of all that came. */
  came: number;
}

/**
 * What the scheduler has to do, in the fewest words: whose oldest job has waited longest takes its turn, with the first of its
 * queue that may start. A queue is in the order in which jobs came, until they are moved.
 */
export class SchedulerModel {
  /** All jobs; those of a session that wait stand in the order of its queue. */
  readonly jobs: ModelJob[] = [];
  readonly paused = new Set<string>();
  came = 0;

  constructor(readonly most: number) {}

  is(...statuses: Status[]): ModelJob[] {
    return this.jobs.filter((job) => statuses.includes(job.status));
  }

  /** Starts what may start now. */
  start(): void {
    while (this.is('running').length < this.most) {
      const turns = ['a', 'b', 'c'].flatMap((session) => this.nextOf(session) ?? []);
      turns.sort((one, other) => one.oldest - other.oldest);
      const [first] = turns;
      if (!first) return;
      first.job.status = 'running';
    }
  }

  private nextOf(session: string): { job: ModelJob; oldest: number } | undefined {
    if (this.paused.has(session)) return undefined;
    const busy = this.is('running').some((job) => job.session === session && job.mode === 'session');
    const pending = this.is('pending').filter((job) => job.session === session);
    const at = pending.findIndex((job) => job.mode === 'fresh' || !busy);
    if (at < 0) return undefined;
    return { job: pending[at]!, oldest: Math.min(...pending.slice(at).map((job) => job.came)) };
  }

  /** Puts a job before another one, or behind all of a session; false when that can't be done. */
  move(job: ModelJob, session: string, before: ModelJob | undefined): boolean {
    const waits = (one: ModelJob) => one.status === 'pending' || one.status === 'paused';
    if (!waits(job) || job === before || (before && (!waits(before) || before.session !== session))) return false;
    this.jobs.splice(this.jobs.indexOf(job), 1);
    this.jobs.splice(before ? this.jobs.indexOf(before) : this.jobs.length, 0, job);
    job.session = session;
    return true;
  }
}

/** What the commands of a run do to the real thing. */
export interface RealScheduler {
  send(job: ModelJob): Promise<void>;
  pause(session: string, paused: boolean): Promise<void>;
  /** Whether the runner said yes. */
  move(job: ModelJob, session: string, before: ModelJob | undefined): Promise<boolean>;
  update(job: ModelJob): Promise<boolean>;
  /** Whether the runner said yes. */
  ask(action: 'pause' | 'resume' | 'cancel', job: ModelJob): Promise<boolean>;
  /** Ends a job that is being started, by a start that fails. */
  fail(job: ModelJob): Promise<void>;
  retry(old: ModelJob, job: ModelJob): Promise<void>;
  /** Compares everything. */
  compare(model: SchedulerModel): Promise<void>;
}

type Command = fc.AsyncCommand<SchedulerModel, RealScheduler>;

function command(text: string, run: (model: SchedulerModel, real: RealScheduler) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, real) {
      await run(model, real);
      model.start();
      await real.compare(model);
    },
    toString: () => text,
  };
}

const newJob = (model: SchedulerModel, session: string, mode: Mode): ModelJob => {
  const came = model.came++;
  const job: ModelJob = { id: `j-${String(came).padStart(4, '0')}`, session, mode, status: 'pending', came };
  model.jobs.push(job);
  return job;
};

const sessions = fc.constantFrom('a', 'b', 'c');
const after = { pause: 'paused', resume: 'pending', cancel: 'cancelled' } as const;
const from = { pause: ['pending'], resume: ['paused'], cancel: ['pending', 'paused', 'running'] };

/** Any course of requests and ends; a command on a job names one of those that there are, ended ones too. */
export const courses: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [
    fc
      .record({ session: sessions, mode: fc.constantFrom<Mode>('session', 'session', 'fresh') })
      .map(({ session, mode }) =>
        command(`send ${session} ${mode}`, (model, real) => real.send(newJob(model, session, mode))),
      ),
    fc.record({ action: fc.constantFrom('pause', 'resume', 'cancel'), which: fc.nat(30) }).map(({ action, which }) =>
      command(`${action} ${which}`, async (model, real) => {
        const job = model.jobs[which % Math.max(1, model.jobs.length)];
        if (!job) return;
        const legal = from[action].includes(job.status);
        if ((await real.ask(action, job)) !== legal)
          throw new Error(`${action} of ${job.id}, which is ${job.status}, was ${legal ? 'refused' : 'done'}`);
        if (legal) job.status = after[action];
      }),
    ),
    fc.record({ session: sessions, paused: fc.boolean() }).map(({ session, paused }) =>
      command(`${paused ? 'pause' : 'resume'} ${session}`, async (model, real) => {
        // A session is there from its first job on.
        if (!model.jobs.some((job) => job.session === session)) return;
        await real.pause(session, paused);
        if (paused) model.paused.add(session);
        else model.paused.delete(session);
      }),
    ),
    fc
      .record({ which: fc.nat(30), session: sessions, other: fc.option(fc.nat(30), { nil: undefined }) })
      .map(({ which, session, other }) =>
        command(`move ${which} to ${session}${other === undefined ? '' : ` before ${other}`}`, async (model, real) => {
          const job = model.jobs[which % Math.max(1, model.jobs.length)];
          if (!job || !model.jobs.some((one) => one.session === session)) return;
          const before = other === undefined ? undefined : model.jobs[other % model.jobs.length];
          const said = await real.move({ ...job }, session, before);
          if (model.move(job, session, before) !== said)
            throw new Error(`the move of ${job.id}, which is ${job.status}, was ${said ? 'done' : 'refused'}`);
        }),
      ),
    fc.nat(30).map((which) =>
      command(`update ${which}`, async (model, real) => {
        const job = model.jobs[which % Math.max(1, model.jobs.length)];
        if (job && (await real.update(job)) !== (job.status === 'pending' || job.status === 'paused'))
          throw new Error(`the update of ${job.id}, which is ${job.status}, was answered wrongly`);
      }),
    ),
    fc.nat(30).map((which) =>
      command(`fail ${which}`, async (model, real) => {
        const running = model.is('running');
        const job = running[which % Math.max(1, running.length)];
        if (!job) return;
        await real.fail(job);
        job.status = 'failed';
      }),
    ),
    fc.nat(30).map((which) =>
      command(`retry ${which}`, async (model, real) => {
        const old = model.jobs[which % Math.max(1, model.jobs.length)];
        if (old) await real.retry(old, newJob(model, old.session, old.mode));
      }),
    ),
  ],
  { maxCommands: 40 },
);
