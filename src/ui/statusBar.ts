import * as vscode from 'vscode';
import { commands } from './contributions';
import { translated } from './coreWords';
import type { FolderService } from './folderService';
import { t } from './l10n';
import { isForeign } from './nodes';

/** Running, queued and waiting, in a few characters; a click shows the quick menu. */
export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('courier.status', vscode.StatusBarAlignment.Left, 10);
  private readonly listening: vscode.Disposable;

  constructor(private readonly folders: FolderService) {
    this.item.name = 'Tmux Courier';
    this.listening = vscode.Disposable.from(folders.onDidChange(() => this.update()));
  }

  private update(): void {
    if (this.showMissingMonitor()) return;
    this.item.command = commands.showMenu;
    const sessions = this.folders.all.filter((folder) => !isForeign(folder)).flatMap((folder) => folder.sessions);
    if (sessions.length === 0) {
      this.item.hide();
      return;
    }
    const jobs = sessions.flatMap((session) => session.jobs);
    const running = jobs.filter((job) => job.status === 'running').length;
    const pending = jobs.filter((job) => job.status === 'pending').length;
    const waiting = sessions.filter((session) => session.metadata.state === 'waiting').length;
    const parts = [
      ...(running > 0 ? [`$(sync~spin) ${running}`] : []),
      ...(pending > 0 ? [`$(clock) ${pending}`] : []),
      ...(waiting > 0 ? [`$(bell-dot) ${waiting}`] : []),
    ];
    this.item.text = ['Courier', ...parts].join(' ');
    const words = t('Courier: {0} running, {1} queued, {2} waiting for an answer', running, pending, waiting);
    this.item.tooltip = words;
    this.item.accessibilityInformation = { label: words };
    this.item.backgroundColor = waiting > 0 ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.show();
  }

  /** Nobody runs the jobs of a folder: a click starts its monitor. */
  private showMissingMonitor(): boolean {
    const folder = this.folders.all.find((one) => one.runnerProblem !== undefined);
    if (!folder) return false;
    const problem = translated(folder.runnerProblem) ?? '';
    const words =
      this.folders.all.length > 1
        ? t('Courier ({0}): {1} Jobs wait. Click to start the monitor.', folder.name, problem)
        : t('Courier: {0} Jobs wait. Click to start the monitor.', problem);
    this.item.command = commands.startMonitor;
    this.item.text = `$(warning) ${t('Courier: no monitor')}`;
    this.item.tooltip = words;
    this.item.accessibilityInformation = { label: words };
    this.item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
    this.item.show();
    return true;
  }

  dispose(): void {
    this.listening.dispose();
    this.item.dispose();
  }
}
