import type * as vscode from 'vscode';

/** A job that this window waits for. */
export interface SentJob {
  id: string;
  folder: string;
  name: string;
  /** The group of those that are told of together, once all have ended. */
  group?: string;
  /** Milliseconds of the wall clock. */
  at: number;
}

const key = 'sentJobs';
const forgottenAfter = 14 * 24 * 3600 * 1000;

/** The jobs that this window has sent and not seen the end of; kept with the workspace, so that a reload loses none. */
export class SentJobs {
  private jobs: SentJob[];

  constructor(
    private readonly memory: vscode.Memento,
    now: number,
  ) {
    this.jobs = memory.get<SentJob[]>(key, []).filter((job) => now - job.at < forgottenAfter);
  }

  in(folder: string): readonly SentJob[] {
    return this.jobs.filter((job) => job.folder === folder);
  }

  /** Adds a job; one that is waited for already is not twice. */
  add(job: SentJob): void {
    if (this.jobs.some(({ id, folder }) => id === job.id && folder === job.folder)) return;
    this.jobs = [...this.jobs, job];
    this.save();
  }

  /** Forgets a job; false when it was forgotten before, so that nothing is done twice. */
  take(job: SentJob): boolean {
    const rest = this.jobs.filter((other) => other !== job);
    if (rest.length === this.jobs.length) return false;
    this.jobs = rest;
    this.save();
    return true;
  }

  private save(): void {
    void this.memory.update(key, this.jobs);
  }
}
