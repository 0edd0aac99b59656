import type { PaneSet } from '../sessions/paneSet';
import { describeForLog } from '../support/errors';
import type { Log } from '../support/log';
import { type TmuxClient, TmuxError } from '../tmux/client';
import { listPanes, waitForEvent } from '../tmux/commands';

export interface PaneWatchOptions {
  tmux: TmuxClient;
  panes: PaneSet;
  log: Log;
  signal: AbortSignal;
  /** Called after each list of panes. */
  onSeen(): void;
}

/**
 * Sees ended programs and a dead server at once: one tmux client waits on the channel that the server's own hooks
 * signal, and ends with the server. One list then answers for all panes.
 */
export class PaneWatch {
  private waiting = false;

  constructor(private readonly options: PaneWatchOptions) {}

  /** Begins to wait; does nothing when it waits already. To be called when a server has been started, and now and then. */
  kick(): void {
    if (this.waiting || this.options.signal.aborted) return;
    this.waiting = true;
    this.wait()
      .catch((error) => this.options.log.debug(`watching tmux: ${describeForLog(error)}`))
      .finally(() => {
        this.waiting = false;
      });
  }

  /** Lists the panes once, and tells each what became of it. */
  async look(): Promise<void> {
    const { tmux, panes, onSeen } = this.options;
    // A pane that is made while the list is on its way isn't in it, and lives all the same.
    const known = [...panes];
    const list = (await tmux.callIfServer(listPanes())) ?? [];
    for (const pane of known) pane.see(list);
    onSeen();
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
