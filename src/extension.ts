import * as vscode from 'vscode';
import type { CourierApi } from './ui/api';
import { setContext } from './ui/contextKeys';
import { translateWith } from './ui/l10n';
import type { LoadLater } from './ui/loadLater';
import { makeViewServices, type ViewServices } from './ui/viewServices';

export type { CourierApi } from './ui/api';

let running: ViewServices | undefined;

const later: LoadLater = { folder: () => import('./ui/folderParts'), rest: () => import('./ui/later') };

/** Composes the services and registers what package.json declares. */
export async function activate(context: vscode.ExtensionContext): Promise<CourierApi> {
  translateWith(vscode.l10n);
  const view = makeViewServices(context, later);
  running = view;
  // What VS Code is told of the view is on its way before the rest, so that it asks for rows meanwhile.
  await new Promise((resolve) => setImmediate(resolve));
  await view.folders.open();
  await view.tree.drawn();
  view.config.share();
  // What was last seen is on screen; the look at the files comes before all that only a person's next step asks for. Who runs a
  // command meanwhile waits for `activate`.
  await view.folders.start();
  const { createApi, makeServices, registerCommands, registerIntegrations, showNotices } = await later.rest();
  const services = makeServices(context, view);
  const api = createApi(services);
  context.subscriptions.push(showNotices(services.folders, services.answers, services.config));
  context.subscriptions.push(registerCommands(services));
  context.subscriptions.push(registerIntegrations(api, services));
  services.folders.tell();
  // After the look, for whose thread it would compete.
  await services.setup.lookForTmux();
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
