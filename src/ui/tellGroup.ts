import * as vscode from 'vscode';
import { commands } from './contributions';
import type { CourierFolder } from './courierFolder';
import type { JobGroup } from './jobGroups';
import { t } from './l10n';
import { showInformation } from './messages';
import { openFile } from './openFile';
import { inferredNote, jobLabel } from './words';

/** Says once that all sessions which got a prompt are done with it, with the way to what they answered. */
export async function tellGroup(folder: CourierFolder, group: JobGroup): Promise<void> {
  const { members, answers } = group;
  const [first] = answers;
  if (!first) return;
  const [compare, open] = [t('Compare Answers'), t('Open Answer')];
  const count = t('{0}: {1} of {2} sessions have answered.', jobLabel(first.job), answers.length, members.length);
  const message = `${count}${inferredNote(members.map(({ job }) => job))}`;
  const chosen = await showInformation(message, answers.length > 1 ? compare : open);
  if (chosen === open) await openFile(folder, first.job.output_path);
  if (chosen === compare)
    await vscode.commands.executeCommand(commands.compareGroup, { kind: 'group', folder, group, open: true });
}
