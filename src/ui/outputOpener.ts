import * as vscode from 'vscode';
import { isFinal, type Job } from '../core/model/job';
import { findJob } from '../core/store/snapshot';
import { systemClock } from '../core/support/clock';
import { CourierError } from '../core/support/errors';
import { AnswerColumn } from './answerColumn';
import type { Config } from './config';
import { sessionsView } from './contributions';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import { groupOf } from './jobGroups';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { showInformation } from './messages';
import type { NewAnswers } from './newAnswers';
import { reportError } from './notifications';
import { openFile } from './openFile';
import { type SentJob, SentJobs } from './sentJobs';
import { type Failed, tellFailed } from './tellFailed';
import { tellGroup } from './tellGroup';
import { answeredWords, jobLabel, missedWords } from './words';

/** Shows how the jobs that this window sent have ended: opens the answer, or says once why there is none. */
export class OutputOpener implements vscode.Disposable {
  private readonly sent: SentJobs;
  private readonly lookedUp = new Set<string>();
  /** What failed in one look, to be told together. */
  private failed: Failed[] = [];
  /** The folders of which was told what came while the window was closed. */
  private readonly toldOf = new Set<string>();
  private readonly startedAt = systemClock.now();
  private readonly column = new AnswerColumn();
  private readonly listening: vscode.Disposable;
  /** The answer that is being opened: VS Code gives up an editor that is on its way when the next one comes. */
  private opening: Promise<void> = Promise.resolve();

  constructor(
    private readonly folders: FolderService,
    private readonly config: Config,
    private readonly log: LogChannel,
    private readonly answers: NewAnswers,
    memory: vscode.Memento,
  ) {
    this.sent = new SentJobs(memory, systemClock.now());
    this.listening = vscode.Disposable.from(
      this.column,
      folders.onDidChange(() => this.lookAtAll()),
    );
  }

  /** Waits for a job that was just sent, and for the runner's word that it took it. */
  expect(folder: CourierFolder, id: string, name: string): void {
    this.expectAll(folder, [{ id, name }]);
  }

  /** As `expect`, for jobs that are told of together when all of the group have ended. */
  expectAll(folder: CourierFolder, jobs: readonly Pick<SentJob, 'id' | 'name'>[], group?: string): void {
    const sent = jobs.map((job): SentJob => ({ ...job, group, folder: keyOf(folder), at: systemClock.now() }));
    // All of them before one is looked at: a quick one alone is not the end of its group.
    for (const job of sent) this.sent.add(job);
    this.lookAt(folder);
    for (const job of sent) this.hearReply(folder, job).catch((error) => reportError(this.log, error));
  }

  private async hearReply(folder: CourierFolder, job: SentJob): Promise<void> {
    const reply = await folder.client.reply(job.id, 15_000);
    if (reply && !reply.ok && this.sent.take(job)) {
      this.endGroup(folder, job);
      const why = reply.error ?? t('the runner refused it');
      throw new CourierError('refused', t('"{0}" was not taken: {1}', job.name, why));
    }
    if (!reply && !folder.job(job.id)) {
      this.log.warn(`${job.id} is kept in the inbox; no runner has taken it yet`);
    }
  }

  private lookAtAll(): void {
    for (const folder of this.folders.all) {
      this.tellMissed(folder).catch((error) => this.log.error('what came meanwhile could not be told', error));
      this.lookAt(folder);
    }
  }

  /** With a folder's first look: what ended while the window was closed is told once for all, and stands as new in the view. */
  private async tellMissed(folder: CourierFolder): Promise<void> {
    const key = keyOf(folder);
    if (folder.snapshot === undefined || this.toldOf.has(key)) return;
    this.toldOf.add(key);
    const missed: Job[] = [];
    for (const sent of this.sent.in(key)) {
      const job = folder.job(sent.id) ?? (await findJob(folder.layout, sent.id));
      if (!job || !isFinal(job.status) || this.since(job)) continue;
      if (this.sent.take(sent) && job.status !== 'cancelled') missed.push(job);
    }
    if (missed.length === 0 || this.config.openOutput === 'never' || !this.config.tells('other')) return;
    const show = t('Show');
    if ((await showInformation(missedWords(missed), show)) === show)
      await vscode.commands.executeCommand(`${sessionsView}.focus`);
  }

