import * as vscode from 'vscode';
import type { SessionState } from '../core/model/session';
import type { SessionView } from '../core/store/snapshot';
import { setContext } from './contextKeys';
import { commands, extensionId, walkthroughId } from './contributions';
import type { FolderService } from './folderService';
import type { LogChannel } from './logChannel';
import { isForeign } from './nodes';
import { registerCommand } from './notifications';
import { agentKind } from './rows';

/** What the walkthrough needs. */
export interface GetStartedServices {
  log: LogChannel;
  folders: FolderService;
}

const alive: readonly SessionState[] = ['ready', 'busy', 'waiting'];

/** Registers Get Started, and tells VS Code what of the walkthrough has been done, which it then checks off. */
export function registerGetStarted({ log, folders }: GetStartedServices): vscode.Disposable {
  const first = new Map<string, ReadonlySet<string>>();
  const tell = () => {
    const own = folders.all.filter((folder) => folder.snapshot && !isForeign(folder));
    // By its path: a folder that is opened anew since settings changed is not a new one.
    for (const { layout, sessions } of own) if (!first.has(layout.root)) first.set(layout.root, idsOf(sessions));
    const sessions = own.flatMap((folder) =>
      folder.sessions.map(({ metadata, finished }) => ({
        isAlive: alive.includes(metadata.state),
        isDemo: agentKind(folder, metadata.agent) === 'demo',
        isAnswered: finished.some(({ status }) => status === 'completed'),
        wasThere: first.get(folder.layout.root)?.has(metadata.session_id),
      })),
    );
    const any = (test: (one: (typeof sessions)[number]) => boolean | undefined) => sessions.some(test);
    setContext(
      'courier.hasDemo',
      any(({ isAlive, isDemo }) => isAlive && isDemo),
    );
    setContext(
      'courier.hasAgent',
      any(({ isAlive, isDemo }) => isAlive && !isDemo),
    );
    setContext(
      'courier.hasAnswer',
      any(({ isAnswered }) => isAnswered),
    );
    setContext(
      'courier.cameBack',
      any(({ isAlive, wasThere }) => isAlive && wasThere),
    );
  };
  return vscode.Disposable.from(
    registerCommand(log, commands.getStarted, () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${walkthroughId}`, false),
    ),
    folders.onDidChange(tell) as vscode.Disposable,
  );
}

function idsOf(sessions: readonly SessionView[]): ReadonlySet<string> {
  return new Set(sessions.map(({ metadata }) => metadata.session_id));
}
