import * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import { DisposableStore } from '../core/support/disposables';
import type { FolderService } from './folderService';
import { t } from './l10n';
import type { NewAnswers } from './newAnswers';

const scheme = 'courier-job';

/** What a job's row is decorated by; nothing can be opened by it. */
export function unseenUri({ job_id }: Job): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${job_id}` });
}

/** Marks what nobody has looked at yet: the rows of such jobs, and their answer files wherever VS Code shows them. */
export class UnseenDecorations implements vscode.FileDecorationProvider, vscode.Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new vscode.EventEmitter<vscode.Uri[]>());
  private unseen = new Map<string, vscode.Uri>();
  readonly onDidChangeFileDecorations = this.changed.event;

  constructor(
    private readonly folders: FolderService,
    private readonly answers: NewAnswers,
  ) {
    this.own.add(vscode.window.registerFileDecorationProvider(this));
    for (const event of [folders.onDidChange, answers.onDidChange]) this.own.add(event(() => this.look()));
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (!this.unseen.has(uri.toString())) return undefined;
    return { badge: '●', tooltip: t('Not looked at yet'), propagate: false };
  }

  private look(): void {
    const before = this.unseen;
    this.unseen = new Map(this.uris().map((uri) => [uri.toString(), uri]));
    const moved = [...before, ...this.unseen].filter(([key]) => before.has(key) !== this.unseen.has(key));
    if (moved.length > 0) this.changed.fire(moved.map(([, uri]) => uri));
  }

  private uris(): vscode.Uri[] {
    return this.folders.all.flatMap((folder) =>
      this.answers.unseenIn(folder).flatMap((job) => {
        const file = job.status === 'completed' ? folder.layout.resolve(job.output_path) : undefined;
        return [unseenUri(job), ...(file === undefined ? [] : [vscode.Uri.file(file)])];
      }),
    );
  }

  dispose(): void {
    this.own.dispose();
  }
}
