import * as vscode from 'vscode';
import { CourierError, messageOf } from '../core/support/errors';
import { isCanceled } from './canceled';
import { type CommandId, commands } from './contributions';
import { problemOf } from './coreWords';
import { t } from './l10n';
import { lastSeenIn, untilLooked } from './lastSeen';
import type { LogChannel } from './logChannel';
import { showError } from './messages';

/** Tells the person what went wrong, with the button that helps; the cause goes to the log. Says nothing of what was canceled. */
export async function reportError(log: LogChannel, error: unknown): Promise<void> {
  if (isCanceled(error)) return;
  log.error(messageOf(error), error);
  const foreign = error instanceof CourierError && error.code === 'not_adopted';
  const message = error instanceof CourierError ? problemOf(error) : t('Something went wrong: {0}', problemOf(error));
  const [adopt, showLog] = [t('Adopt'), t('Show Log')];
  const buttons = [...(foreign ? [adopt] : []), showLog];
  const chosen = await showError(message, ...buttons);
  if (chosen === adopt) await vscode.commands.executeCommand(commands.adopt);
  if (chosen === showLog) log.show();
}

/** Registers a command whose errors reach the person. */
export function registerCommand(
  log: LogChannel,
  id: CommandId,
  run: (...args: unknown[]) => unknown,
): vscode.Disposable {
  return vscode.commands.registerCommand(id, async (...args: unknown[]) => {
    try {
      const lastSeen = lastSeenIn(args);
      if (lastSeen.length > 0) await untilLooked(lastSeen);
      await run(...args);
    } catch (error) {
      // Not awaited: a command is done when it has said so, not when its message was closed.
      void reportError(log, error);
    }
  });
}
