import * as vscode from 'vscode';
import { CourierError } from '../core/support/errors';
import { commands } from './contributions';
import { compareTwo } from './job/compareAnswers';
import { groupOf, type JobGroup } from './jobGroups';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { pickOne, showInformation } from './messages';
import { type GroupNode, isNode, type JobNode } from './nodes';
import { registerCommand } from './notifications';
import { findFile } from './openFile';
import { forEachOf } from './selection';

/** Registers what is done with a prompt that went to several sessions. */
export function registerGroupCommands({ log }: { log: LogChannel }): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(log, commands.compareGroup, (item) => compare(asGroup(item))),
    registerCommand(log, commands.cancelGroup, (item) => cancelAll(asGroup(item))),
    registerCommand(log, commands.pickAnswer, (item) => pickAnswer(item)),
  );
}

function asGroup(item: unknown): GroupNode {
  if (isNode(item, 'group')) return item;
  throw new CourierError('no_item', t('Choose a prompt that went to several sessions in the Courier view.'));
}

/** The group as it is now: the row may have been drawn a while ago. */
const now = ({ folder, group }: GroupNode): JobGroup => groupOf(folder, group.id) ?? group;

async function cancelAll(node: GroupNode): Promise<void> {
  await forEachOf(now(node).live, ({ job }) => node.folder.request({ action: 'cancel', job_id: job.job_id }));
}

/** The others stay on disk, and can be picked instead. */
async function pickAnswer(item: unknown): Promise<void> {
  if (!isNode(item, 'job')) throw new CourierError('no_item', t('Choose a job in the Courier view.'));
  await item.folder.request({ action: 'pick_answer', job_id: item.job.job_id });
}

/** Two answers stand in the diff editor; of more it is asked which two, or all stand in columns. */
async function compare(node: GroupNode): Promise<void> {
  const { folder } = node;
  const answers = now(node).answers.map((member): JobNode => ({ kind: 'job', folder, ...member }));
  const pairs = answers.flatMap((left, i) => answers.slice(i + 1).map((right) => [left, right] as const));
  const [only] = pairs;
  if (!only) {
    void showInformation(t('There are no two answers to compare yet.'));
    return;
  }
  if (pairs.length === 1) return compareTwo(...only);
  const name = ({ session }: JobNode) => session.metadata.name;
  const rows = [
    { label: t('All {0} side by side', answers.length), pair: undefined },
    ...pairs.map((pair) => ({ label: `${name(pair[0])} ↔ ${name(pair[1])}`, pair })),
  ];
  const chosen = await pickOne(rows, { title: t('Compare Answers'), placeHolder: t('Which answers?') });
  if (chosen?.pair) await compareTwo(...chosen.pair);
  else if (chosen) await inColumns(answers);
}

async function inColumns(answers: readonly JobNode[]): Promise<void> {
  for (const [i, { folder, job }] of answers.entries()) {
    const uri = await findFile(folder, job.output_path);
    // VS Code has nine columns.
    const options = { viewColumn: Math.min(i + 1, 9), preview: false };
    await vscode.commands.executeCommand('vscode.openWith', uri, 'default', options);
  }
}
