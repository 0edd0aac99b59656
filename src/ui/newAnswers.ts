import * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import { DisposableStore } from '../core/support/disposables';
import { Emitter } from '../core/support/events';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';

/** What ended after `since` and was not looked at is new. `opened` are the ids of those that were. */
interface Seen {
  since: string;
  opened: string[];
}

const key = 'seenAnswers';

/** Which jobs have come to something that a person wants to know of. */
const told: readonly Job['status'][] = ['completed', 'failed', 'timeout'];

/** Knows which answers and failures nobody has looked at yet in this workspace; kept with it, so that closing the window forgets none. */
export class NewAnswers implements vscode.Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new Emitter<readonly Job[]>());
  private seen: Seen;
  /** Fires with the jobs that are new no more. */
  readonly onDidChange = this.changed.event;

  /** `now`, an ISO time, is where counting begins in a workspace that was never looked at. */
  constructor(
    private readonly folders: FolderService,
    private readonly memory: vscode.Memento,
    now: string,
  ) {
    const kept = memory.get<Seen>(key);
    this.seen = kept ?? { since: now, opened: [] };
    if (!kept) this.save();
    this.own.add(vscode.window.onDidChangeVisibleTextEditors((editors) => this.noteEditors(editors)));
    this.own.add(folders.onDidChange(() => this.noteEditors(vscode.window.visibleTextEditors)));
  }

  /** The time (ISO) up to which nothing is new. */
  get seenUntil(): string {
    return this.seen.since;
  }

  /** Whether a job came to its end and nobody looked at that. */
  isNew(job: Job): boolean {
    const { finished_at, job_id, status } = job;
    return told.includes(status) && (finished_at ?? '') > this.seen.since && !this.seen.opened.includes(job_id);
  }

  /** The jobs of a folder that are new. */
  unseenIn(folder: CourierFolder): Job[] {
    return folder.sessions.flatMap(({ finished }) => finished.filter((job) => this.isNew(job)));
  }

  /** Notes that what jobs came to was looked at. */
  open(...jobs: Job[]): void {
    const unseen = this.folders.all.flatMap((folder) => this.unseenIn(folder));
    const now = jobs.filter((job) => this.isNew(job));
    if (now.length === 0) return;
    const ids = new Set(now.map((job) => job.job_id));
    const opened = [...this.seen.opened, ...ids];
    // Of many sessions not all jobs may be read yet.
    const isKnown = this.folders.all.every(({ snapshot }) => snapshot && snapshot.partial !== 'any');
    const left = !isKnown || unseen.some((job) => !ids.has(job.job_id));
    // With nothing new left, one time says it all: that of the last one to end, which may have been opened long before.
    const before = this.folders.all
      .flatMap((folder) => folder.sessions.flatMap(({ finished }) => finished))
      .filter((job) => this.seen.opened.includes(job.job_id));
    const since = [...before, ...unseen, ...now].reduce(
      (last, { finished_at: at = '' }) => (at > last ? at : last),
      this.seen.since,
    );
    this.seen = left ? { ...this.seen, opened } : { since, opened: [] };
    this.save();
    this.changed.fire(now);
  }

  /** Notes that a person has seen all that there is. */
  openAll(): void {
    this.open(...this.folders.all.flatMap((folder) => this.unseenIn(folder)));
  }

  /** A job is looked at when its answer is shown; one that failed, also when its prompt is. */
  private noteEditors(editors: readonly vscode.TextEditor[]): void {
    const files = new Set(editors.map((editor) => editor.document.uri.fsPath));
    const shown = this.folders.all.flatMap((folder) =>
      this.unseenIn(folder).filter((job) => {
        const paths = job.status === 'completed' ? [job.output_path] : [job.output_path, job.prompt_path];
        return paths.some((relative) => files.has(folder.layout.resolve(relative) ?? ''));
      }),
    );
    this.open(...shown);
  }

  private save(): void {
    void this.memory.update(key, this.seen);
  }

  dispose(): void {
    this.own.dispose();
  }
}
