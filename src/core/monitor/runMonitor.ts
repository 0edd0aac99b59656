import * as fs from 'node:fs/promises';
import type { RunnerHost } from '../runner/runnerHost';
import { fileMarks, realPlace } from '../store/fileMarks';
import { folderStanding, openFolder } from '../store/folder';
import { readSettingsFor } from '../store/folderSettings';
import { writeJson } from '../store/jsonFile';
import type { Layout } from '../store/layout';
import type { Settings } from '../store/settings';
import type { FolderState, UserState } from '../store/userState';
import { type Clock, isoTime } from '../support/clock';
import { DisposableStore } from '../support/disposables';
import { isRefusedByDisk, messageOf } from '../support/errors';
import { Emitter } from '../support/events';
import type { Log } from '../support/log';
import { ownIdentity } from '../support/processIdentity';
import { Troubles } from '../support/troubles';
import { until } from '../support/until';
import { watchPaths } from '../support/watch';
import { OwnLog } from './monitorLog';
import { beatEvery, MonitorPost, type MonitorRecord } from './post';

export interface MonitorOptions {
  layout: Layout;
  user: UserState;
  settings: Settings;
  clock: Clock;
  log: Log;
  programVersion: string;
  startedBy: MonitorRecord['started_by'];
  /** Whether it runs beside another monitor, standing by, and takes the place when that is free; else it ends. */
  waits: boolean;
  /** A runner with these settings, not started yet. */
  createHost(settings: Settings): Promise<RunnerHost>;
  /** Resolves when the process is asked to end; agents and jobs are then left as they are, at once. */
  asked: Promise<unknown>;
  /** Called once, when this process is the monitor and its runner works or stands by. */
  onReady?(): void;
}

/** How a monitor ended: another one has the place; or it was asked to end, stopped, or replaced; or its folder is gone. */
export type MonitorEnd = { kind: 'held'; by: MonitorRecord } | { kind: 'asked' | 'stopped' | 'replaced' | 'gone' };

/** Why the runner of a monitor is let go. */
type Reason = Exclude<MonitorEnd['kind'], 'held'> | 'settings';

/** Is a folder's monitor until something ends it. It logs the reason. */
export async function runMonitor(options: MonitorOptions): Promise<MonitorEnd> {
  const { layout, user, log, waits } = options;
  const { folder_id } = await openFolder(layout, user, options.clock);
  const monitor = new Monitor(options, folder_id);
  try {
    const by = await monitor.take();
    if (by && !waits) return { kind: 'held', by };
    if (by) log.info(`the monitor is process ${by.process.pid} on ${by.process.host}; standing by`);
    return { kind: await monitor.run() };
  } finally {
    await monitor.end();
  }
}

class Monitor {
  private readonly own = new DisposableStore();
  private readonly noticed = this.own.add(new Emitter<void>());
  private readonly never = new AbortController();
  private readonly ownLog: OwnLog;
  private readonly folder: FolderState;
  private readonly post: MonitorPost;
  private readonly troubles: Troubles;
  private settings: Settings;
  private asked = false;
  private toldSettings = '';
  /** The marks with which the folder and the settings were found as they are. */
  private seen = '';

  constructor(
    private readonly options: MonitorOptions,
    private readonly folderId: string,
  ) {
    const { user, clock, programVersion, startedBy, log } = options;
    this.folder = user.folder(folderId);
    const about = { program_version: programVersion, started_by: startedBy };
    this.post = new MonitorPost(this.folder, clock, about, (message) => log.warn(message));
    this.settings = options.settings;
    this.troubles = new Troubles(log);
    this.ownLog = new OwnLog(options.layout.monitorLog);
  }

  /** Takes the place, if it is free; returns who has it instead. */
  async take(): Promise<MonitorRecord | undefined> {
    const by = await this.post.take();
    if (!by) await this.writePidFile();
    return by;
  }

  async run(): Promise<Exclude<MonitorEnd['kind'], 'held'>> {
    const { log, onReady } = this.options;
    this.watch();
    for (let first = true; ; first = false) {
      const host = await this.options.createHost(this.settings);
      try {
        await host.start();
        if (first) onReady?.();
        if (host.role === 'standby') log.info('another runner is alive; standing by');
        const reason = await this.reasonToLeave();
        log.info(words[reason]);
        // Somebody else has the place: jobs that run here end here, and no further one begins.
        if (reason === 'replaced') await Promise.race([host.drain(), this.reasonToEndAtOnce()]);
        if (reason !== 'settings') return reason;
        this.settings = await this.readSettings();
      } finally {
        await host.stop();
      }
    }
  }

