import { Turns } from '../support/turns';
import { panesInUse } from './atRest';
import type { RequestContext } from './context';
import { EndFinished } from './endFinished';
import type { IdleFollower } from './idleFollower';
import type { PaneWatch } from './paneWatch';
import type { ServerNotes } from './serverNotes';

/** Of how many sessions the files and idle panes are looked at in one slow look: the others wait for their turn. */
const checkedAtOnce = 4;

/** For so many panes of idle sessions, each slow look lists them all; for twice as many every second one does. */
const listedAtOnce = 20;

/** What a slow look uses; `sweep` removes old files, once. */
interface SlowLookParts {
  paneWatch: PaneWatch;
  serverNotes: ServerNotes;
  follower: IdleFollower;
  sweep: () => Promise<void>;
}

/** The slow look at everything, for events that were lost. What it costs does not grow with the number of idle sessions. */
export class SlowLook {
  private unlisted = 0;
  private readonly fileTurns = new Turns(checkedAtOnce);
  private readonly idleTurns = new Turns(checkedAtOnce);
  private readonly endFinished: EndFinished;
  private sweeping: Promise<void> | undefined;

  constructor(
    private readonly context: RequestContext,
    private readonly parts: SlowLookParts,
  ) {
    this.endFinished = new EndFinished(context);
  }

  /** Looks at state files and panes. */
  async look(): Promise<void> {
    const { paneWatch, serverNotes, follower } = this.parts;
    // Beside the rounds: ten thousand replies take more than half a second, for which requests would wait.
    this.sweeping ??= this.sweep();
    await this.checkFiles();
    const live = [...this.context.panes].filter((pane) => !pane.ended);
    const known = live.length > 0 || serverNotes.anySession;
    if (known || this.context.tmux.hasSocket) paneWatch.kick();
    if (!known) return;
    const used = panesInUse(this.context);
    const looks = used.size > 0 || this.unlisted + listedAtOnce >= live.length;
    this.unlisted = looks ? 0 : this.unlisted + listedAtOnce;
    const list = looks ? await paneWatch.look() : [];
    const idle = this.idleTurns.next(live.filter((pane) => !used.has(pane)));
    for (const pane of [...used, ...idle]) await pane.readReceipts();
    if (looks) await follower.lookAtChanged();
    await this.endFinished.look(list);
  }

  /** Resolves when nothing is being removed any more. */
  async swept(): Promise<void> {
    await this.sweeping;
  }

  private async sweep(): Promise<void> {
    try {
      await this.parts.sweep();
    } catch (error) {
      this.context.log.warn(`old files could not be removed: ${error}`);
    }
  }

  /** What a superseded runner, or anybody else, wrote over this one's files is written over again. */
  private async checkFiles(): Promise<void> {
    const { sessions, log } = this.context;
    const checks = this.fileTurns.next([...sessions.values()]).map((session) => session.checkFiles());
    for (const check of await Promise.allSettled(checks))
      if (check.status === 'rejected') log.debug(`a state file could not be checked: ${check.reason}`);
  }
}
