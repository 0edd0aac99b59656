import * as vscode from 'vscode';
import type { SessionState } from '../core/model/session';
import type { SessionView } from '../core/store/snapshot';
import { setContext } from './contextKeys';
import { type ContextValues, commands, extensionId, walkthroughId } from './contributions';
import type { CourierFolder } from './courierFolder';
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

/** A session as the steps look at it. `wasThere`: it stood in the folder's first look. */
interface Seen {
  isAlive: boolean;
  isDemo: boolean;
  isAnswered: boolean;
  wasThere: boolean;
}

/** Of each step of the walkthrough, by the context key that checks it off, what one session shows when it is done. */
const steps = new Map<keyof ContextValues, (one: Seen) => boolean>([
  ['courier.hasDemo', ({ isAlive, isDemo }) => isAlive && isDemo],
  ['courier.hasAgent', ({ isAlive, isDemo }) => isAlive && !isDemo],
  ['courier.hasAnswer', ({ isAnswered }) => isAnswered],
  ['courier.cameBack', ({ isAlive, wasThere }) => isAlive && wasThere],
]);

/** Registers Get Started, and tells VS Code what of the walkthrough has been done, which it then checks off for good. */
export function registerGetStarted({ log, folders }: GetStartedServices): vscode.Disposable {
  const first = new Map<string, ReadonlySet<string>>();
  const left = new Map(steps);
  const tell = () => {
    if (left.size === 0) return;
    const own = folders.all.filter((folder) => folder.snapshot && !isForeign(folder));
    // By its path: a folder that is opened anew since settings changed is not a new one.
    for (const { layout, sessions } of own) if (!first.has(layout.root)) first.set(layout.root, idsOf(sessions));
    for (const folder of own) for (const session of folder.sessions) see(folder, session);
  };
  const see = (folder: CourierFolder, { metadata, finished }: SessionView) => {
    const one: Seen = {
      isAlive: alive.includes(metadata.state),
      isDemo: agentKind(folder, metadata.agent) === 'demo',
      isAnswered: finished.some(({ status }) => status === 'completed'),
      wasThere: first.get(folder.layout.root)?.has(metadata.session_id) ?? false,
    };
    for (const [key, isDone] of left)
      if (isDone(one)) {
        left.delete(key);
        setContext(key, true);
      }
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
