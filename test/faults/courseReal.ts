import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isFinal, type Job } from '../../src/core/model/job';
import { openFolder } from '../../src/core/store/folder';
import { writeSettings } from '../../src/core/store/settings';
import { readSnapshot } from '../../src/core/store/snapshot';
import { systemClock } from '../../src/core/support/clock';
import { composeAnswer } from '../../src/demo/answer';
import { summarizePrompt } from '../../src/demo/promptSummary';
import { type Monitor, Monitors } from '../support/monitors';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';
import { type CourseJob, type CourseModel, type CourseReal, promptOf } from './courseModel';

const most = 3;
/** An upper bound for what must come to be, in milliseconds. */
const limit = 60_000;

/** Two real monitors, of which one runs the jobs, the real Demo agent, and real tmux. */
export class RealCourse implements CourseReal {
  private alive: Monitor[] = [];
  private readonly ended = new Map<string, string>();
  private sent: string[] = [];

  private constructor(
    private readonly courier: TestCourier,
    private readonly monitors: Monitors,
    private readonly record: string,
  ) {}

  static async make(): Promise<RealCourse> {
    const courier = await TestCourier.create({
      settings: {
        version: '1.0',
        max_concurrent_jobs: most,
        heartbeat_s: 0.5,
        takeover_after_s: 4,
        scan_interval_s: 0.5,
        recover_delays_s: [0.1, 0.2],
      },
    });
    const record = path.join(courier.root, 'record.jsonl');
    courier.settings.agents.demo = { args: [], interrupt_key: 'Escape', quiet_time_s: 5, env: { DEMO_RECORD: record } };
    await writeSettings(courier.user, courier.settings);
    await openFolder(courier.layout, courier.user, systemClock);
    const real = new RealCourse(courier, new Monitors(courier), record);
    real.alive = [real.monitors.start(), real.monitors.start()];
    await real.owner();
    return real;
  }

  async send(input: Omit<CourseJob, 'id' | 'ends'>): Promise<string> {
    const { session, mode } = input;
    const id = await this.courier.send(promptOf(input), { session_id: session, mode });
    this.sent.push(id);
    return id;
  }

  async live(): Promise<string[]> {
    const jobs = await Promise.all(this.sent.map((id) => this.courier.job(id)));
    return this.sent.filter((_, at) => !jobs[at] || !isFinal(jobs[at].status));
  }

  async cancel(job: CourseJob): Promise<boolean> {
    return (await this.ask({ action: 'cancel', job_id: job.id })).ok;
  }

  async retry(old: CourseJob): Promise<string | undefined> {
    // Its id is the request's own, and the client's to choose.
    const before = new Set((await this.jobs()).map((job) => job.job_id));
    if (!before.has(old.id)) return undefined;
    await this.ask({ action: 'retry', job_id: old.id });
    const made = (await this.jobs()).filter((job) => job.retry_of === old.id && !before.has(job.job_id));
    assert.equal(made.length, 1, `a retry of ${old.id} made ${made.length} jobs`);
    this.sent.push(made[0]!.job_id);
    return made[0]!.job_id;
  }

  async answer({ id, session, mode }: CourseJob, choice: number): Promise<boolean> {
    const job = await this.courier.job(id);
    if (job?.waiting?.kind !== 'permission') return false;
    const target = mode === 'fresh' ? id : session;
    const { dialog_id, choices } = job.waiting;
    await this.courier.client.answer({ target, dialog_id, choice: choices[choice]!.id }, limit);
    return true;
  }

  async killRunner(): Promise<void> {
    const owner = await this.owner();
    owner.child.kill('SIGKILL');
    await owner.ended;
    this.alive = this.alive.filter((one) => one !== owner);
    this.alive.push(this.monitors.start());
    await this.owner();
  }

  async pauseRunner(): Promise<void> {
    const owner = await this.owner();
    owner.child.kill('SIGSTOP');
    try {
      await this.owner(this.alive.filter((one) => one !== owner));
    } finally {
      owner.child.kill('SIGCONT');
    }
  }

  async killAgent(name: string): Promise<void> {
    const prefix = this.courier.settings.tmux_prefix;
    const listed = await this.courier
      .tmux('list-panes', '-a', '-F', '#{session_name} #{pane_dead} #{pane_pid}')
      .catch(() => '');
    for (const line of listed.split('\n')) {
      const [session, dead, pid] = line.split(' ');
      if (dead === '0' && [`${prefix}${name}`, `${prefix}job_${name}`].includes(session!))
        process.kill(Number(pid), 'SIGKILL');
    }
  }

  async settle(): Promise<void> {
    const moving = async () => {
      const jobs = (await Promise.all((await this.live()).map((id) => this.courier.job(id)))) as (Job | undefined)[];
      const held = new Set(jobs.flatMap((job) => (job?.waiting && job.mode === 'session' ? [job.session_id] : [])));
      const full = jobs.filter((job) => job?.waiting).length >= most;
      const behind = (job: Job) =>
        job.status === 'pending' && (full || (job.mode === 'session' && held.has(job.session_id)));
      return jobs.filter((job) => !job || (!job.waiting && !behind(job)));
    };
    const what = async () => `a standstill: ${JSON.stringify(await moving())}\n${this.told()}`;
    await waitFor(async () => (await this.mend()) ?? (await moving()).length === 0, {
      timeout: limit,
      what,
      interval: 100,
    });
  }

