import * as vscode from 'vscode';
import type { CourierApi } from './ui/api';
import { registerCommands } from './ui/commands';
import { setContext } from './ui/contextKeys';
import { createApi } from './ui/createApi';
import { registerIntegrations } from './ui/integrations';
import { translateWith } from './ui/l10n';
import { showNotices } from './ui/notices';
import { makeServices, type Services } from './ui/services';

export type { CourierApi } from './ui/api';

let running: Services | undefined;

/** Composes the services and registers what package.json declares. */
export async function activate(context: vscode.ExtensionContext): Promise<CourierApi> {
  translateWith(vscode.l10n);
  const services = makeServices(context);
  running = services;
  // What VS Code is told of the view is on its way before the rest, so that it asks for rows meanwhile.
  await new Promise((resolve) => setImmediate(resolve));
  await services.folders.open();
  // What was last seen is on screen before the rest, which leaves VS Code no time for it; who runs a command waits for `activate`.
  await services.tree.drawn();
  const api = createApi(services);
  context.subscriptions.push(showNotices(services.folders, services.answers, services.config));
  context.subscriptions.push(registerCommands(services));
  context.subscriptions.push(registerIntegrations(api, services));
  await services.folders.start();
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
