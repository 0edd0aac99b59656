import * as vscode from 'vscode';
import { UserState } from '../core/store/userState';
import { Config } from './config';
import { DragAndDrop } from './dragAndDrop';
import { FolderService } from './folderService';
import { LastRowsKeeper } from './lastRows';
import type { LoadLater } from './loadLater';
import { LogChannel } from './logChannel';
import { NewAnswers } from './newAnswers';
import { SessionTree } from './sessionTree';
import { SetupChecks } from './setupChecks';

/** What the view of sessions is made from, and so the first that a window has. */
export interface ViewServices {
  log: LogChannel;
  user: UserState;
  programVersion: string;
  config: Config;
  folders: FolderService;
  lastRows: LastRowsKeeper;
  answers: NewAnswers;
  setup: SetupChecks;
  tree: SessionTree;
  drops: DragAndDrop;
}

/** Makes what the view needs; it ends with the subscriptions, but the log, which is written to until the last. */
export function makeViewServices(context: vscode.ExtensionContext, later: LoadLater): ViewServices {
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const log = new LogChannel();
  const user = UserState.fromEnvironment();
  const programVersion: string = context.extension.packageJSON.version;
  const config = own(new Config(user, log));
  const madeBy = `${programVersion} ${vscode.env.language}`;
  const distDir = context.asAbsolutePath('dist');
  const shared = { user, log, programVersion, distDir, madeBy, seenUntil: () => answers.seenUntil, later };
  const folders = own(new FolderService(shared, config));
  const lastRows = own(new LastRowsKeeper(folders, shared));
  const answers: NewAnswers = own(new NewAnswers(folders, context.workspaceState, new Date().toISOString()));
  const setup = own(new SetupChecks(user, config, folders, log, later));
  const drops = new DragAndDrop(log);
  const tree = own(new SessionTree(folders, answers, setup, drops, later));
  return { log, user, programVersion, config, folders, lastRows, answers, setup, tree, drops };
}
