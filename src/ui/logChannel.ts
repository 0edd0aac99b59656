import * as vscode from 'vscode';
import { describeForLog } from '../core/support/errors';
import type { Log } from '../core/support/log';
import { isCanceled } from './canceled';

/** The output channel "Tmux Courier", as the core's log. */
export class LogChannel implements Log, vscode.Disposable {
  private readonly channel = vscode.window.createOutputChannel('Tmux Courier', { log: true });

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
    this.channel.dispose();
  }
}
