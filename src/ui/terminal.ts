import * as vscode from 'vscode';
import { ensureSocketFolder } from '../core/store/userState';
import { CourierError } from '../core/support/errors';
import { attachArgs } from '../core/tmux/attach';
import { findTmux } from '../core/tmux/findTmux';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import { withoutIcons } from './plainText';

/** Shows sessions in VS Code's own terminal by attaching to their tmux session; one terminal for each. */
export class Terminals implements vscode.Disposable {
  private readonly open = new Map<string, vscode.Terminal>();
  private readonly listening = vscode.window.onDidCloseTerminal((closed) => {
    for (const [key, terminal] of this.open) if (terminal === closed) this.open.delete(key);
  });

  /** Attaches to a tmux session, or shows the terminal that is attached already. */
  async show(folder: CourierFolder, tmuxSession: string | null | undefined, name: string): Promise<void> {
    const standing = folder.snapshot?.standing;
    if (standing?.kind !== 'own' || !tmuxSession) {
      throw new CourierError(
        'not_running',
        t('"{0}" is not running now, so there is no terminal to show. The next prompt you send starts it.', name),
      );
    }
    const key = `${folder.workspaceFolder.uri.toString()} ${tmuxSession}`;
    await ensureSocketFolder(standing.registration.socket);
    const tmux = await findTmux(folder.settings.tmux_path);
    const terminal =
      this.usable(key) ?? this.create(folder, attachArgs(tmux, standing.registration, tmuxSession), name);
    this.open.set(key, terminal);
    terminal.show();
  }

  private usable(key: string): vscode.Terminal | undefined {
    const terminal = this.open.get(key);
    return terminal?.exitStatus === undefined ? terminal : undefined;
  }

  private create(
    folder: CourierFolder,
    { command, args }: ReturnType<typeof attachArgs>,
    name: string,
  ): vscode.Terminal {
    return vscode.window.createTerminal({
      name: `Courier: ${withoutIcons(name)}`,
      shellPath: command,
      shellArgs: args,
      cwd: folder.layout.workspace,
      // A VS Code that was started inside tmux must not make tmux refuse to nest.
      env: { TMUX: null, TMUX_PANE: null },
      iconPath: new vscode.ThemeIcon('send'),
      // VS Code would bring it back after a reload as one that nobody knows.
      isTransient: true,
    });
  }

  dispose(): void {
    this.listening.dispose();
  }
}
