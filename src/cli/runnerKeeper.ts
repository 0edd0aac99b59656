import * as path from 'node:path';
import { type RunnerKind, readRunner } from '../core/runner/claims';
import type { RunnerHost } from '../core/runner/runnerHost';
import { openFolder } from '../core/store/folder';
import { Emitter } from '../core/support/events';
import type { Log } from '../core/support/log';
import type { Context } from './context';
import { stderrLog } from './stderrLog';
import { version } from './version';

/** A runner in this process, not started yet. What it needs is loaded only now: most commands need none. */
export async function createRunner(context: Context, kind: RunnerKind, log: Log): Promise<RunnerHost> {
  const { RunnerHost } = await import('../core/runner/runnerHost');
  // For the entry (src/courier.ts): what is compiled in this run is worth more than in others.
  (globalThis as { courierRunnerLoaded?: boolean }).courierRunnerLoaded = true;
  const { layout, user, settings, clock } = context;
  return new RunnerHost({
    layout,
    user,
    settings,
    kind,
    programVersion: version,
    distDir: path.resolve(__dirname),
    clock,
    log,
  });
}

/** Sees to it that some runner is alive while a command waits: the folder's own, or else one in this process. */
export class RunnerKeeper {
  private own: Promise<RunnerHost> | undefined;
  private stopped = false;
  private readonly worked = new Emitter<void>();
  /** Fires when the runner in this process, if there is one, has done something. */
  readonly onDidWork = this.worked.event;

  constructor(private readonly context: Context) {}

  /** Starts a runner here when none is alive; one that is started stays until `stop`. */
  async ensure(): Promise<void> {
    if (this.own) return void (await this.own);
    const { layout, user, clock } = this.context;
    const { folder_id } = await openFolder(layout, user, clock);
    if ((await readRunner(user.folder(folder_id), clock)) || this.stopped) return;
    this.own ??= this.start();
    await this.own;
  }

  private async start(): Promise<RunnerHost> {
    const host = await createRunner(this.context, 'cli', stderrLog({ errorsOnly: true }));
    host.onDidWork(() => this.worked.fire());
    await host.start();
    return host;
  }

  /** Whether the runner is in this process, so that `onDidWork` says all that happens. */
  get isHere(): boolean {
    return this.own !== undefined;
  }

  /** Stops the runner that was started here, if one was. Its agents stay alive in tmux. */
  async stop(): Promise<void> {
    this.stopped = true;
    const host = await this.own?.catch(() => undefined);
    this.own = undefined;
    await host?.stop();
  }
}

/** Does `work` while some runner is alive. */
export async function whileRunning<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const keeper = new RunnerKeeper(context);
  try {
    await keeper.ensure();
    return await work();
  } finally {
    await keeper.stop();
  }
}
