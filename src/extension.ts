import * as vscode from 'vscode';
import { UserState } from './core/store/userState';
import type { CourierApi } from './ui/api';
import { registerCommands } from './ui/commands';
import { Config } from './ui/config';
import { setContext } from './ui/contextKeys';
import { createApi } from './ui/createApi';
import { DragAndDrop } from './ui/dragAndDrop';
import { FolderService } from './ui/folderService';
import { registerIntegrations } from './ui/integrations';
import { JobFollower } from './ui/jobFollower';
import { translateWith } from './ui/l10n';
import { LastRowsKeeper } from './ui/lastRows';
import { LogChannel } from './ui/logChannel';
import { NewAnswers } from './ui/newAnswers';
import { showNotices } from './ui/notices';
import { OutputOpener } from './ui/outputOpener';
import { Screens } from './ui/screens';
import { SessionPicker } from './ui/sessionPicker';
import { SessionTree } from './ui/sessionTree';
import { SetupChecks } from './ui/setupChecks';
import { Terminals } from './ui/terminal';

export type { CourierApi } from './ui/api';

let running: { folders: FolderService; lastRows: LastRowsKeeper; log: LogChannel } | undefined;

/** Composes the services and registers what package.json declares. */
export async function activate(context: vscode.ExtensionContext): Promise<CourierApi> {
  translateWith(vscode.l10n.t);
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const log = new LogChannel();
  const user = UserState.fromEnvironment();
  const programVersion: string = context.extension.packageJSON.version;
  const config = own(new Config(user, log));
  const madeBy = `${programVersion} ${vscode.env.language}`;
  const shared = { user, log, programVersion, distDir: context.asAbsolutePath('dist'), madeBy };
  const folders = own(new FolderService(shared, config));
  const lastRows = own(new LastRowsKeeper(folders, shared));
  running = { folders, lastRows, log };
  const picker = new SessionPicker(folders, context.workspaceState);
  const answers = own(new NewAnswers(folders, context.workspaceState, new Date().toISOString()));
  const opener = own(new OutputOpener(folders, config, log, answers, context.workspaceState));
  const terminals = own(new Terminals());
  const screens = own(new Screens(user, folders, log));
  const setup = own(new SetupChecks(user, config, folders, log));
  const tree = own(new SessionTree(folders, answers, setup, new DragAndDrop({ log, picker, opener })));
  // What VS Code is told is on its way before the rest, so that it asks for rows meanwhile.
  await new Promise((resolve) => setImmediate(resolve));
  own(showNotices(folders, answers, config));
  const underKeys = () => tree.underKeys();
  const examples = context.asAbsolutePath('media/templates');
  const shown = { picker, terminals, screens, opener, setup, tree, answers, underKeys };
  const follower = own(new JobFollower(folders));
  const services = {
    log,
    user,
    programVersion,
    extensionUri: context.extensionUri,
    folders,
    follower,
    examples,
    ...shown,
  };
  own(registerCommands(services));
  const api = createApi({ folders, picker, opener, follower });
  own(registerIntegrations(api, services));
  await folders.open();
  // What was last seen is on screen before the look, which leaves no time for others.
  await tree.drawn();
  await Promise.all([setup.lookForTmux(), folders.start()]);
  // Not before: the view's first welcome is to be the right one.
  setContext('courier.ready', true);
  return api;
}

/** Frees the folders for other runners; the agents stay alive in tmux. */
export async function deactivate(): Promise<void> {
  // Before the folders are gone: it takes what they show at once.
  await Promise.all([running?.lastRows.keep(), running?.folders.stop()]);
  // Not with the subscriptions, which VS Code ends before: what goes wrong here is to be read there.
  running?.log.dispose();
}
