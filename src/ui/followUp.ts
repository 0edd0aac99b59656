import type * as vscode from 'vscode';
import { isFinal, type Job } from '../core/model/job';
import { CourierError } from '../core/support/errors';
import { commands } from './contributions';
import { chooseJobs, type JobServices } from './jobCommands';
import { t } from './l10n';
import { askLine } from './messages';
import type { JobNode } from './nodes';
import { registerCommand } from './notifications';
import { jobLabel, shortened } from './words';

/** Registers Send Follow-Up…, which queues a prompt right behind a job, in the same conversation. */
export function registerFollowUpCommand(services: JobServices): vscode.Disposable {
  return registerCommand(services.log, commands.followUp, async (item) => {
    const title = t('Send Follow-Up');
    const [node] = await chooseJobs(services, { item, title, fits: canFollow });
    if (node) await followUp(services, node);
  });
}

/** Whether a job has a conversation that goes on after it. */
const canFollow = (job: Job): boolean => job.mode === 'session' && !isFinal(job.status);

async function followUp({ opener }: JobServices, { folder, job }: JobNode): Promise<void> {
  if (job.mode === 'fresh') {
    const why = t(
      '"{0}" runs in a conversation of its own, which ends with it, so there can be no follow-up.',
      jobLabel(job),
    );
    throw new CourierError('no_conversation', why);
  }
  const text = await askLine({
    title: t('Send Follow-Up'),
    prompt: t('What comes right after "{0}", in the same conversation?', jobLabel(job)),
    placeHolder: t('Now write a test for it'),
  });
  if (text === undefined || text.trim() === '') return;
  const id = await folder.send({ session_id: job.session_id, prompt: { text }, follows: job.job_id });
  opener.expect(folder, id, shortened(text.trim(), 60));
}
