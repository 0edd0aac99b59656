import * as vscode from 'vscode';
import { UserState } from '../core/store/userState';
import type { CommandServices } from './commands';
import { Config } from './config';
import { DragAndDrop } from './dragAndDrop';
import { FolderService } from './folderService';
import { JobFollower } from './jobFollower';
import { LastRowsKeeper } from './lastRows';
import { LogChannel } from './logChannel';
import { NewAnswers } from './newAnswers';
import { OutputOpener } from './outputOpener';
import { Screens } from './screens';
import { SessionPicker } from './sessionPicker';
import { SessionTree } from './sessionTree';
import { SetupChecks } from './setupChecks';
import { Terminals } from './terminal';

/** What a window has one of, and all that it shows and does is made from. */
export type Services = CommandServices & {
  config: Config;
  user: UserState;
  follower: JobFollower;
  lastRows: LastRowsKeeper;
};

/** Makes a window's services; what has an end of its own ends with the subscriptions, but the log, which is written to until the last. */
export function makeServices(context: vscode.ExtensionContext): Services {
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const { workspaceState, extensionUri } = context;
  const log = new LogChannel();
  const user = UserState.fromEnvironment();
  const programVersion: string = context.extension.packageJSON.version;
  const config = own(new Config(user, log));
  const madeBy = `${programVersion} ${vscode.env.language}`;
  const distDir = context.asAbsolutePath('dist');
  const shared = { user, log, programVersion, distDir, madeBy, seenUntil: () => answers.seenUntil };
  const folders = own(new FolderService(shared, config));
  const lastRows = own(new LastRowsKeeper(folders, shared));
  const picker = new SessionPicker(folders, workspaceState);
  const answers: NewAnswers = own(new NewAnswers(folders, workspaceState, new Date().toISOString()));
  const opener = own(new OutputOpener(folders, config, log, answers, workspaceState));
  const terminals = own(new Terminals());
  const screens = own(new Screens(user, folders, log));
  const setup = own(new SetupChecks(user, config, folders, log));
  const tree = own(new SessionTree(folders, answers, setup, new DragAndDrop({ log, picker, opener })));
  const underKeys = () => tree.underKeys();
  const follower = own(new JobFollower(folders));
  const examples = context.asAbsolutePath('media/templates');
  const machine = { log, user, programVersion, extensionUri, config, folders, lastRows, follower, examples };
  return { ...machine, picker, terminals, screens, opener, setup, tree, answers, underKeys };
}
