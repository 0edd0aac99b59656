import * as vscode from 'vscode';
import type { UserState } from '../core/store/userState';
import { systemClock } from '../core/support/clock';
import { type Disposable, DisposableStore } from '../core/support/disposables';
import { findTmux } from '../core/tmux/findTmux';
import { readScreen } from '../core/tmux/readScreen';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import { t } from './l10n';
import type { LogChannel } from './logChannel';

const scheme = 'courier-screen';

/** How often a screen that somebody looks at is read, in milliseconds. */
const readEvery = 500;

/** Shows what an agent's terminal shows, as a read-only document that follows it. Nobody is attached by that, and no size changes. */
export class Screens implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new vscode.EventEmitter<vscode.Uri>());
  private readonly texts = new Map<string, string>();
  private following: Disposable | undefined;
  private readonly atEnd = new Set<vscode.TextEditor>();
  private reading = false;

  readonly onDidChange = this.changed.event;

  constructor(
    private readonly user: UserState,
    private readonly folders: FolderService,
    private readonly log: LogChannel,
  ) {
    this.own.add(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
    this.own.add(vscode.window.onDidChangeVisibleTextEditors(() => this.follow()));
    this.own.add(vscode.workspace.onDidChangeTextDocument(({ document }) => this.keepAtEnd(document)));
    this.own.add(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.texts.delete(uri.toString());
      }),
    );
    // After a reload, VS Code brings back what was open.
    this.follow();
  }

  /** Opens a session's screen beside the code, at its last line. */
  async show(folder: CourierFolder, sessionId: string): Promise<void> {
    const name = folder.session(sessionId)?.metadata.name || sessionId;
    // What stands in a tab is the last part of the path.
    const uri = vscode.Uri.from({
      scheme,
      path: `/${name.replaceAll('/', '∕')} (screen)`,
      query: new URLSearchParams({ folder: folder.workspaceFolder.uri.toString(), session: sessionId }).toString(),
    });
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: true,
    });
    toEnd(editor);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const text = this.texts.get(uri.toString()) ?? (await this.read(uri));
    this.texts.set(uri.toString(), text);
    return text;
  }

  private async read(uri: vscode.Uri): Promise<string> {
    const found = this.sessionOf(uri);
    if (!found) return t('This session is not there any more.');
    const { name, session_id } = found.session.metadata;
    const gone = t('"{0}" is not running now. This follows it when it runs again.', name || session_id);
    return (await this.textOf(found.folder, session_id)) ?? gone;
  }

  /** What a session's terminal shows now; undefined when it isn't running. */
  async textOf(folder: CourierFolder, sessionId: string): Promise<string | undefined> {
    const { standing } = folder.snapshot ?? {};
    const tmuxSession = folder.session(sessionId)?.metadata.tmux_session;
    if (standing?.kind !== 'own' || !tmuxSession) return undefined;
    const tmux = await findTmux(folder.settings.tmux_path);
    return readScreen(this.user, standing.registration, tmux, tmuxSession);
  }

  private sessionOf(uri: vscode.Uri) {
    const asked = new URLSearchParams(uri.query);
    const key = asked.get('folder');
    const folder = this.folders.all.find(({ workspaceFolder }) => workspaceFolder.uri.toString() === key);
    const session = folder?.session(asked.get('session') ?? '');
    return folder && session && { folder, session };
  }

  private get shown(): vscode.TextEditor[] {
    return vscode.window.visibleTextEditors.filter(({ document }) => document.uri.scheme === scheme);
  }

  /** Reads as long as a screen is in sight, and not a moment longer. */
  private follow(): void {
    if (this.shown.length === 0) {
      this.following?.dispose();
      this.following = undefined;
      return;
    }
    this.following ??= systemClock.every(readEvery, () => void this.look());
  }

  private async look(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      for (const uri of new Set(this.shown.map(({ document }) => document.uri))) await this.update(uri);
    } catch (error) {
      this.log.debug(`A screen could not be read: ${error}`);
    } finally {
      this.reading = false;
    }
  }

  private async update(uri: vscode.Uri): Promise<void> {
    const text = await this.read(uri);
    if (text === this.texts.get(uri.toString())) return;
    this.texts.set(uri.toString(), text);
    for (const editor of this.shown) if (isAtEnd(editor)) this.atEnd.add(editor);
    this.changed.fire(uri);
  }

  /** Whoever saw the last line goes on seeing it. */
  private keepAtEnd(document: vscode.TextDocument): void {
    for (const editor of this.atEnd) {
      if (editor.document !== document) continue;
      this.atEnd.delete(editor);
      toEnd(editor);
    }
  }

  dispose(): void {
    this.following?.dispose();
    this.own.dispose();
  }
}

function isAtEnd({ document, visibleRanges }: vscode.TextEditor): boolean {
  return (visibleRanges.at(-1)?.end.line ?? 0) >= document.lineCount - 2;
}

function toEnd(editor: vscode.TextEditor): void {
  const last = new vscode.Position(editor.document.lineCount - 1, 0);
  editor.revealRange(new vscode.Range(last, last), vscode.TextEditorRevealType.Default);
}
