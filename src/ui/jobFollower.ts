import * as vscode from 'vscode';
import { isFinal, type Job } from '../core/model/job';
import { findJob, type SessionView } from '../core/store/snapshot';
import { systemClock } from '../core/support/clock';
import { CourierError } from '../core/support/errors';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import { t } from './l10n';

/** A job that came, went on, or ended; `folder` is its workspace folder's path. */
export interface JobChange {
  folder: string;
  job: Job;
}

/** How long the runner's word on a request is waited for, in milliseconds; a job that is seen needs none. */
const replyLimit = 15_000;

/** Tells of jobs as the folders' files change, to whoever listens. */
export class JobFollower implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<JobChange>();
  private following: vscode.Disposable | undefined;
  private since = 0;
  /** By folder, then session, as they were last told of. */
  private readonly seen = new Map<string, Map<string, SessionView>>();

  constructor(private readonly folders: FolderService) {}

  /** Fires for each job whose status, phase or dialog is another than before. Nothing is looked at until somebody listens. */
  readonly onDidChangeJob: vscode.Event<JobChange> = (...args) => {
    this.begin();
    return this.changed.event(...args);
  };

  private begin(): void {
    if (this.following) return;
    this.since = systemClock.now();
    this.look(false);
    this.following = this.folders.onDidChange(() => this.look(true));
  }

  private look(tell: boolean): void {
    for (const folder of this.folders.all) {
      if (!folder.snapshot) continue;
      const path = folder.layout.workspace;
      const before = this.seen.get(path);
      const now = new Map(folder.sessions.map((session) => [session.metadata.session_id, session]));
      this.seen.set(path, now);
      if (!tell || !before) continue;
      for (const [id, session] of now) {
        const old = before.get(id);
        if (old !== session) this.compare(path, old, session);
      }
    }
  }

  private compare(folder: string, old: SessionView | undefined, now: SessionView): void {
    const before = new Map(old ? [...old.jobs, ...old.finished].map((job) => [job.job_id, job]) : []);
    for (const job of [...now.jobs, ...now.finished]) {
      const last = before.get(job.job_id);
      if (last === job || (last && stepOf(last) === stepOf(job))) continue;
      // Older ones come into view when more are shown.
      if (!last && isFinal(job.status) && Date.parse(job.finished_at ?? '') < this.since) continue;
      this.changed.fire({ folder, job });
    }
  }

  /** A job as it has ended. Throws what the runner has against it, and `CancellationError` when the waiting is cancelled. */
  async end(folder: CourierFolder, id: string, token?: vscode.CancellationToken): Promise<Job> {
    const own: vscode.Disposable[] = [];
    try {
      return await new Promise<Job>((resolve, reject) => {
        const path = folder.layout.workspace;
        // The folder's object is another one when a setting was changed.
        const now = () => this.folders.all.find(({ layout }) => layout.workspace === path)?.job(id);
        const take = (job: Job | undefined) => job && isFinal(job.status) && resolve(job);
        if (token?.isCancellationRequested) reject(new vscode.CancellationError());
        if (token) own.push(token.onCancellationRequested(() => reject(new vscode.CancellationError())));
        own.push(this.folders.onDidChange(() => take(now())));
        take(now());
        if (now()) return;
        // It may have ended before those that are shown, or be refused and never be seen.
        findJob(folder.layout, id).then(take, reject);
        folder.client.reply(id, replyLimit).then((reply) => {
          if (reply && !reply.ok)
            reject(new CourierError('refused', reply.error ?? t('The runner refused the request.')));
        }, reject);
      });
    } finally {
      for (const one of own) one.dispose();
    }
  }

  dispose(): void {
    this.following?.dispose();
    this.changed.dispose();
  }
}

const stepOf = ({ status, phase, waiting }: Job) => `${status} ${phase ?? ''} ${waiting?.dialog_id ?? ''}`;
