import * as vscode from 'vscode';
import { commands } from './contributions';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { showInformation } from './messages';
import { registerCommand } from './notifications';
import type { SessionPicker } from './sessionPicker';

/** What the monitor commands need. */
export interface MonitorServices {
  log: LogChannel;
  folders: FolderService;
  picker: SessionPicker;
}

/** Registers Start, Stop and Restart Monitor. */
export function registerMonitorCommands({ log, folders, picker }: MonitorServices): vscode.Disposable {
  /** With several folders, the one whose monitor is missing, else the one that is chosen. */
  const choose = async (): Promise<CourierFolder | undefined> => {
    const missing = folders.all.filter((folder) => folder.runnerProblem !== undefined);
    return missing.length === 1 ? missing[0] : picker.pickFolder();
  };
  return vscode.Disposable.from(
    registerCommand(log, commands.startMonitor, async () => {
      const folder = await choose();
      if (folder) await start(folder);
    }),
    registerCommand(log, commands.stopMonitor, async () => {
      const folder = await picker.pickFolder();
      if (!folder) return;
      const ran = await folder.monitor.stop();
      tell(ran ? t('The monitor is stopped. Jobs and agents stay as they are.') : t('No monitor ran.'));
    }),
    registerCommand(log, commands.restartMonitor, async () => {
      const folder = await picker.pickFolder();
      if (!folder) return;
      await folder.monitor.stop();
      await start(folder);
    }),
  );
}

async function start(folder: CourierFolder): Promise<void> {
  const { started, pid } = await folder.monitor.start();
  tell(started ? t('The monitor runs (process {0}).', pid) : t('A monitor runs already (process {0}).', pid));
}

function tell(message: string): void {
  void showInformation(message);
}