  private lookAt(folder: CourierFolder): void {
    for (const sent of this.sent.in(keyOf(folder))) {
      const job = folder.job(sent.id);
      if (!job) void this.lookUp(folder, sent);
      else if (isFinal(job.status) && this.since(job)) this.settle(folder, sent, job);
    }
  }

  /** Whether a job ended since this window began to look; those before are told of together. */
  private since(job: Job): boolean {
    return Date.parse(job.finished_at ?? '') >= this.startedAt;
  }

  /** Once for each: a job may have ended, while the window was closed, before the finished ones that are shown. */
  private async lookUp(folder: CourierFolder, sent: SentJob): Promise<void> {
    if (folder.snapshot === undefined || this.lookedUp.has(sent.id)) return;
    this.lookedUp.add(sent.id);
    const job = await findJob(folder.layout, sent.id);
    if (job && isFinal(job.status) && this.since(job)) this.settle(folder, sent, job);
  }

  private settle(folder: CourierFolder, sent: SentJob, job: Job): void {
    if (!this.sent.take(sent)) return;
    if (sent.group) this.endGroup(folder, sent);
    else if (job.status === 'completed') this.showAnswer(folder, job);
    else if (job.status !== 'cancelled') this.noteFailed({ folder, name: sent.name, job });
  }

  /** Tells of a group when the last of its jobs has ended. */
  private endGroup(folder: CourierFolder, { group: id }: SentJob): void {
    if (id === undefined || this.sent.in(keyOf(folder)).some(({ group }) => group === id)) return;
    const group = groupOf(folder, id);
    if (!group) return;
    if (group.answers.length === 0) {
      for (const { job } of group.failed) this.noteFailed({ folder, name: jobLabel(job), job });
      return;
    }
    const isWanted = this.config.openOutput !== 'never' && this.config.tells('other');
    if (isWanted || (group.failed.length > 0 && this.config.tells('important')))
      tellGroup(folder, group).catch((error) => reportError(this.log, error));
  }

  private showAnswer(folder: CourierFolder, job: Job): void {
    switch (this.config.openOutput) {
      case 'beside':
        this.openNext(() => this.column.open(folder, job.output_path));
        break;
      case 'preview':
        this.openNext(async () => {
          await this.column.openRendered(folder, job.output_path);
          this.answers.open(job);
        });
        break;
      case 'notify':
        if (this.config.tells('other') && !isInSight(folder, job))
          this.offer(folder, job).catch((error) => reportError(this.log, error));
        break;
      case 'never':
        break;
    }
  }

  private openNext(open: () => Promise<void>): void {
    this.opening = this.opening.then(open).catch((error) => reportError(this.log, error));
  }

  private async offer(folder: CourierFolder, job: Job): Promise<void> {
    const open = await showInformation(answeredWords(job), t('Open Answer'));
    if (open) await openFile(folder, job.output_path);
  }

  /** Those that are found in one look are told together. */
  private noteFailed(failed: Failed): void {
    if (!this.config.tells('important')) return;
    this.failed.push(failed);
    if (this.failed.length > 1) return;
    queueMicrotask(() => {
      const all = this.failed;
      this.failed = [];
      tellFailed(all).catch((error) => reportError(this.log, error));
    });
  }

  dispose(): void {
    this.listening.dispose();
  }
}

function keyOf(folder: CourierFolder): string {
  return folder.workspaceFolder.uri.toString();
}

/** Whether a person who looks at this window sees a job's answer. */
function isInSight(folder: CourierFolder, job: Job): boolean {
  const file = folder.layout.resolve(job.output_path);
  const editors = vscode.window.visibleTextEditors;
  return vscode.window.state.focused && editors.some(({ document }) => document.uri.fsPath === file);
}
