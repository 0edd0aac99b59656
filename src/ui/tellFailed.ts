import * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import { commands, sessionsView } from './contributions';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import { showError } from './messages';
import { briefProblem, inferredNote } from './words';

/** A job that this window sent and that came to nothing. `name` is what it was called when it was sent. */
export interface Failed {
  folder: CourierFolder;
  name: string;
  job: Job;
}

/** Tells of jobs that failed, in one message, with what helps. */
export async function tellFailed(all: readonly Failed[]): Promise<void> {
  const [first] = all;
  if (!first) return;
  if (all.length === 1) return tellOne(first);
  const why = new Set(all.map(({ job }) => briefProblem(job)));
  const show = t('Show');
  const message =
    why.size === 1
      ? t('{0} jobs failed: {1}. Their prompts are kept.', all.length, briefProblem(first.job))
      : `${t('{0} jobs failed. Their prompts are kept.', all.length)}${inferredNote(all.map(({ job }) => job))}`;
  if ((await showError(message, show)) === show) await vscode.commands.executeCommand(`${sessionsView}.focus`);
}

async function tellOne({ folder, name, job }: Failed): Promise<void> {
  const why = briefProblem(job);
  const message =
    job.status === 'timeout'
      ? t('"{0}" timed out: {1}. The prompt is kept.', name, why)
      : t('"{0}" failed: {1}. The prompt is kept.', name, why);
  const [again, terminal, log] = [t('Run Again'), t('Open Terminal'), t('Show Log')];
  const chosen = await showError(message, again, terminal, log);
  const session = folder.session(job.session_id);
  if (chosen === terminal) await vscode.commands.executeCommand(commands.attach, { kind: 'session', folder, session });
  if (chosen === again) await vscode.commands.executeCommand(commands.retryJob, { kind: 'job', folder, session, job });
  if (chosen === log)
    await vscode.commands.executeCommand(commands.openSessionLog, { kind: 'session', folder, session });
}
