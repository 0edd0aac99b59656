import * as vscode from 'vscode';
import { isFinal, type Job } from '../core/model/job';
import { findJob } from '../core/store/snapshot';
import { systemClock } from '../core/support/clock';
import { CourierError } from '../core/support/errors';
import type { Config } from './config';
import { commands } from './contributions';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import type { LogChannel } from './logChannel';
import { reportError } from './notifications';
import { openBeside, openFile, openPreview } from './openFile';
import { type SentJob, SentJobs } from './sentJobs';
import { jobLabel, jobProblem } from './words';

/** Shows how the jobs that this window sent have ended: opens the answer, or says once why there is none. */
export class OutputOpener implements vscode.Disposable {
  private readonly sent: SentJobs;
  private readonly lookedUp = new Set<string>();
  private readonly listening: vscode.Disposable;

  constructor(
    private readonly folders: FolderService,
    private readonly config: Config,
    private readonly log: LogChannel,
    memory: vscode.Memento,
  ) {
    this.sent = new SentJobs(memory, systemClock.now());
    this.listening = vscode.Disposable.from(folders.onDidChange(() => this.lookAtAll()));
  }

  /** Waits for a job that was just sent, and for the runner's word that it took it. */
  expect(folder: CourierFolder, id: string, name: string): void {
    const job: SentJob = { id, folder: keyOf(folder), name, at: systemClock.now() };
    this.sent.add(job);
    this.lookAt(folder);
    this.hearReply(folder, job).catch((error) => reportError(this.log, error));
  }

  private async hearReply(folder: CourierFolder, job: SentJob): Promise<void> {
    const reply = await folder.client.reply(job.id, 15_000);
    if (reply && !reply.ok && this.sent.take(job)) {
      throw new CourierError('refused', `"${job.name}" was not taken: ${reply.error ?? 'the runner refused it'}`);
    }
    if (!reply && !folder.job(job.id)) {
      this.log.warn(`${job.id} is kept in the inbox; no runner has taken it yet`);
    }
  }

  private lookAtAll(): void {
    for (const folder of this.folders.all) this.lookAt(folder);
  }

  private lookAt(folder: CourierFolder): void {
    for (const sent of this.sent.in(keyOf(folder))) {
      const job = folder.job(sent.id);
      if (!job) void this.lookUp(folder, sent);
      else if (isFinal(job.status)) this.settle(folder, sent, job);
    }
  }

  /** Once for each: a job may have ended, while the window was closed, before the finished ones that are shown. */
  private async lookUp(folder: CourierFolder, sent: SentJob): Promise<void> {
    if (folder.snapshot === undefined || this.lookedUp.has(sent.id)) return;
    this.lookedUp.add(sent.id);
    const job = await findJob(folder.layout, sent.id);
    if (job && isFinal(job.status)) this.settle(folder, sent, job);
  }

  private settle(folder: CourierFolder, sent: SentJob, job: Job): void {
    if (!this.sent.take(sent)) return;
    const shown = job.status === 'completed' ? this.showAnswer(folder, job) : this.showProblem(folder, sent, job);
    shown.catch((error) => reportError(this.log, error));
  }

  private async showAnswer(folder: CourierFolder, job: Job): Promise<void> {
    switch (this.config.openOutput) {
      case 'beside':
        return openBeside(folder, job.output_path);
      case 'preview':
        return openPreview(folder, job.output_path);
      case 'notify': {
        const open = await vscode.window.showInformationMessage(
          `${jobLabel(job)}: the answer is there.`,
          'Open Answer',
        );
        if (open) await openFile(folder, job.output_path);
        return;
      }
      case 'never':
        return;
    }
  }

  private async showProblem(folder: CourierFolder, sent: SentJob, job: Job): Promise<void> {
    if (job.status === 'cancelled') return;
    const ended = job.status === 'timeout' ? 'timed out' : 'failed';
    const message = `"${sent.name}" ${ended}: ${jobProblem(job).replace(/\.$/, '')}. The prompt is kept.`;
    const chosen = await vscode.window.showErrorMessage(message, 'Open Terminal', 'Retry', 'Show Log');
    const session = folder.session(job.session_id);
    if (chosen === 'Open Terminal') {
      await vscode.commands.executeCommand(commands.attach, { kind: 'session', folder, session });
    }
    if (chosen === 'Retry')
      await vscode.commands.executeCommand(commands.retryJob, { kind: 'job', folder, session, job });
    if (chosen === 'Show Log') {
      await vscode.commands.executeCommand(commands.openSessionLog, { kind: 'session', folder, session });
    }
  }

  dispose(): void {
    this.listening.dispose();
  }
}

function keyOf(folder: CourierFolder): string {
  return folder.workspaceFolder.uri.toString();
}
