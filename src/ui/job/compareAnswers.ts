import * as vscode from 'vscode';
import type { Job } from '../../core/model/job';
import type { FolderService } from '../folderService';
import { jobIcon } from '../icons';
import { t } from '../l10n';
import { pickOne, showInformation } from '../messages';
import { isForeign, isNode, type JobNode } from '../nodes';
import { findFile } from '../openFile';
import { themeIcon } from '../treeItems';
import { clockTime, jobLabel } from '../words';

/** Shows two answers side by side in the diff editor: two that are selected, or one and another that is chosen. */
export async function compareAnswers(folders: FolderService, node: JobNode, selected: unknown): Promise<void> {
  const marked = Array.isArray(selected) ? selected.filter((one) => isNode(one, 'job')) : [];
  const second = marked.find(({ job }) => job.job_id !== node.job.job_id);
  const other = marked.length === 2 && second ? second : await chooseOther(folders, node);
  if (other) await compareTwo(node, other);
}

/** Shows two answers in the diff editor. */
export async function compareTwo(node: JobNode, other: JobNode): Promise<void> {
  // The older one stands on the left.
  const [left, right] = [node, other].sort((a, b) => a.job.created_at.localeCompare(b.job.created_at)) as [
    JobNode,
    JobNode,
  ];
  const title = `${nameOf(left)} ↔ ${nameOf(right)}`;
  await vscode.commands.executeCommand('vscode.diff', await answerOf(left), await answerOf(right), title);
}

const answerOf = ({ folder, job }: JobNode) => findFile(folder, job.output_path);
const nameOf = ({ job, session }: JobNode) =>
  `${jobLabel(job)} (${session.metadata.name}, ${new Date(job.created_at).toLocaleTimeString()})`;

/** Another answer, those to the same prompt first. */
async function chooseOther(folders: FolderService, { job }: JobNode): Promise<JobNode | undefined> {
  const others = folders.all
    .filter((folder) => !isForeign(folder))
    .flatMap((folder) => folder.sessions.map((session) => ({ folder, session })))
    .flatMap(({ folder, session }) =>
      session.finished
        .filter((one) => one.status === 'completed' && one.job_id !== job.job_id)
        .map((one): JobNode => ({ kind: 'job', folder, session, job: one })),
    )
    .sort((a, b) => b.job.created_at.localeCompare(a.job.created_at));
  if (others.length === 0) {
    void showInformation(
      t('There is no other answer to compare with yet. Send the prompt again, or to another session.'),
    );
    return undefined;
  }
  const same = others.filter((other) => isSamePrompt(job, other.job));
  const rows = [...same, ...others.filter((other) => !same.includes(other))].map((other) => ({
    label: jobLabel(other.job),
    description: `${other.session.metadata.name} · ${other.job.agent} · ${clockTime(other.job.created_at)}`,
    detail: same.includes(other) ? t('the same prompt') : undefined,
    iconPath: themeIcon(jobIcon(other.job)),
    other,
  }));
  const chosen = await pickOne(rows, {
    title: t('Compare with'),
    placeHolder: t('With which answer?'),
    matchOnDescription: true,
  });
  return chosen?.other;
}

/** Whether two jobs were asked the same: one was sent again as the other, or both came from one place with the same first words. */
function isSamePrompt(a: Job, b: Job): boolean {
  const origins = (job: Job) => [job.job_id, job.retry_of].filter((id) => id !== undefined);
  if (origins(a).some((id) => origins(b).includes(id))) return true;
  const place = ({ title, source }: Job) => JSON.stringify([title, source?.path, source?.start_line, source?.end_line]);
  return a.title !== undefined && place(a) === place(b);
}
