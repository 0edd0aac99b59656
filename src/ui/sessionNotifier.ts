import * as vscode from 'vscode';
import type { SessionView } from '../core/store/snapshot';
import type { Config } from './config';
import { commands } from './contributions';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import { t } from './l10n';
import { showError, showWarning } from './messages';
import { isForeign, type SessionNode } from './nodes';

/** Says once what a person should know of a session: a conversation that is gone, a session that no longer comes back by itself. */
export class SessionNotifier implements vscode.Disposable {
  private readonly told = new Set<string>();
  private readonly listening: vscode.Disposable;

  constructor(
    folders: FolderService,
    private readonly config: Config,
  ) {
    this.listening = folders.onDidChange(() => {
      for (const folder of folders.all)
        if (!isForeign(folder)) for (const session of folder.sessions) this.look(folder, session);
    });
  }

  private look(folder: CourierFolder, session: SessionView): void {
    const { session_id, name, notice, state, message } = session.metadata;
    if (!notice && state !== 'error') return;
    // Only then: it asks VS Code, which over a thousand sessions takes long.
    if (!this.config.tells('important')) return;
    const once = (text: string) => {
      const key = `${folder.workspaceFolder.uri.toString()} ${session_id} ${text}`;
      return !this.told.has(key) && this.told.add(key);
    };
    if (notice && once(notice)) void showWarning(`${name}: ${notice}`);
    const tries = session.health?.recoveries?.length ?? 0;
    const givenUp = state === 'error' && tries > 0 && tries >= folder.settings.recover_delays_s.length;
    if (givenUp && message && once(message)) void offer({ kind: 'session', folder, session }, `${name}: ${message}`);
  }

  dispose(): void {
    this.listening.dispose();
  }
}

async function offer(node: SessionNode, text: string): Promise<void> {
  const recover = t('Recover Session');
  const log = t('Show Log');
  const chosen = await showError(text, recover, log);
  if (chosen === recover) await vscode.commands.executeCommand(commands.recoverSession, node);
  if (chosen === log) await vscode.commands.executeCommand(commands.openSessionLog, node);
}
