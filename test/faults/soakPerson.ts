import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from '../../src/core/model/job';
import { readSnapshot } from '../../src/core/store/snapshot';
import { namesIn } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import type { SeededRandom } from '../support/seededRandom';
import type { TestCourier } from '../support/testCourier';
import type { PlannedJob, SoakSize } from './soakPlan';

/** The person of a soak: sends, cancels, allows what agents ask for, and recovers sessions that ask for it. */
export class Person {
  /** What was sent, by job id. */
  readonly sent = new Map<string, PlannedJob>();
  /** Whether all that is to be sent was. */
  sentAll = false;
  readonly askedToCancel = new Set<string>();
  /** The ids of sessions, as often as their recovery was asked for. */
  readonly recovered: string[] = [];
  private readonly under = new Map<string, Promise<void>>();
  private over = false;

  constructor(
    private readonly courier: TestCourier,
    private readonly random: SeededRandom,
    private readonly size: SoakSize,
  ) {}

  get newest(): string | undefined {
    return [...this.sent.keys()].at(-1);
  }

  /** Sends all jobs, never more than so many ahead of those that have ended. */
  async send(plan: readonly PlannedJob[]): Promise<void> {
    for (const planned of plan) {
      while (!this.over && (await this.live()) >= this.size.ahead) await delay(200);
      if (this.over) return;
      const { session, mode, prompt, cancelled } = planned;
      const id = await this.courier.send(prompt, { session_id: session, mode, type: planned.kind });
      this.sent.set(id, planned);
      if (cancelled) this.once(`cancel ${id}`, () => this.cancel(id));
    }
    this.sentAll = true;
  }

  /** Looks again and again for what a person is needed for, until `end`. */
  async attend(): Promise<void> {
    const { layout, user } = this.courier;
    while (!this.over) {
      const { sessions } = await readSnapshot(layout, user, systemClock, { historyLimit: 0 });
      for (const { metadata, jobs } of sessions) {
        const { session_id, state } = metadata;
        if (state === 'error') this.once(`recover ${session_id}`, () => this.recover(session_id));
        for (const job of jobs)
          if (job.waiting?.kind === 'permission') this.once(`allow ${job.job_id}`, () => this.allow(job));
      }
      await delay(300);
    }
  }

  /** Resolves when nothing of what this person began is under way. */
  async end(): Promise<void> {
    this.over = true;
    await Promise.all(this.under.values());
  }

  /** Jobs and requests that have not come to their end. */
  async live(): Promise<number> {
    const { layout, user, client } = this.courier;
    const { sessions } = await readSnapshot(layout, user, systemClock, { historyLimit: 0 });
    return sessions.reduce((sum, { jobs }) => sum + jobs.length, (await unread(client.layout.inbox)).length);
  }

  private once(what: string, act: () => Promise<unknown>): void {
    if (this.under.has(what)) return;
    const acting = act()
      .then(() => undefined)
      .finally(() => this.under.delete(what));
    this.under.set(what, acting);
  }

  private async cancel(id: string): Promise<void> {
    await delay(this.random.between(0, 3000));
    this.askedToCancel.add(id);
    await this.courier.client.request({ action: 'cancel', job_id: id });
  }

  private async recover(id: string): Promise<void> {
    this.recovered.push(id);
    await this.courier.client.request({ action: 'recover_session', session_id: id });
  }

  private async allow({ job_id, session_id, mode, waiting }: Job): Promise<void> {
    const target = mode === 'fresh' ? job_id : session_id;
    const choice = waiting!.choices[0]?.id;
    if (!choice) return;
    await this.courier.client.answer({ target, dialog_id: waiting!.dialog_id, choice }, 3000);
  }
}

async function unread(inbox: string): Promise<string[]> {
  return (await namesIn(inbox)).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
}
