import * as vscode from 'vscode';
import { settingsFor } from '../core/store/folderSettings';
import { Layout } from '../core/store/layout';
import { DisposableStore } from '../core/support/disposables';
import { Emitter } from '../core/support/events';
import type { Config } from './config';
import { setContext } from './contextKeys';
import { CourierFolder, type FolderContext } from './courierFolder';
import { type LastRowsContext, readLastRows } from './lastRows';
import { reportError } from './notifications';

/** The window's workspace folders, each with its sessions and its runner. */
export class FolderService implements vscode.Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new Emitter<void>());
  private readonly opened = this.own.add(new Emitter<void>());
  private readonly byKey = new Map<string, CourierFolder>();
  private stopping: Promise<unknown> = Promise.resolve();
  private turn: Promise<void> = Promise.resolve();
  private ended = false;

  /** Fires when a folder comes, goes, or has changed in any way that is shown. */
  readonly onDidChange = this.changed.event;
  /** Fires when folders were opened that `start` will look at. */
  readonly onDidOpen = this.opened.event;

  constructor(
    private readonly context: FolderContext & LastRowsContext,
    private readonly config: Config,
  ) {
    this.own.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void this.inTurn(() => this.sync())));
    this.own.add(config.onDidChange(() => void this.inTurn(() => this.rebuild())));
    this.own.add(this.changed.event(() => this.tellContext()));
  }

  get all(): readonly CourierFolder[] {
    return [...this.byKey.values()];
  }

  /** The folder that holds a file; undefined for a file outside of all of them. */
  containing(uri: vscode.Uri): CourierFolder | undefined {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    return folder && this.byKey.get(folder.uri.toString());
  }

  /** Opens the workspace's folders, of which only how they were last shown is known then: `start` looks at them. */
  async open(): Promise<void> {
    await this.inTurn(async () => {
      await this.openAll(readLastRows);
      this.opened.fire();
    });
  }

  /** Opens the workspace's folders; resolves when each has been read once. */
  async start(): Promise<void> {
    await this.inTurn(() => this.sync());
  }

  /** Fires `onDidChange` for those who listen only now, when all has been looked at. */
  tell(): void {
    this.changed.fire();
  }

  /** Resolves when the list is the workspace's again, whose folders are all let go of when a setting changes. */
  get settled(): Promise<void> {
    return this.turn;
  }

  /** One change of the list at a time. */
  private inTurn(task: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(task).catch((error) => this.context.log.error('The folders could not be opened', error));
    return this.turn;
  }

  /** Follows the workspace: opens folders that came, lets go of those that went. */
  private async sync(): Promise<void> {
    await this.openAll(async () => []);
    await Promise.all(this.all.map((folder) => folder.start().catch((error) => reportError(this.context.log, error))));
    this.changed.fire();
  }

  private async openAll(lastRows: typeof readLastRows): Promise<void> {
    if (this.ended) return;
    const wanted = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
    const keys = new Set(wanted.map((folder) => folder.uri.toString()));
    for (const [key, folder] of this.byKey) {
      if (keys.has(key)) continue;
      this.byKey.delete(key);
      this.letGo(folder);
    }
    const fresh = wanted.filter((folder) => !this.byKey.has(folder.uri.toString()));
    const made = await Promise.all(fresh.map((folder) => this.make(folder, lastRows)));
    // In the workspace's order, whichever came first.
    for (const folder of made) this.byKey.set(folder.workspaceFolder.uri.toString(), folder);
  }

  private async make(workspaceFolder: vscode.WorkspaceFolder, lastRows: typeof readLastRows): Promise<CourierFolder> {
    const { user } = this.context;
    const { settings: own } = this.config;
    const layout = new Layout(workspaceFolder.uri.fsPath, own.directory);
    const [settings, rows] = await Promise.all([
      settingsFor(own, layout.workspace, user),
      lastRows(layout, this.context),
    ]);
    const folder = new CourierFolder(workspaceFolder, this.context, settings, this.config.shared, rows);
    folder.onDidChange(() => this.changed.fire());
    return folder;
  }

  /** Settings are read when a runner starts, so each is started anew; jobs go on in tmux meanwhile. */
  private async rebuild(): Promise<void> {
    for (const folder of this.byKey.values()) this.letGo(folder);
    this.byKey.clear();
    await this.stopping;
    await this.sync();
  }

  private letGo(folder: CourierFolder): void {
    this.stopping = Promise.all([this.stopping, folder.stop()]).catch((error) =>
      this.context.log.error(`${folder.layout.root} was not let go in order`, error),
    );
  }

  private tellContext(): void {
    const snapshots = this.all.flatMap((folder) => folder.snapshot ?? []);
    setContext('courier.hasFolder', this.byKey.size > 0);
    setContext(
      'courier.hasSession',
      snapshots.some((snapshot) => snapshot.sessions.length > 0),
    );
    setContext(
      'courier.hasForeign',
      snapshots.some((snapshot) => snapshot.standing.kind === 'foreign'),
    );
  }

  /** Lets go of all folders; the claims are free for others when it resolves. */
  async stop(): Promise<void> {
    this.ended = true;
    this.own.dispose();
    // A folder that is being opened at this moment is let go of, too.
    await this.turn;
    for (const folder of this.byKey.values()) this.letGo(folder);
    this.byKey.clear();
    await this.stopping;
  }

  dispose(): void {
    void this.stop();
  }
}
