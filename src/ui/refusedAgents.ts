import * as vscode from 'vscode';
import type { Settings } from '../core/store/settings';
import { translated } from './coreWords';
import { t } from './l10n';
import { showWarning } from './messages';

/** Tells of agents whose settings can't be used, each once for each thing that is wrong with it. */
export class RefusedAgents {
  private told = new Set<string>();

  tell(settings: Settings): void {
    const now = Object.entries(settings.agents).flatMap(([id, { refused }]) =>
      refused === undefined
        ? []
        : [t('The agent "{0}" can\'t be used: {1}. Your other agents are as they were.', id, translated(refused))],
    );
    for (const message of now) if (!this.told.has(message)) void say(message);
    // What was mended is told again when it is wrong again.
    this.told = new Set(now);
  }
}

async function say(message: string): Promise<void> {
  const set = t('Set Agents');
  if ((await showWarning(message, set)) === set)
    await vscode.commands.executeCommand('workbench.action.openSettings', 'courier.agents');
}
