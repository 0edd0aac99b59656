import fc from 'fast-check';

/** What an agent does with a job, as its prompt asks for: `asks` waits until somebody answers. */
const modes = {
  plain: '',
  slow: 'slow=400',
  halves: 'two-step=300',
  late: 'late-stop=300',
  asks: 'permission',
  crash: 'crash=7',
} as const;
export type CourseKind = keyof typeof modes;

/** A job as the model knows it. */
export interface CourseJob {
  id: string;
  session: string;
  mode: 'session' | 'fresh';
  kind: CourseKind;
  title: string;
  /** The ends that are right for it, as `status reason`; what is done to it, or to those who run it, adds to them. */
  ends: Set<string>;
}

export const promptOf = ({ title, kind }: Pick<CourseJob, 'title' | 'kind'>): string =>
  `${title}\n\n${modes[kind] === '' ? '' : `demo-mode: ${modes[kind]}\n`}`;

/** What a job comes to that nobody disturbs. */
const ownEnd = (kind: CourseKind) => (kind === 'crash' ? 'failed agent_exited' : 'completed');

/** All that was sent, and what it may come to: a job that was not struck has one right end. */
export class CourseModel {
  readonly jobs: CourseJob[] = [];
  /** Sessions whose agent was ended, maybe while it started: a job that comes until all stands still may share that start. */
  readonly struck = new Set<string>();

  add(job: Omit<CourseJob, 'ends'>): void {
    const shares = job.mode === 'session' && this.struck.has(job.session);
    this.jobs.push({ ...job, ends: new Set([ownEnd(job.kind), ...(shares ? ['failed start_failed'] : [])]) });
  }

  pick(which: number): CourseJob | undefined {
    return this.jobs[which % Math.max(1, this.jobs.length)];
  }

  of(id: string): CourseJob {
    return this.jobs.find((job) => job.id === id)!;
  }
}

/** What the commands of a course do to the real thing. A job that is `live` has not ended when a strike begins. */
export interface CourseReal {
  send(input: Omit<CourseJob, 'id' | 'ends'>): Promise<string>;
  live(): Promise<string[]>;
  /** Whether the runner said yes. */
  cancel(job: CourseJob): Promise<boolean>;
  retry(old: CourseJob): Promise<string | undefined>;
  /** Answers what this job asks; false when it asks nothing. */
  answer(job: CourseJob, choice: number): Promise<boolean>;
  killRunner(): Promise<void>;
  /** Stops the runner, which another takes over from, and lets it go on then. */
  pauseRunner(): Promise<void>;
  /** Ends the agent of a session, or of a fresh job; nothing when there is none. */
  killAgent(name: string): Promise<void>;
  /** Waits until nothing moves: every job has ended or waits for somebody, or stands behind one that does. */
  settle(): Promise<void>;
  /** Compares all that can be seen at any time. */
  compare(model: CourseModel): Promise<void>;
}

type Command = fc.AsyncCommand<CourseModel, CourseReal>;

function command(text: string, run: (model: CourseModel, real: CourseReal) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, real) {
      await run(model, real);
      await real.compare(model);
    },
    toString: () => text,
  };
}

/** Adds ends to those that are live when something begins to be done to them. */
async function struck(
  model: CourseModel,
  real: CourseReal,
  ends: string[],
  which: (job: CourseJob) => boolean = () => true,
) {
  for (const id of await real.live()) {
    const job = model.of(id);
    if (which(job)) for (const end of ends) job.ends.add(end);
  }
}

const sessions = ['a', 'b'] as const;

/** Any course of what people and accidents do. */
export const courses = (maxCommands: number): fc.Arbitrary<Iterable<Command>> =>
  fc.commands(
    [
      fc
        .record({
          session: fc.constantFrom(...sessions),
          mode: fc.constantFrom<CourseJob['mode']>('session', 'session', 'fresh'),
          kind: fc.constantFrom<CourseKind>('plain', 'plain', 'slow', 'halves', 'late', 'asks', 'asks', 'crash'),
        })
        .map((input) =>
          command(`send ${Object.values(input).join(' ')}`, async (model, real) => {
            const job = { ...input, title: `Course prompt ${model.jobs.length}.` };
            model.add({ ...job, id: await real.send(job) });
          }),
        ),
      fc.nat(30).map((which) =>
        command(`cancel ${which}`, async (model, real) => {
          const job = model.pick(which);
          if (!job) return;
          const before = new Set(await real.live());
          const done = await real.cancel(job);
          if (done && !before.has(job.id)) throw new Error(`${job.id} had ended, and could be cancelled`);
          if (done) job.ends.add('cancelled');
        }),
      ),
      fc.nat(30).map((which) =>
        command(`retry ${which}`, async (model, real) => {
          const old = model.pick(which);
          const id = old && (await real.retry(old));
          if (old && id) model.add({ ...old, id });
        }),
      ),
      fc.record({ which: fc.nat(30), choice: fc.constantFrom(0, 0, 1) }).map(({ which, choice }) =>
        command(`answer ${which} with ${choice}`, async (model, real) => {
          const job = model.pick(which);
          if (!job) return;
          // Refused, it writes nothing, is reminded, and asks again.
          if ((await real.answer(job, choice)) && choice === 1) job.ends.add('failed no_output');
        }),
      ),
      fc.constant(
        command('kill the runner', async (model, real) => {
          await struck(model, real, ['failed runner_interrupted']);
          await real.killRunner();
        }),
      ),
      fc.constant(
        command('pause the runner', async (model, real) => {
          await struck(model, real, ['failed runner_interrupted']);
          await real.pauseRunner();
        }),
      ),
      fc.constantFrom(...sessions).map((session) =>
        command(`kill the agent of ${session}`, async (model, real) => {
          const ends = ['failed agent_exited', 'failed session_lost', 'failed start_failed'];
          await struck(model, real, ends, (job) => job.session === session && job.mode === 'session');
          model.struck.add(session);
          await real.killAgent(session);
        }),
      ),
      fc.nat(30).map((which) =>
        command(`kill the agent of job ${which}`, async (model, real) => {
          const job = model.pick(which);
          if (job?.mode !== 'fresh') return;
          const ends = ['failed agent_exited', 'failed session_lost', 'failed start_failed'];
          await struck(model, real, ends, ({ id }) => id === job.id);
          await real.killAgent(job.id);
        }),
      ),
      fc.constant(
        command('settle', async (model, real) => {
          await real.settle();
          model.struck.clear();
        }),
      ),
    ],
    { maxCommands, size: 'max' },
  );
