import type { ManagedSession } from '../sessions/managedSession';
import { isoTime } from '../support/clock';
import type { Disposable } from '../support/disposables';
import { messageOf } from '../support/errors';
import type { RequestContext } from './context';

/** Within how many milliseconds tries are counted. */
const window = 15 * 60_000;

/** What is under way for a session that is lost or couldn't be started. */
type Plan = { timer?: Disposable };

/** Starts lost sessions again by itself: after a pause that grows, and only so often within 15 minutes; then a person is asked. */
export class AutoRecovery implements Disposable {
  private readonly plans = new Map<ManagedSession, Plan>();

  constructor(private readonly context: RequestContext) {}

  private get delays(): number[] {
    const { auto_recover, recover_delays_s } = this.context.settings;
    return auto_recover ? recover_delays_s : [];
  }

  /** What will become of a session that is lost now, as the end of a sentence. */
  prospect(session: ManagedSession): string {
    const delay = this.delays[this.tries(session).length];
    return delay === undefined ? 'the next job starts it again' : `it is started again in ${delay} s`;
  }

  /** Notes that a session which was lost, or couldn't be started, is started again now, whoever asked for it. */
  noteTry(session: ManagedSession): void {
    session.setRecoveries([...this.tries(session), isoTime(this.context.clock.now())]);
  }

  /** Plans what is to be done for each session that needs it; does nothing for one that is planned for already. */
  look(): void {
    for (const session of this.plans.keys()) if (!this.isThere(session)) this.drop(session);
    for (const session of this.context.sessions.values()) {
      const { state } = session.metadata;
      const down = (state === 'lost' || state === 'error') && !session.starting;
      const needed = down && this.delays.length > 0 && !this.context.draining;
      if (!needed) this.drop(session);
      else if (!this.plans.has(session)) this.plans.set(session, this.plan(session));
    }
  }

  private plan(session: ManagedSession): Plan {
    const delay = this.delays[this.tries(session).length];
    if (delay === undefined) {
      this.giveUp(session);
      return {};
    }
    const timer = this.context.clock.after(delay * 1000, () => {
      this.plans.delete(session);
      if (!this.isThere(session)) return;
      this.context
        .ensureStarted(session)
        .catch((error) => this.context.log.debug(`${session.id}: started again in vain: ${messageOf(error)}`));
    });
    return { timer };
  }

  private giveUp(session: ManagedSession): void {
    const { action, reason, error = reason ?? 'it was lost' } = session.judged;
    const why = error.replace(/\.$/, '');
    const message = `It was started again ${this.delays.length} times in 15 minutes and did not stay; the last time: ${why}. Its prompts, answers and conversation are kept, and what it showed is in its logs folder. Mend what it says there, then recover it: "courier recover ${session.id}", or Recover Session in VS Code.`;
    session.moveTo('error', { message }, { error, action, reason });
  }

  private isThere(session: ManagedSession): boolean {
    return this.context.sessions.get(session.id) === session;
  }

  /** The tries that still count. */
  private tries(session: ManagedSession): string[] {
    const since = this.context.clock.now() - window;
    return (session.judged.recoveries ?? []).filter((time) => Date.parse(time) > since);
  }

  private drop(session: ManagedSession): void {
    this.plans.get(session)?.timer?.dispose();
    this.plans.delete(session);
  }

  dispose(): void {
    for (const session of [...this.plans.keys()]) this.drop(session);
  }
}
