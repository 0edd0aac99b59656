import type { MonitorKeeper, MonitorState } from '../core/monitor/keepMonitor';
import { retireMonitor } from '../core/monitor/stopMonitor';
import type { RunnerHost, RunnerOptions } from '../core/runner/runnerHost';
import { messageOf } from '../core/support/errors';
import { Emitter, type Event } from '../core/support/events';
import type { LogChannel } from './logChannel';
import { reportError } from './notifications';

/** What sees to it that a folder's jobs are run: this window, or a monitor beside it. */
export interface RunnerSource {
  /** Why nobody runs the folder's jobs, as a sentence; undefined when all is well, or not known yet. */
  readonly problem: string | undefined;
  readonly onDidChange: Event<unknown>;
  /** Begins, once; what failed is tried again with the next call. The folder must be this machine's own. */
  keep(): void;
  /** Lets go of the folder; the agents stay alive in tmux. */
  stop(): Promise<void>;
}

/** The runner in this window; it stands by while another process is the runner. */
export class WindowRunner implements RunnerSource {
  private readonly changed = new Emitter<void>();
  private host: Promise<RunnerHost> | undefined;
  private toldProblem: string | undefined;
  private stopped = false;
  readonly problem = undefined;
  readonly onDidChange = this.changed.event;

  constructor(private readonly options: RunnerOptions & { log: LogChannel }) {}

  keep(): void {
    if (this.host || this.stopped) return;
    const { log } = this.options;
    this.host = this.start();
    this.host.catch((error) => {
      this.host = undefined;
      if (this.stopped || messageOf(error) === this.toldProblem) return;
      this.toldProblem = messageOf(error);
      void reportError(log, error);
    });
  }

  private async start(): Promise<RunnerHost> {
    const { layout, user, clock, log } = this.options;
    // A bundle of its own, which activation doesn't wait for: see esbuild.js.
    const { RunnerHost } = await import('../core/runner/runnerHost');
    const host = new RunnerHost(this.options);
    const role = await host.start();
    log.info(`${layout.root}: ${role === 'owner' ? 'this window runs its jobs' : 'another process runs its jobs'}`);
    // Standing by already, so that the folder changes hands without a gap.
    await retireMonitor(layout, user, clock).catch((error) => log.warn(`${layout.root}: ${messageOf(error)}`));
    return host;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    const host = await this.host?.catch(() => undefined);
    await host?.stop();
  }
}

/** The folder's monitor, which this window starts and which outlives it. */
export class MonitorHost implements RunnerSource {
  readonly onDidChange: Event<MonitorState>;

  constructor(private readonly keeper: MonitorKeeper) {
    this.onDidChange = keeper.onDidChange;
  }

  get problem(): string | undefined {
    return this.keeper.state.kind === 'missing' ? this.keeper.state.why : undefined;
  }

  keep(): void {
    this.keeper.keep();
  }

  stop(): Promise<void> {
    return this.keeper.end();
  }
}
