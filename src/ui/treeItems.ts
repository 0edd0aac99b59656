import * as vscode from 'vscode';
import { commands } from './contributions';
import type { Icon } from './icons';
import { t } from './l10n';
import { type Node, nodeId } from './nodes';
import type { Row } from './rows';
import { unseenUri } from './unseenDecorations';

const { None, Expanded, Collapsed } = vscode.TreeItemCollapsibleState;

/**
 * The tree item of a node. Its command has no arguments and takes what is selected: VS Code forgets the arguments of a row
 * that is drawn again at the moment of the click, and then says that there is no such command.
 */
export function treeItem(node: Node, row: Row): vscode.TreeItem {
  const state = row.below === undefined ? None : row.below === 'open' ? Expanded : Collapsed;
  const item = new vscode.TreeItem(row.label, state);
  item.id = nodeId(node);
  item.description = row.description;
  item.iconPath = row.icon && themeIcon(row.icon);
  item.contextValue = row.context;
  item.accessibilityInformation = { label: row.spoken, ...(isButton(node) ? { role: 'button' } : {}) };
  if (row.opens) item.command = { command: commands.openItem, title: t('Open') };
  if (node.kind === 'job') item.resourceUri = unseenUri(node.job);
  return item;
}

/** Whether a row is there to be clicked, and stands for nothing else. */
function isButton({ kind }: Node): boolean {
  return kind === 'choice' || kind === 'setup' || kind === 'start' || kind === 'more';
}

/** An icon as VS Code takes it. */
export function themeIcon({ name, color }: Icon): vscode.ThemeIcon {
  return new vscode.ThemeIcon(name, color === undefined ? undefined : new vscode.ThemeColor(color));
}
