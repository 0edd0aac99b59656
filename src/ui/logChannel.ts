import * as vscode from 'vscode';
import { describeForLog } from '../core/support/errors';
import type { Log } from '../core/support/log';
import { isCanceled } from './canceled';

/** The output channel "Tmux Courier", as the core's log. */
export class LogChannel implements Log, vscode.Disposable {
  private made: vscode.LogOutputChannel | undefined;

  // VS Code makes a file and an editor's model for it, for which the first picture of the view does not wait.
  private get channel(): vscode.LogOutputChannel {
    this.made ??= vscode.window.createOutputChannel('Tmux Courier', { log: true });
    return this.made;
  }

  /** Makes it one of those that a person can choose, also with nothing in it. */
  list(): void {
    void this.channel;
  }

  info(message: string): void {
    this.channel.info(message);
  }

  warn(message: string): void {
    this.channel.warn(message);
  }

  error(message: string, cause?: unknown): void {
    if (isCanceled(cause)) this.debug(message);
    else this.channel.error(cause === undefined ? message : `${message}\n${describeForLog(cause)}`);
  }

  debug(message: string): void {
    this.channel.debug(message);
  }

  show(): void {
    this.channel.show(true);
  }

  dispose(): void {
    this.made?.dispose();
  }
}
