import * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import { commands, sessionsView } from './contributions';
import type { CourierFolder } from './courierFolder';
import { showError } from './messages';
import { briefProblem } from './words';

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
  const reason = why.size === 1 ? `: ${briefProblem(first.job)}` : '';
  const show = vscode.l10n.t('Show');
  const message = vscode.l10n.t('{0} jobs failed{1}. Their prompts are kept.', all.length, reason);
  if ((await showError(message, show)) === show) await vscode.commands.executeCommand(`${sessionsView}.focus`);
}

async function tellOne({ folder, name, job }: Failed): Promise<void> {
  const ended = job.status === 'timeout' ? 'timed out' : 'failed';
  const message = `"${name}" ${ended}: ${briefProblem(job)}. The prompt is kept.`;
  const chosen = await showError(message, 'Run Again', 'Open Terminal', 'Show Log');
  const session = folder.session(job.session_id);
  if (chosen === 'Open Terminal')
    await vscode.commands.executeCommand(commands.attach, { kind: 'session', folder, session });
  if (chosen === 'Run Again')
    await vscode.commands.executeCommand(commands.retryJob, { kind: 'job', folder, session, job });
  if (chosen === 'Show Log')
    await vscode.commands.executeCommand(commands.openSessionLog, { kind: 'session', folder, session });
}
