import * as vscode from 'vscode';
import type { Config } from './config';
import type { FolderService } from './folderService';
import type { NewAnswers } from './newAnswers';
import { SessionNotifier } from './sessionNotifier';
import { StatusBar } from './statusBar';
import { UnseenDecorations } from './unseenDecorations';
import { WaitingNotifier } from './waitingNotifier';

/** Everything that tells a person by itself how things stand: the status bar, notifications, marks on files. */
export function showNotices(folders: FolderService, answers: NewAnswers, config: Config): vscode.Disposable {
  return vscode.Disposable.from(
    new UnseenDecorations(folders, answers),
    new StatusBar(folders),
    new WaitingNotifier(folders, config),
    new SessionNotifier(folders, config),
  );
}
