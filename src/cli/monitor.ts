import * as path from 'node:path';
import { type Command, Option } from 'commander';
import { readMonitor } from '../core/monitor/post';
import type { MonitorMessage } from '../core/monitor/startMonitor';
import type { RunnerHost } from '../core/runner/runnerHost';
import { folderStanding } from '../core/store/folder';
import { readSnapshot } from '../core/store/snapshot';
import { messageOf } from '../core/support/errors';
import { type Context, type FolderOptions, openContext, unreadRequests, withFolder } from './context';
import { exitCodes, usageError } from './exitCodes';
import { onInterrupt } from './interrupt';
import { commandFor, note, print, printJson } from './print';
import { createRunner } from './runnerKeeper';
import { stderrLog } from './stderrLog';
import { version } from './version';

interface MonitorCommandOptions extends FolderOptions {
  once?: boolean;
  start?: boolean;
  stop?: boolean;
  restart?: boolean;
  status?: boolean;
  bySetting?: boolean;
}

/** `courier monitor`: the runner that needs no window, in the foreground or as a process of its own. */
export function registerMonitor(program: Command): void {
  const command = program
    .command('monitor')
    .description("run the folder's jobs until ended; stands by while another runner is alive; logs to stderr")
    .option('--once', 'end when no job is live')
    .option('--start', 'start it in the background, or find the one that runs')
    .option('--stop', 'stop the one that runs; jobs and agents stay as they are')
    .option('--restart', 'stop it, and start it in the background')
    .option('--status', 'say whether it runs; exits with 1 when it does not')
    .addOption(new Option('--by-setting').hideHelp());
  withFolder(command, { json: true }).action(async (options: MonitorCommandOptions) => {
    const asked = (['once', 'start', 'stop', 'restart', 'status'] as const).filter((name) => options[name]);
    if (asked.length > 1) throw usageError(`--${asked[0]} and --${asked[1]} can't be used together.`);
    const context = await openContext(options);
    if (options.once) await runOnce(context);
    else if (options.status) await status(context, options);
    else if (asked.length === 0) await runInForeground(context, options);
    else await control(context, options);
  });
}

/** Has the folder's monitor run in the background; says so on stderr. Loaded only when it is needed. */
export async function startInBackground(context: Context): Promise<void> {
  const { startMonitor } = await import('../core/monitor/startMonitor');
  const { layout, user, clock, settings } = context;
  const startedBy = settings.monitor === 'background' ? 'setting' : 'person';
  const programs = { programVersion: version, distDir: path.resolve(__dirname) };
  const { started, pid, host, program_version } = await startMonitor({ layout, user, clock, startedBy, ...programs });
  const where = `process ${pid} on ${host}, version ${program_version}`;
  note(started ? `The monitor runs: ${where}.` : `A monitor runs already: ${where}.`);
}

async function control(context: Context, options: MonitorCommandOptions): Promise<void> {
  if (options.stop || options.restart) {
    const { stopMonitor } = await import('../core/monitor/stopMonitor');
    const ended = await stopMonitor(context.layout, context.user, context.clock);
    if (ended) note(`The monitor is stopped (process ${ended.process.pid}). Jobs and agents stay as they are.`);
    else if (options.stop) note('No monitor ran.');
  }
  if (options.start || options.restart) await startInBackground(context);
}

async function status(context: Context, options: MonitorCommandOptions): Promise<void> {
  const { layout, user, clock } = context;
  const standing = await folderStanding(layout, user);
  const found =
    standing.kind === 'own'
      ? await readMonitor(user.folder(standing.registration.folder_id), clock)
      : { kind: 'none' as const };
  const monitor = 'monitor' in found ? found.monitor : undefined;
  if (options.json) {
    const { process: owner, program_version, started_at } = monitor ?? {};
    const about = monitor && { pid: owner?.pid, host: owner?.host, program_version, started_at };
    printJson({ version: '1.0', state: found.kind, ...about });
  } else {
    const who = monitor && `process ${monitor.process.pid} on ${monitor.process.host}`;
    const start = `  ${commandFor(context, 'monitor', '--start')}    starts one`;
    if (found.kind === 'running')
      print(`${who}, version ${found.monitor.program_version}, since ${found.monitor.started_at}`);
    else if (found.kind === 'silent')
      print(`${who} has not been heard for a while; it hangs, or its machine sleeps\n${start}`);
    else if (found.kind === 'dead') print(`none: ${who} has ended without being asked\n${start}`);
    else if (found.kind === 'stopped') print(`none: stopped by a person at ${found.stopped_at}\n${start}`);
    else print(`none\n${start}`);
  }
  process.exitCode = found.kind === 'running' ? exitCodes.done : exitCodes.failed;
}

/** Is the folder's monitor, or stands by for its place, until a signal, `--stop`, or a newer one ends it: that is how it is meant to end. */
async function runInForeground(context: Context, options: MonitorCommandOptions): Promise<void> {
  const log = stderrLog({ errorsOnly: false });
  const asked = onInterrupt();
  const { runMonitor } = await import('../core/monitor/runMonitor');
  const end = await runMonitor({
    ...context,
    log,
    asked,
    programVersion: version,
    startedBy: options.bySetting ? 'setting' : 'person',
    // Where it was started in the background, another one is enough; a person or a unit that runs it here keeps it.
    waits: !process.connected,
    createHost: (settings) => createRunner({ ...context, settings }, 'background', log),
    onReady: () => void tellStarter({ kind: 'ready' }),
  }).catch(async (error: unknown) => {
    await tellStarter({ kind: 'failed', message: messageOf(error) });
    throw error;
  });
  if (end.kind !== 'held') return;
  const { process: owner, program_version } = end.by;
  await tellStarter({ kind: 'held', pid: owner.pid, host: owner.host, program_version });
}

/** Tells the process that started this one in the background how that went, once; that process may have ended meanwhile. */
async function tellStarter(message: MonitorMessage): Promise<void> {
  if (!process.connected) return;
  await new Promise<void>((resolve) => process.send?.(message, () => resolve()));
  process.disconnect?.();
}

/** Runs jobs until none is live; the place of the folder's monitor stays as it is. */
async function runOnce(context: Context): Promise<void> {
  const log = stderrLog({ errorsOnly: false });
  const interrupted = onInterrupt();
  const host = await createRunner(context, 'background', log);
  if ((await host.start()) === 'standby') log.info('another runner is alive; standing by');
  const code = await Promise.race([becomesIdle(context, host).then(() => exitCodes.done), interrupted]);
  await host.stop();
  process.exitCode = code;
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
