import type * as vscode from 'vscode';
import type { CommandServices } from './commands';
import { dropOn } from './dropOn';
import { JobFollower } from './jobFollower';
import { OutputOpener } from './outputOpener';
import { Screens } from './screens';
import { SessionPicker } from './sessionPicker';
import { Terminals } from './terminal';
import type { ViewServices } from './viewServices';

/** What a window has one of, and all that it shows and does is made from. */
export type Services = CommandServices & ViewServices & { follower: JobFollower };

/** Makes what a window needs besides its view; what has an end of its own ends with the subscriptions. */
export function makeServices(context: vscode.ExtensionContext, view: ViewServices): Services {
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const { workspaceState, extensionUri } = context;
  const { log, user, config, folders, answers, tree, drops } = view;
  log.list();
  const picker = new SessionPicker(folders, workspaceState);
  const opener = own(new OutputOpener(folders, config, log, answers, workspaceState));
  drops.dropWith((target, data) => dropOn({ log, picker, opener }, target, data));
  const terminals = own(new Terminals());
  const screens = own(new Screens(user, folders, log));
  const underKeys = () => tree.underKeys();
  const follower = own(new JobFollower(folders));
  const examples = context.asAbsolutePath('media/templates');
  return { ...view, extensionUri, follower, examples, picker, terminals, screens, opener, underKeys };
}
