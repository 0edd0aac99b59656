import * as vscode from 'vscode';
import { messageOf } from '../core/support/errors';
import { checkTmux } from '../core/tmux/client';
import type { Config } from './config';
import { setContext } from './contextKeys';
import { commands } from './contributions';
import type { LogChannel } from './logChannel';
import { registerCommand } from './notifications';

/** Finds out whether sessions can run on this machine, and lets the view's welcome know. */
export class TmuxCheck implements vscode.Disposable {
  private readonly own: vscode.Disposable;

  constructor(
    private readonly config: Config,
    private readonly log: LogChannel,
  ) {
    this.own = vscode.Disposable.from(
      config.onDidChange(() => void this.look()),
      registerCommand(log, commands.checkTmux, () => this.tell()),
    );
  }

  /** Looks now; resolves with what is wrong, or undefined when all is well. */
  async look(): Promise<string | undefined> {
    const windows = process.platform === 'win32';
    setContext('courier.needsWsl', windows);
    if (windows) return 'tmux does not run on Windows itself. Open this folder in WSL: there it does.';
    try {
      this.log.info(`found ${await checkTmux(this.config.settings.tmux_path)}`);
      setContext('courier.tmuxMissing', false);
      return undefined;
    } catch (error) {
      this.log.warn(messageOf(error));
      setContext('courier.tmuxMissing', true);
      return messageOf(error);
    }
  }

  private async tell(): Promise<void> {
    const problem = await this.look();
    if (problem) void vscode.window.showWarningMessage(problem);
    else void vscode.window.showInformationMessage('tmux is there, and new enough.');
  }

  dispose(): void {
    this.own.dispose();
  }
}
