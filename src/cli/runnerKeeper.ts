import * as path from 'node:path';
import { type RunnerKind, readRunner } from '../core/runner/claims';
import type { RunnerHost } from '../core/runner/runnerHost';
import { bySightings, byWallClock, type Silence } from '../core/runner/silence';
import { openFolder } from '../core/store/folder';
import { Emitter } from '../core/support/events';
import type { Log } from '../core/support/log';
import type { Context } from './context';
import { stderrLog } from './stderrLog';
import { version } from './version';

/** A runner in this process, not started yet. What it needs is loaded only now: most commands need none. */
export async function createRunner(
  context: Context,
  kind: RunnerKind,
  log: Log,
  startsNoJobs = false,
): Promise<RunnerHost> {
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
    startsNoJobs,
  });
}

/** Sees to it that some runner is alive while a command waits: the folder's own, or else one in this process. */
export class RunnerKeeper {
  private own: Promise<RunnerHost> | undefined;
  private stopped = false;
  private readonly worked = new Emitter<void>();
  /** Fires when the runner in this process, if there is one, has done something. */
  readonly onDidWork = this.worked.event;

  /** A keeper stays long enough to see a silence that a wall clock which was set back would hide. */
  private readonly silence: Silence;

  constructor(
    private readonly context: Context,
    private readonly startsNoJobs = false,
  ) {
    const judges = [byWallClock(context.clock), bySightings(context.clock)];
    this.silence = (...beat) => judges.map((judge) => judge(...beat)).includes(true);
  }

  /** Starts a runner here when none is alive; one that is started stays until `stop`. */
  async ensure(): Promise<void> {
    if (this.own) return void (await this.own);
    const { layout, user, clock } = this.context;
    const { folder_id } = await openFolder(layout, user, clock);
    if ((await readRunner(user.folder(folder_id), clock, this.silence)) || this.stopped) return;
    this.own ??= this.start();
    await this.own;
  }

  private async start(): Promise<RunnerHost> {
    const host = await createRunner(this.context, 'cli', stderrLog({ errorsOnly: true }), this.startsNoJobs);
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

/** Does `work` while some runner is alive. One that is started for it starts no job, which the work may be about. */
export async function whileRunning<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const keeper = new RunnerKeeper(context, true);
  try {
    await keeper.ensure();
    return await work();
  } finally {
    await keeper.stop();
  }
}
