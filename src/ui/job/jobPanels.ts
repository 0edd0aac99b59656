import * as v from 'valibot';
import * as vscode from 'vscode';
import { isFinal, type Job } from '../../core/model/job';
import { DisposableStore } from '../../core/support/disposables';
import { problemOf } from '../coreWords';
import type { CourierFolder } from '../courierFolder';
import type { FolderService } from '../folderService';
import { t } from '../l10n';
import type { LogChannel } from '../logChannel';
import type { JobNode } from '../nodes';
import { reportError } from '../notifications';
import { jobLabel } from '../words';
import { type Beginning, beginningOfAnswer, beginningOfPrompt } from './answerFiles';
import { jobPage, type PageAction, pageActions } from './jobPage';

const viewType = 'courier.job';

/** How much of a prompt and of an answer a page shows, in bytes. */
const shown = 256 * 1024;

const Said = v.object({ action: v.picklist([...pageActions, 'ready']) });
const State = v.object({ folder: v.string(), job_id: v.string() });
type State = v.InferOutput<typeof State>;

/** The editor tabs that show one job each; they follow it, and come back after a reload. */
export class JobPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly own = new DisposableStore();
  private readonly open = new Map<string, JobPanel>();

  /** `act` does what a button says. */
  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly folders: FolderService,
    private readonly log: LogChannel,
    private readonly act: (action: PageAction, node: JobNode) => Promise<void>,
  ) {
    this.own.add(vscode.window.registerWebviewPanelSerializer(viewType, this));
    this.own.add(folders.onDidChange(() => this.update()));
  }

  show(folder: CourierFolder, job: Job): void {
    const state = { folder: folder.workspaceFolder.uri.toString(), job_id: job.job_id };
    const there = this.open.get(keyOf(state));
    if (there) {
      there.panel.reveal();
      return;
    }
    const column = { viewColumn: vscode.ViewColumn.Active };
    this.take(vscode.window.createWebviewPanel(viewType, jobLabel(job), column, { enableFindWidget: true }), state);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, given: unknown): Promise<void> {
    const state = v.safeParse(State, given);
    if (state.success) this.take(panel, state.output);
    else panel.dispose();
  }

  private take(panel: vscode.WebviewPanel, state: State): void {
    const one = new JobPanel(panel, this.extensionUri, () => this.find(state), this.log, this.act);
    this.open.set(keyOf(state), one);
    panel.onDidDispose(() => this.open.delete(keyOf(state)));
  }

  private find({ folder: key, job_id }: State): JobNode | undefined {
    const folder = this.folders.all.find(({ workspaceFolder }) => workspaceFolder.uri.toString() === key);
    const session = folder?.sessions.find((one) => [...one.jobs, ...one.finished].some((job) => job.job_id === job_id));
    const job = folder?.job(job_id);
    return folder && session && job && { kind: 'job', folder, session, job };
  }

  private update(): void {
    for (const one of this.open.values())
      one.update().catch((error) => this.log.error('A job could not be shown', error));
  }

  dispose(): void {
    this.own.dispose();
    for (const { panel } of this.open.values()) panel.dispose();
  }
}

const keyOf = ({ folder, job_id }: State) => `${folder} ${job_id}`;

/** One tab. The job that it last saw stays in sight when it is gone from the view. */
class JobPanel {
  private node: JobNode | undefined;
  private posted = '';
  private ready = false;

  constructor(
    readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    private readonly find: () => JobNode | undefined,
    private readonly log: LogChannel,
    private readonly act: (action: PageAction, node: JobNode) => Promise<void>,
  ) {
    const media = vscode.Uri.joinPath(extensionUri, 'media');
    panel.webview.options = { enableScripts: true, localResourceRoots: [media] };
    panel.webview.onDidReceiveMessage((message) => void this.hear(message));
    panel.webview.html = html(panel.webview, media);
  }

  async update(): Promise<void> {
    this.node = this.find() ?? this.node;
    if (!this.ready || !this.node) return;
    const { folder, session, job } = this.node;
    const [prompt, answer] = await Promise.all([
      job.prompt_mtime_ns === undefined && !isFinal(job.status)
        ? { none: t('It is written when its turn comes.') }
        : textOr(beginningOfPrompt(folder, job, shown)),
      isFinal(job.status) ? textOr(beginningOfAnswer(folder, job, shown)) : { none: t('There is no answer yet.') },
    ]);
    const key = folder.workspaceFolder.uri.toString();
    const page = jobPage({ job, folder: key, session: session.metadata.name, prompt, answer });
    const text = JSON.stringify(page);
    if (text === this.posted) return;
    this.posted = text;
    this.panel.title = page.title;
    await this.panel.webview.postMessage(page);
  }

  private async hear(message: unknown): Promise<void> {
    const said = v.safeParse(Said, message);
    if (!said.success) return;
    const { action } = said.output;
    try {
      if (action === 'ready') {
        this.ready = true;
        this.posted = '';
        await this.update();
      } else if (this.node) await this.act(action, this.node);
    } catch (error) {
      void reportError(this.log, error);
    }
  }
}

async function textOr(beginning: Promise<Beginning>): Promise<Beginning | { none: string }> {
  try {
    return await beginning;
  } catch (error) {
    return { none: problemOf(error) };
  }
}

/** The frame of the page: nothing is loaded but our own script and style, and no text of a job stands in it. */
function html(webview: vscode.Webview, media: vscode.Uri): string {
  const of = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(media, name));
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src ${webview.cspSource}`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<link rel="stylesheet" href="${of('job.css')}">
<title>${t('Job')}</title>
</head>
<body>
<script src="${of('job.js')}"></script>
</body>
</html>`;
}
