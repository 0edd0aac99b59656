import type { CleanItem } from '../core/clean/item';
import { planCleanUp } from '../core/clean/plan';
import { CourierClient } from '../core/client';
import { MonitorKeeper } from '../core/monitor/keepMonitor';
import { adoptFolder } from '../core/store/adopt';
import { openFolder } from '../core/store/folder';
import { FolderView, type FolderViewOptions } from '../core/store/folderView';
import type { Layout } from '../core/store/layout';
import type { Settings } from '../core/store/settings';
import { readTmuxSessions } from '../core/store/tmuxSessions';
import type { UserState } from '../core/store/userState';
import type { Clock } from '../core/support/clock';
import type { LogChannel } from './logChannel';
import { MonitorHost, type RunnerSource, WindowRunner } from './monitorHost';

/** What the parts of a folder are made from. */
export interface PartsInput {
  layout: Layout;
  settings: Settings;
  user: UserState;
  clock: Clock;
  log: LogChannel;
  programVersion: string;
  distDir: string;
}

/** What a folder is more than its last picture: its files as they are now, and the way to its runner. */
export class FolderParts {
  readonly view: FolderView;
  readonly client: CourierClient;
  readonly monitor: MonitorKeeper;
  readonly runner: RunnerSource;

  constructor(
    private readonly input: PartsInput,
    options: FolderViewOptions,
  ) {
    const { layout, user, clock, settings } = input;
    this.view = new FolderView(layout, user, clock, options);
    this.client = new CourierClient(layout, user, clock);
    const background = settings.monitor === 'background';
    this.monitor = new MonitorKeeper({ ...input, startedBy: background ? 'setting' : 'person' });
    this.runner = background ? new MonitorHost(this.monitor) : new WindowRunner({ ...input, kind: 'window' });
  }

  /** Makes the folder when it's absent; throws for one that came from elsewhere. */
  async open(): Promise<void> {
    const { layout, user, clock } = this.input;
    await openFolder(layout, user, clock);
  }

  /** Makes a folder that came from elsewhere this machine's own. */
  async adopt(): Promise<void> {
    const { layout, user, clock } = this.input;
    await adoptFolder(layout, user, clock);
  }

  /** What can be cleaned up; reads only. Nothing in a folder that is not our own. */
  async planCleanUp(): Promise<CleanItem[]> {
    const standing = this.view.snapshot?.standing;
    if (standing?.kind !== 'own') return [];
    const { layout, settings, user, clock } = this.input;
    const folder = user.folder(standing.registration.folder_id);
    return planCleanUp({ layout, folder, settings, clock, tmux: await readTmuxSessions(folder) });
  }
}
