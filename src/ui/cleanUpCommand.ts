import * as vscode from 'vscode';
import type { CleanKind } from '../core/clean/item';
import { type Age, ageOf, type CleanGroup, groupItems, size } from '../core/clean/words';
import { commands } from './contributions';
import { t } from './l10n';
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
  const kept = keepsAll ? t('Prompts and answers are all kept, as the setting courier.keepDays says.') : '';
  if (plan.length === 0) {
    void showInformation([t('There is nothing to clean up.'), kept].filter(Boolean).join(' '));
    return;
  }
  const items = groupItems(plan, Date.now()).map((group) => ({
    label: groupWords[group.kind](group.items.length),
    description: `${size(group.bytes)} · ${t('{0} old', ageWords(group))}`,
    detail: group.items
      .map(({ name }) => name)
      .join(', ')
      .slice(0, 300),
    picked: true,
    group,
  }));
  const chosen = await vscode.window.showQuickPick(items.map(plainRow), {
    title: t('Clean Up: remove for good what is checked'),
    placeHolder: kept || t('OK removes it; Escape removes nothing'),
    canPickMany: true,
  });
  if (!chosen || chosen.length === 0) return;
  const ids = chosen.flatMap(({ group }) => group.items.map(({ id }) => id));
  await folder.request({ action: 'clean_up', items: ids });
  const left = new Set((await folder.planCleanUp()).map(({ id }) => id));
  const still = ids.filter((id) => left.has(id)).length;
  const removed = ids.length - still;
  void showInformation(
    still > 0
      ? t('Clean Up: {0} removed, {1} still there (the log says why).', removed, still)
      : t('Clean Up: {0} removed.', removed),
  );
}

/** As the command line says it, in the person's language. */
const groupWords: Record<CleanKind, (count: number) => string> = {
  fresh: (count) => t('{0} tmux sessions of finished fresh jobs', count),
  orphan: (count) => t('{0} tmux sessions of deleted sessions', count),
  launch: (count) => t('{0} what ended agents left in your own state folder', count),
  draft: (count) => t('{0} folders beside .courier that a cut-off start left', count),
  temporary: (count) => t('{0} temporary files', count),
  job: (count) => t('{0} prompts and answers of old jobs', count),
  log: (count) => t('{0} old logs', count),
};

function ageWords({ youngest, oldest }: CleanGroup): string {
  const [from, to] = [timeWords(ageOf(youngest)), timeWords(ageOf(oldest))];
  return from === to ? to : t('{0} to {1}', from, to);
}

function timeWords({ count, unit }: Age): string {
  if (unit === 'minute') return count === 1 ? t('1 minute') : t('{0} minutes', count);
  if (unit === 'hour') return count === 1 ? t('1 hour') : t('{0} hours', count);
  return count === 1 ? t('1 day') : t('{0} days', count);
}
