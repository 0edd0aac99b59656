// An extension that does nothing but to show rows like ours, from memory: what VS Code itself needs for such a tree.
performance.mark('plainTree.load');
const vscode = require('vscode');

const rows = Array.from({ length: 1000 }, (_, i) => ({ id: `s-${i}` }));

function getTreeItem({ id }) {
  const item = new vscode.TreeItem(id, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = id;
  item.description = 'stopped · demo';
  item.iconPath = new vscode.ThemeIcon('beaker', new vscode.ThemeColor('disabledForeground'));
  item.contextValue = 'session.stopped';
  item.accessibilityInformation = { label: `${id}, session, stopped` };
  if (id === rows.at(-1).id) performance.mark('plainTree.painted');
  return item;
}

exports.activate = ({ subscriptions }) => {
  const treeDataProvider = { getTreeItem, getChildren: (row) => (row ? [] : rows) };
  const how = { treeDataProvider, showCollapseAll: true, canSelectMany: true };
  subscriptions.push(vscode.window.createTreeView('plainTree.rows', how));
};
