import type * as vscode from 'vscode';
import { UserState } from './core/store/userState';
import { type CourierApi, createApi } from './ui/api';
import { Config } from './ui/config';
import { FolderService } from './ui/folderService';
import { registerJobCommands } from './ui/jobCommands';
import { LogChannel } from './ui/logChannel';
import { OutputOpener } from './ui/outputOpener';
import { registerSendCommands } from './ui/sendCommands';
import { registerSessionCommands } from './ui/sessionCommands';
import { SessionPicker } from './ui/sessionPicker';
import { SessionTree } from './ui/sessionTree';
import { StatusBar } from './ui/statusBar';
import { Terminals } from './ui/terminal';
import { TmuxCheck } from './ui/tmuxCheck';
import { WaitingNotifier } from './ui/waitingNotifier';

export type { CourierApi } from './ui/api';

let running: FolderService | undefined;

/** Composes the services and registers what package.json declares. */
export async function activate(context: vscode.ExtensionContext): Promise<CourierApi> {
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const log = own(new LogChannel());
  const user = UserState.fromEnvironment();
  const programVersion: string = context.extension.packageJSON.version;
  const config = own(new Config(user, log));
  const folders = own(
    new FolderService({ user, log, programVersion, distDir: context.asAbsolutePath('dist') }, config),
  );
  const picker = new SessionPicker(folders, context.workspaceState);
  const opener = own(new OutputOpener(folders, config, log, context.workspaceState));
  const terminals = own(new Terminals());
  own(new SessionTree(folders));
  own(new StatusBar(folders));
  own(new WaitingNotifier(folders));
  own(registerSendCommands({ log, picker, opener }));
  own(registerSessionCommands({ log, folders, picker, terminals }));
  own(registerJobCommands({ log, folders, opener }));
  const tmux = own(new TmuxCheck(config, log));
  // First, so that the view's first welcome is the right one.
  await tmux.look();
  await folders.start();
  running = folders;
  return createApi(folders);
}

/** Frees the folders for other runners; the agents stay alive in tmux. */
export async function deactivate(): Promise<void> {
  await running?.stop();
}
