import type { AgentPane } from '../sessions/agentPane';
import type { PaneSet } from '../sessions/paneSet';
import type { Clock } from '../support/clock';
import { type Disposable, DisposableStore } from '../support/disposables';
import { describeForLog } from '../support/errors';
import type { Log } from '../support/log';
import { isGone } from '../support/processIdentity';
import { Turns } from '../support/turns';
import { type TmuxClient, TmuxError } from '../tmux/client';
import { listPanes, type Pane, waitForEvent } from '../tmux/commands';

export interface PaneWatchOptions {
  tmux: TmuxClient;
  panes: PaneSet;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** The panes on whose program something waits. */
  inUse(): ReadonlySet<AgentPane>;
  /** Called after each list of panes. */
  onSeen(): void;
  /** Called with each list of panes. */
  onList(list: readonly Pane[]): void;
}

/**
 * How often processes are looked at, in milliseconds: one small read of /proc each, and no call of tmux. Those that nothing
 * waits on have their turn less often, so that the end of one is still seen within a second, and while there are no others
 * nothing is done in between: to wake up five times a second costs as much as the looks themselves.
 */
const usedEvery = 200;
const idleEvery = 750;

/** How many of those that nothing waits on are looked at each time. */
const idleAtOnce = 15;

/**
 * Sees ended programs and a dead server at once: one tmux client waits on the channel that the server's own hooks
 * signal, and ends with the server. One list then answers for all panes. Of about every third program that ends, tmux
 * 3.3a misses the SIGCHLD and gives no event (measured): such an end is seen by the process.
 */
export class PaneWatch implements Disposable {
  private waiting = false;
  private kicked = false;
  private readonly own = new DisposableStore();
  private timer: Disposable | undefined;
  private quick = false;
  private idleSeen: number;
  private readonly turns = new Turns(idleAtOnce);

  constructor(private readonly options: PaneWatchOptions) {
    this.idleSeen = options.clock.monotonic();
    this.own.add(options.panes.onDidAdd(() => this.hurry()));
    this.plan();
  }

  /** Sees to it that the processes are looked at soon, if something may wait on one of them. */
  hurry(): void {
    if (!this.quick && this.options.inUse().size > 0) this.plan();
  }

  private plan(): void {
    this.timer?.dispose();
    if (this.options.signal.aborted) return;
    this.quick = this.options.inUse().size > 0;
    this.timer = this.options.clock.after(this.quick ? usedEvery : idleEvery, () => {
      this.lookAtProcesses()
        .catch((error) => this.options.log.debug(`watching processes: ${describeForLog(error)}`))
        .finally(() => this.plan());
    });
  }

  /** Begins to wait, or sees to it that the wait which is just ending is not the last. To be called when a server has been started, and now and then. */
  kick(): void {
    if (this.options.signal.aborted) return;
    this.kicked = this.waiting;
    if (this.waiting) return;
    this.waiting = true;
    this.wait()
      .catch((error) => this.options.log.debug(`watching tmux: ${describeForLog(error)}`))
      .finally(() => {
        this.waiting = false;
        if (this.kicked) this.kick();
      });
  }

  /** Lists the panes once, and tells each what became of it. Returns the list. */
  async look(): Promise<readonly Pane[]> {
    const { tmux, panes, onSeen, onList } = this.options;
    // A pane that is made while the list is on its way isn't in it, and lives all the same.
    const known = [...panes];
    const list = (await tmux.callIfServer(listPanes())) ?? [];
    for (const pane of known) pane.see(list);
    onList(list);
    onSeen();
    return list;
  }

  private async lookAtProcesses(): Promise<void> {
    const used = this.options.inUse();
    const now = this.options.clock.monotonic();
    const due = !this.quick || now - this.idleSeen >= idleEvery;
    if (due) this.idleSeen = now;
    const idle = due ? this.turns.next([...this.options.panes].filter((pane) => !used.has(pane))) : [];
    const gone: AgentPane[] = [];
    for (const pane of [...used, ...idle])
      if (!pane.ended && pane.program && (await isGone(await pane.program))) gone.push(pane);
    if (gone.length === 0) return;
    await this.look();
    // A child that outlives the program can hold its terminal open, and tmux takes the pane for alive then.
    for (const pane of gone) pane.noteGone();
    this.options.onSeen();
  }

  dispose(): void {
    this.own.dispose();
    this.timer?.dispose();
  }

  private async wait(): Promise<void> {
    const { tmux, signal } = this.options;
    while (!signal.aborted) {
      try {
        await tmux.call(waitForEvent(), { timeoutMs: 0, signal });
      } catch (error) {
        if (signal.aborted) return;
        await this.look();
        // No server is left to wait for; the next start kicks.
        if (error instanceof TmuxError) return;
        throw error;
      }
      await this.look();
    }
  }
}