  async end(): Promise<void> {
    this.never.abort();
    this.own.dispose();
    await this.post.leave();
    // Whose process the file names now is told by the user's own state alone.
    const holder = await this.post.holder();
    if (holder !== 'other' && holder !== 'newer') await fs.rm(this.options.layout.monitorPid, { force: true });
  }

  private watch(): void {
    const { clock, user, log } = this.options;
    const notice = () => this.noticed.fire();
    void this.options.asked.then(() => {
      this.asked = true;
      notice();
    });
    const files = [this.folder.monitor, user.config];
    const dirs = [this.folder.dir, user.root];
    const ignored = (file: string) => !files.includes(file) && !dirs.includes(file);
    const onError = (error: unknown) => log.warn(`watching who is the monitor: ${messageOf(error)}`);
    this.own.add(watchPaths(dirs, notice, { ignored, usePolling: this.settings.use_polling, onError }));
    this.own.add(clock.every(beatEvery, () => void this.beat()));
  }

  private async beat(): Promise<void> {
    try {
      await this.post.beat();
      await this.ownLog.rotate();
    } catch (error) {
      this.options.log.warn(`the monitor's beat: ${messageOf(error)}`);
    }
    this.noticed.fire();
  }

  private async reasonToLeave(): Promise<Reason> {
    return this.waitFor(async () => {
      if (this.asked) return 'asked';
      const holder = await this.post.holder();
      if (holder === 'stopped') return 'stopped';
      if (holder === 'newer' || (holder !== 'own' && !this.options.waits)) return 'replaced';
      if (holder !== 'own') await this.take();
      // Most looks come of this process's own beat.
      const marks = this.marks();
      if (marks === this.seen) return undefined;
      if (!(await this.isFolder())) return 'gone';
      if (JSON.stringify(await this.readSettings()) !== JSON.stringify(this.settings)) return 'settings';
      this.seen = marks;
      return undefined;
    });
  }

  /** What stands where the folder and the settings are; a file system that was mounted over one of them is seen by it, too. */
  private marks(): string {
    const { layout, user } = this.options;
    const files = [layout.root, layout.folderFile, this.folder.registration, user.config];
    return `${realPlace(layout.workspace)} ${fileMarks(files)}`;
  }

  /** Whether `.courier` is still the folder that this is the monitor of. */
  private async isFolder(): Promise<boolean> {
    const standing = await folderStanding(this.options.layout, this.options.user);
    return standing.kind === 'own' && standing.registration.folder_id === this.folderId;
  }

  private async reasonToEndAtOnce(): Promise<Reason> {
    return this.waitFor(async () => {
      if (this.asked) return 'asked';
      return (await this.post.holder()) === 'stopped' ? 'stopped' : undefined;
    });
  }

  private async waitFor(look: () => Promise<Reason | undefined>): Promise<Reason> {
    const steady = async () => {
      try {
        return await look();
      } catch (error) {
        // Files that can't be read for a while are no reason to leave the jobs; each beat looks again.
        if (!isRefusedByDisk(error)) throw error;
        this.troubles.failed('who is the monitor can not be found out, and this one stays', error);
        return undefined;
      }
    };
    const reason = await until(steady, {
      clock: this.options.clock,
      wake: this.noticed.event,
      signal: this.never.signal,
    });
    return reason!;
  }

  /** The user's settings now; those of before when they can't be read, which is said once. */
  private async readSettings(): Promise<Settings> {
    try {
      return await readSettingsFor(this.options.layout.workspace, this.options.user);
    } catch (error) {
      const message = messageOf(error);
      if (message !== this.toldSettings) this.options.log.warn(`${message} The old ones stay in use.`);
      this.toldSettings = message;
      return this.settings;
    }
  }

  /** For people, and for programs that show it: nothing of ours decides by it, since an agent could write any number there. */
  private async writePidFile(): Promise<void> {
    const { layout, programVersion, clock } = this.options;
    const { pid, host, start_time } = await ownIdentity();
    await writeJson(layout.monitorPid, {
      version: '1.0',
      pid,
      host,
      start_time: start_time ?? null,
      started_at: isoTime(clock.now()),
      program_version: programVersion,
    });
  }
}

const words: Record<Reason, string> = {
  asked: 'asked to end; jobs and agents stay as they are',
  stopped: 'stopped by a person; jobs and agents stay as they are',
  replaced: 'another monitor has taken this place; ending when no job runs here',
  gone: 'the folder is gone, or another one stands in its place; ending',
  settings: 'the settings have changed; beginning again with the new ones',
};
