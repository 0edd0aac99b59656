import * as vscode from 'vscode';
import { groupItems, size } from '../core/clean/words';
import { commands } from './contributions';
import type { LogChannel } from './logChannel';
import { plainRow, showInformation } from './messages';
import { isForeign, isNode } from './nodes';
import { registerCommand } from './notifications';
import type { SessionPicker } from './sessionPicker';

/** Registers Clean Up: it lists before it removes. */
export function registerCleanUpCommand(services: { log: LogChannel; picker: SessionPicker }): vscode.Disposable {
  return registerCommand(services.log, commands.cleanUp, (item) => cleanUp(services.picker, item));
}

async function cleanUp(picker: SessionPicker, item: unknown): Promise<void> {
  const folder = isNode(item, 'folder') ? item.folder : await picker.pickFolder();
  if (!folder || isForeign(folder)) return;
  const plan = await folder.planCleanUp();
  const keepsAll = folder.settings.keep_days === 0;
  const kept = keepsAll ? ' Prompts and answers are all kept, as the setting courier.keepDays says.' : '';
  if (plan.length === 0) {
    void showInformation(`There is nothing to clean up.${kept}`);
    return;
  }
  const items = groupItems(plan, Date.now()).map((group) => ({
    label: `${group.items.length} ${group.title}`,
    description: `${size(group.bytes)} · ${group.age} old`,
    detail: group.items
      .map(({ name }) => name)
      .join(', ')
      .slice(0, 300),
    picked: true,
    group,
  }));
  const chosen = await vscode.window.showQuickPick(items.map(plainRow), {
    title: 'Clean Up: remove for good what is checked',
    placeHolder: kept.trim() || 'OK removes it; Escape removes nothing',
    canPickMany: true,
  });
  if (!chosen || chosen.length === 0) return;
  const ids = chosen.flatMap(({ group }) => group.items.map(({ id }) => id));
  await folder.request({ action: 'clean_up', items: ids });
  const left = new Set((await folder.planCleanUp()).map(({ id }) => id));
  const still = ids.filter((id) => left.has(id)).length;
  const words = still > 0 ? `, ${still} still there (the log says why)` : '';
  void showInformation(`Clean Up: ${ids.length - still} removed${words}.`);
}
