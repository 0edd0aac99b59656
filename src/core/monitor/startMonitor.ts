import * as os from 'node:os';
import * as v from 'valibot';
import { openFolder } from '../store/folder';
import type { Layout } from '../store/layout';
import { installRuntime, Runtime } from '../store/runtime';
import type { UserState } from '../store/userState';
import type { Clock } from '../support/clock';
import { CourierError, messageOf } from '../support/errors';
import { cleanEnvironment, startDetached } from '../support/process';
import { openLog } from './monitorLog';
import { isOlder, type MonitorRecord, readMonitor } from './post';

/** What is needed to start a folder's monitor. */
export interface StartOptions {
  layout: Layout;
  user: UserState;
  clock: Clock;
  programVersion: string;
  /** Where this program's own files are; the monitor runs copies of them. */
  distDir: string;
  startedBy: MonitorRecord['started_by'];
}

/** A monitor that runs; `started` is false when there was one already. `pid` is a number of `host`. */
export interface StartedMonitor {
  started: boolean;
  pid: number;
  host: string;
  program_version: string;
}

/** How long a monitor may take until it works or stands by, in milliseconds: an upper bound. */
const startLimit = 60_000;

/** What a monitor tells the process that started it, once. */
export const MonitorMessage = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('failed'), message: v.string() }),
  v.object({ kind: v.literal('held'), pid: v.number(), host: v.string(), program_version: v.string() }),
]);
export type MonitorMessage = v.InferOutput<typeof MonitorMessage>;

/**
 * Starts a folder's monitor as a process that outlives this one, or finds the one that runs. One of an older version is
 * replaced: it ends between jobs. Throws `monitor_start` with the log's name when it doesn't begin.
 */
export async function startMonitor(options: StartOptions): Promise<StartedMonitor> {
  const { layout, user, clock, programVersion, distDir } = options;
  const { folder_id } = await openFolder(layout, user, clock);
  const found = await readMonitor(user.folder(folder_id), clock);
  if (found.kind === 'running' && !isOlder(found.monitor.program_version, programVersion)) {
    const { process: owner, program_version } = found.monitor;
    return { started: false, pid: owner.pid, host: owner.host, program_version };
  }
  const runtime = new Runtime(user.runtime(programVersion));
  await installRuntime(runtime, distDir);
  return spawnMonitor(options, runtime);
}

async function spawnMonitor(
  { layout, programVersion, startedBy }: StartOptions,
  runtime: Runtime,
): Promise<StartedMonitor> {
  const args = [runtime.courier, 'monitor', '--dir', layout.workspace];
  if (startedBy === 'setting') args.push('--by-setting');
  const log = await openLog(layout.monitorLog);
  try {
    // VS Code's own program is Node only when told so.
    const env = { ...cleanEnvironment(), ...(process.versions.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}) };
    const child = await startDetached(process.execPath, args, { cwd: layout.workspace, env, outputFd: log.fd });
    const message = v.parse(MonitorMessage, await child.firstMessage(startLimit));
    if (message.kind === 'ready') {
      return { started: true, pid: child.pid, host: os.hostname(), program_version: programVersion };
    }
    if (message.kind === 'failed') throw new Error(message.message);
    const { kind, ...other } = message;
    return { started: false, ...other };
  } catch (error) {
    throw new CourierError(
      'monitor_start',
      `The monitor did not begin: ${messageOf(error)}\nJobs are kept and wait. ${layout.monitorLog} says more.`,
      { cause: error },
    );
  } finally {
    await log.close();
  }
}
