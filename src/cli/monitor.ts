import type { Command } from 'commander';
import type { RunnerHost } from '../core/runner/runnerHost';
import { readSnapshot } from '../core/store/snapshot';
import { type Context, type FolderOptions, openContext, unreadRequests, withFolder } from './context';
import { exitCodes } from './exitCodes';
import { onInterrupt } from './interrupt';
import { createRunner } from './runnerKeeper';
import { stderrLog } from './stderrLog';

/** `courier monitor`: the runner, in the foreground. */
export function registerMonitor(program: Command): void {
  const command = program
    .command('monitor')
    .description("run the folder's jobs until ended; stands by while another runner is alive; logs to stderr")
    .option('--once', 'end when no job is live');
  withFolder(command).action(async (options: FolderOptions & { once?: boolean }) => {
    const context = await openContext(options);
    const log = stderrLog({ errorsOnly: false });
    const interrupted = onInterrupt();
    const host = await createRunner(context, 'background', log);
    if ((await host.start()) === 'standby') log.info('another runner is alive; standing by');
    const idle = options.once ? becomesIdle(context, host) : new Promise<never>(() => {});
    // An interrupt is how a monitor is meant to end, unless it was to end by itself.
    const code = await Promise.race([
      idle.then(() => exitCodes.done),
      interrupted.then((code) => (options.once ? code : exitCodes.done)),
    ]);
    await host.stop();
    process.exitCode = code;
  });
}

/** Resolves when no job is live and no request unread, whoever runs them. */
function becomesIdle(context: Context, host: RunnerHost): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => void (host.idle && resolve());
    host.onDidBecomeIdle(look);
    look();
    // Another process's jobs are known from the files alone.
    const lookElsewhere = async () => host.role === 'standby' && (await nothingLive(context)) && resolve();
    context.clock.every(500, () => void lookElsewhere().catch(reject));
  });
}

async function nothingLive({ layout, user, clock }: Context): Promise<boolean> {
  if ((await unreadRequests(layout)).length > 0) return false;
  const { sessions } = await readSnapshot(layout, user, clock, { historyLimit: 20 });
  return sessions.every(({ jobs }) => jobs.every((job) => job.status === 'paused'));
}
