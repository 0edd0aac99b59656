import * as vscode from 'vscode';
import { CourierError } from '../core/support/errors';
import { type CommandId, commands } from './contributions';
import { filterChoices, type JobFilter } from './jobFilter';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { askLine, pickOne } from './messages';
import type { NewAnswers } from './newAnswers';
import { isNode, type Node } from './nodes';
import { registerCommand } from './notifications';
import type { SessionTree } from './sessionTree';

/** What the commands of the tree itself need. */
export interface TreeServices {
  log: LogChannel;
  tree: SessionTree;
  answers: NewAnswers;
}

/** Registers what opens a row, and what chooses which rows are shown. */
export function registerTreeCommands({ log, tree, answers }: TreeServices): vscode.Disposable {
  return vscode.Disposable.from(
    // Read at once: what is chosen may be another row in a moment.
    registerCommand(log, commands.openItem, () => open(tree.selected)),
    registerCommand(log, commands.showMore, (item) => {
      if (!isNode(item, 'more')) throw new CourierError('no_item', t('Choose "Show More" in the Courier view.'));
      return tree.showMore(item);
    }),
    registerCommand(log, commands.filterJobs, () => chooseFilter(tree)),
    registerCommand(log, commands.clearFilter, () => tree.setFilter(undefined)),
    registerCommand(log, commands.markAllSeen, () => answers.openAll()),
  );
}

/** Does what a click on a row is to do; nothing for a row that is there to be read. */
async function open(node: Node | undefined): Promise<void> {
  const command = node && commandOf(node);
  if (command) await vscode.commands.executeCommand(command, node);
}

function commandOf(node: Node): CommandId | undefined {
  switch (node.kind) {
    case 'job':
      return node.job.status === 'completed' ? commands.openOutput : commands.openPrompt;
    case 'choice':
      return commands.answer;
    case 'foreign':
      return commands.adopt;
    case 'setup':
      return commands.explainSetup;
    case 'start':
      return commands[node.start];
    case 'more':
      return commands.showMore;
    default:
      return undefined;
  }
}

async function chooseFilter(tree: SessionTree): Promise<void> {
  const { filter: now } = tree;
  const rows = filterChoices().map(({ kind, label, detail }) => ({ label, detail, choice: kind }));
  const chosen = await pickOne(rows, { title: t('Show Only'), placeHolder: t('Which jobs?'), matchOnDetail: true });
  if (!chosen) return;
  const filter: JobFilter | undefined = chosen.choice === 'text' ? await askText(now) : { kind: chosen.choice };
  if (filter) tree.setFilter(filter);
}

async function askText(now: JobFilter | undefined): Promise<JobFilter | undefined> {
  const value = now?.kind === 'text' ? now.text : '';
  const text = await askLine({
    title: t('Show Only'),
    prompt: t('Words of the prompt, its file, or its session'),
    value,
  });
  return text?.trim() ? { kind: 'text', text: text.trim() } : undefined;
}
