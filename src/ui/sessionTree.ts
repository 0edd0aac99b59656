import * as vscode from 'vscode';
import { systemClock } from '../core/support/clock';
import { DisposableStore } from '../core/support/disposables';
import { setContext } from './contextKeys';
import { sessionsView } from './contributions';
import { FirstPicture, treeMarks } from './firstPicture';
import type { FolderService } from './folderService';
import { filterWords, type JobFilter } from './jobFilter';
import { t } from './l10n';
import { lastSeenIn, untilLooked } from './lastSeen';
import type { LoadLater } from './loadLater';
import type { NewAnswers } from './newAnswers';
import { isForeign, type MoreNode, type Node } from './nodes';
import { underFocus } from './selection';
import type { SetupChecks } from './setupChecks';
import { treeBadge } from './treeBadge';
import { treeItem } from './treeItems';
import { TreeModel } from './treeModel';

/** For so long, in milliseconds, VS Code has its turn to draw what was last seen; a view that is closed asks for nothing. */
const mostForDrawing = 250;

/** How often rows that say for how long something goes on are looked at, in milliseconds. */
const tickEvery = 5000;

/** The tree Sessions → Jobs, below their folders when there is more than one. Only rows that changed are drawn again. */
export class SessionTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new vscode.EventEmitter<Node[] | undefined>());
  private readonly model: TreeModel;
  private readonly view: vscode.TreeView<Node>;
  private readonly began: Promise<void>;
  private readonly first = new FirstPicture();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly folders: FolderService,
    private readonly answers: NewAnswers,
    setup: SetupChecks,
    dragAndDropController: vscode.TreeDragAndDropController<Node>,
    private readonly later: LoadLater,
  ) {
    this.model = new TreeModel({
      folders: () => folders.all,
      findings: () => setup.findings,
      isNew: (job) => answers.isNew(job),
      now: () => systemClock.now(),
    });
    this.began = new Promise((resolve) => {
      this.own.add(folders.onDidChange(() => resolve()));
      this.own.add(folders.onDidOpen(() => folders.all.some(({ lastSeen }) => lastSeen.length > 0) && resolve()));
    });
    this.view = this.own.add(
      vscode.window.createTreeView(sessionsView, {
        treeDataProvider: this,
        dragAndDropController,
        showCollapseAll: true,
        canSelectMany: true,
      }),
    );
    for (const event of [folders.onDidChange, setup.onDidChange]) this.own.add(event(() => this.update()));
    this.own.add(
      answers.onDidChange((jobs) => {
        const ids = new Set(jobs.map((job) => job.session_id));
        this.update((session) => ids.has(session.metadata.session_id));
      }),
    );
    this.own.add(systemClock.every(tickEvery, () => this.tick()));
    // Who chose the row of a failure has read what it says.
    this.own.add(
      this.view.onDidChangeSelection(({ selection }) =>
        answers.open(
          ...selection.flatMap((node) => (node.kind === 'job' && node.job.status !== 'completed' ? node.job : [])),
        ),
      ),
    );
  }

  /** The row that is chosen, when it is one alone. */
  get selected(): Node | undefined {
    return this.view.selection.length === 1 ? this.view.selection[0] : undefined;
  }

  get filter(): JobFilter | undefined {
    return this.model.filter;
  }

  /** Shows only what fits; undefined shows all. */
  setFilter(filter: JobFilter | undefined): void {
    this.model.filter = filter;
    this.view.description = filter && filterWords(filter);
    setContext('courier.filtered', filter !== undefined);
    this.changed.fire(undefined);
    this.tell();
  }

  async showMore(node: MoreNode): Promise<void> {
    const { folder, session } = node;
    await this.model.showMore(node, (limit) => folder.finished(session.metadata.session_id, limit));
    this.update(({ metadata }) => metadata.session_id === session.metadata.session_id);
  }

  /** What a command is for that a key called; see `underFocus`. */
  async underKeys(): Promise<readonly Node[]> {
    const { selection } = this.view;
    // An extension is told what is selected, and not which row has the focus: that is what is toggled.
    await vscode.commands.executeCommand('list.toggleSelection');
    const toggled = this.view.selection;
    await vscode.commands.executeCommand('list.toggleSelection');
    const nodes = underFocus(selection, toggled);
    await untilLooked(lastSeenIn(nodes));
    return nodes;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const item = treeItem(node, this.model.row(node));
    this.first.handed(node);
    return item;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) await this.began;
    if (node?.kind === 'session' || node?.kind === 'lastSeen') await node.folder.whole;
    const nodes = this.model.children(node);
    if (node) return nodes;
    this.first.asked(nodes, this.isLooked);
    this.tell(nodes);
    return nodes;
  }

  async resolveTreeItem(item: vscode.TreeItem, node: Node): Promise<vscode.TreeItem> {
    const { nodeTooltip } = await this.later.rest();
    item.tooltip = await nodeTooltip(node);
    return item;
  }

  /** Whether all was read that rows, badge and groups are made from: all but the finished jobs of sessions at rest. */
  private get isLooked(): boolean {
    return this.folders.all.every(({ snapshot }) => snapshot && snapshot.partial !== 'any');
  }

  /** Notes when all that the folders hold was read. */
  private noteRead(): void {
    const { all } = this.folders;
    if (all.length === 0 || !all.every(({ snapshot }) => snapshot && !snapshot.partial)) return;
    if (performance.getEntriesByName(treeMarks.read).length === 0) performance.mark(treeMarks.read);
  }

  /** Resolves when what was last seen is drawn; at once when nothing was. */
  async drawn(): Promise<void> {
    const { all } = this.folders;
    if (all.every(({ lastSeen }) => lastSeen.length === 0)) return;
    const most = new Promise<void>((resolve) => this.own.add(systemClock.after(mostForDrawing, resolve)));
    await Promise.race([this.first.drawn, most]);
    const looked = Promise.all(all.map((folder) => folder.looked));
    // VS Code's own sign that what a view shows is not all yet.
    void vscode.window.withProgress({ location: { viewId: sessionsView } }, () => looked);
  }

  private update(also?: Parameters<TreeModel['changes']>[0]): void {
    const changes = this.model.changes(also);
    if (this.isLooked) this.first.correct(changes);
    if (changes === 'all') this.changed.fire(undefined);
    else if (changes.length > 0) this.changed.fire(changes);
    this.tell();
    this.noteRead();
  }

  private tick(): void {
    if (this.view.visible) this.update(({ jobs }) => jobs.some((job) => job.status === 'running'));
  }

  /** What stands at the view's own places; `roots` are what stands at the top. */
  private tell(roots = this.model.roots()): void {
    const { filter } = this;
    // What the welcome would say stands above what the setup lacks.
    const message = roots[0]?.kind === 'setup' ? noSession() : filter && filterMessage(filter, roots.length);
    if (this.view.message !== message) this.view.message = message;
    const own = this.folders.all.filter((folder) => !isForeign(folder));
    const badge = treeBadge(own, (job) => this.answers.isNew(job));
    if (this.view.badge?.tooltip !== badge?.tooltip) this.view.badge = badge;
  }

  dispose(): void {
    this.own.dispose();
  }
}

/** Said above the tree too, since VS Code shows no description of a view that stands alone in its container. */
function filterMessage(filter: JobFilter, shown: number): string {
  return shown > 0 ? t('Shown only: {0}', filterWords(filter)) : t('No job fits the filter {0}.', filterWords(filter));
}

const noSession = () =>
  t(
    'There is no session yet. A session is an agent, such as Claude Code, that stays alive in tmux and answers what you send.',
  );