  async compare(model: CourseModel): Promise<void> {
    const record = await this.recorded();
    let running = 0;
    for (const job of model.jobs) {
      const found = await this.find(job.id);
      if (found?.status === 'running') running++;
      if (found && isFinal(found.status)) {
        const end = [found.status, found.reason].filter(Boolean).join(' ');
        assert.ok(job.ends.has(end), `${job.id} (${job.kind}) came to "${end}": ${found.message}\n${this.told()}`);
        assert.equal(this.ended.get(job.id) ?? end, end, `${job.id} ended twice`);
        this.ended.set(job.id, end);
      } else assert.equal(this.ended.get(job.id), undefined, `${job.id} had ended, and is ${found?.status}`);
      const lines = record.filter((line) => line.startsWith(`Job ${job.id}:`));
      const reminders = lines.filter((line) => line.includes('not there yet'));
      assert.ok(reminders.length <= 1 && lines.length - reminders.length <= 1, `typed twice: ${lines.join('\n')}`);
    }
    assert.ok(running <= most + 1, `${running} jobs at once`);
  }

  /** Answers whoever asks until every job has ended, and compares what then stands on disk. */
  async drain(model: CourseModel): Promise<void> {
    const over = async () => {
      await this.mend();
      for (const id of await this.live()) {
        const job = model.of(id);
        const waiting = (await this.courier.job(id))?.waiting?.kind;
        if (waiting === 'permission') await this.answer(job, 0);
        // Its runner was struck while it typed the line, which nobody sends for a second time but a person.
        if (waiting !== 'not_accepted' || !job.ends.has('failed runner_interrupted')) continue;
        if (await this.cancel(job)) job.ends.add('cancelled');
      }
      return (await this.live()).length === 0;
    };
    const what = async () =>
      `all ends: ${JSON.stringify(await Promise.all((await this.live()).map((id) => this.courier.job(id))))}\n${this.told()}`;
    await waitFor(over, { timeout: 2 * limit, what, interval: 200 });
    await this.compare(model);
    const { layout, workspace } = this.courier;
    for (const job of await this.jobs()) {
      assert.ok(isFinal(job.status), `${job.job_id} is in a queue`);
      const own = model.of(job.job_id);
      assert.deepEqual([job.session_id, job.mode], [own.session, own.mode]);
      const prompt = path.join(workspace, job.prompt_path);
      assert.ok((await fs.readFile(prompt, 'utf8')).includes(own.title), `${job.job_id} has another prompt`);
      if (job.status !== 'completed') continue;
      const answer = await this.courier.output(job);
      assert.equal(answer, composeAnswer(job.job_id, await summarizePrompt(prompt)), `the answer of ${job.job_id}`);
    }
    for (const session of await fs.readdir(layout.active)) await this.compareHistory(session);
  }

  /** Each job's end stands once in the history of its session, as its highest epoch tells it. */
  private async compareHistory(session: string): Promise<void> {
    const { historyDir } = this.courier.layout.session(session);
    const texts = (await fs.readdir(historyDir)).map((name) => fs.readFile(path.join(historyDir, name), 'utf8'));
    const lines = (await Promise.all(texts))
      .flatMap((text) => text.trim().split('\n'))
      .map((line) => JSON.parse(line) as Job);
    for (const id of new Set(lines.map((job) => job.job_id))) {
      const own = lines.filter((job) => job.job_id === id);
      const highest = Math.max(...own.map((job) => job.epoch!));
      assert.equal(own.filter((job) => job.epoch === highest).length, 1, `${id} ends twice in the history`);
    }
  }

  async stop(): Promise<void> {
    await this.monitors.stop();
    await this.courier.stop();
  }

  /** The monitor that runs the jobs: of those that say so, the one that came last. */
  private owner(among = this.alive): Promise<Monitor> {
    const owners = () => among.filter((one) => one.role() === 'owner').sort((a, b) => b.epoch()! - a.epoch()!);
    return waitFor(() => owners()[0], { timeout: limit, what: () => `an owner\n${this.told()}` });
  }

  private async ask(request: Parameters<TestCourier['client']['request']>[0]) {
    const reply = await this.courier.client.request(request, limit);
    assert.ok(reply, `no answer to ${JSON.stringify(request)}\n${this.told()}`);
    return reply;
  }

  private async jobs(): Promise<Job[]> {
    const { layout, user } = this.courier;
    const { sessions } = await readSnapshot(layout, user, systemClock, { historyLimit: 1000 });
    return sessions.flatMap(({ jobs, finished }) => [...jobs, ...finished]);
  }

  /** A job, undefined as long as its request waits in the inbox; one that is nowhere is lost. */
  private async find(id: string): Promise<Job | undefined> {
    const request = path.join(this.courier.layout.inbox, `${id}.json`);
    const look = async () => {
      const waits = await fs.lstat(request).then(
        () => true,
        () => false,
      );
      const job = await this.courier.job(id);
      return (waits || job !== undefined) && { job };
    };
    const { job } = await waitFor(look, { timeout: limit, what: () => `${id}, which is lost\n${this.told()}` });
    return job;
  }

  /** What a person does for sessions that don't come back by themselves. */
  private async mend(): Promise<undefined> {
    const { layout, user } = this.courier;
    const { sessions } = await readSnapshot(layout, user, systemClock, { historyLimit: 0 });
    for (const { metadata } of sessions)
      if (metadata.state === 'error') await this.ask({ action: 'recover_session', session_id: metadata.session_id });
  }

  /** The lines that the agents took. */
  private async recorded(): Promise<string[]> {
    const text = await fs.readFile(this.record, 'utf8').catch(() => '');
    const whole = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean);
    return whole
      .map((line) => JSON.parse(line))
      .flatMap(({ event, line }) => (event === 'taken' ? [line as string] : []));
  }

  private told(): string {
    return this.courier.logs
      .map((log) => `-- ${log()}`)
      .join('\n')
      .slice(-8000);
  }
}
