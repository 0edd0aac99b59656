import * as vscode from 'vscode';
import { builtInAgents } from '../core/agents/registry';
import { CourierError } from '../core/support/errors';
import { editProfile } from './agentForm';
import { fits, type Profile, readProfiles, writeProfiles } from './agentProfiles';
import { commands } from './contributions';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { pickOne, showInformation } from './messages';
import { registerCommand } from './notifications';

/** Registers Edit an Agent…, a form for what the setting says of the user's own agents. */
export function registerEditAgent(log: LogChannel): vscode.Disposable {
  return registerCommand(log, commands.editAgent, editAgent);
}

async function editAgent(): Promise<void> {
  const isBuiltIn = (id: string) => builtInAgents.some((one) => one === id);
  const own = Object.entries(readProfiles()).filter(
    ([id, { type = isBuiltIn(id) ? id : 'custom' }]) => type === 'custom',
  );
  if (own.length === 0) {
    const tryOne = t('Try an Agent…');
    if ((await showInformation(t('There is no agent of your own yet.'), tryOne)) === tryOne)
      await vscode.commands.executeCommand(commands.tryAgent);
    return;
  }
  const rows = own.map(([id, { title, command }]) => ({ label: id, description: String(title ?? command), id }));
  const chosen = await pickOne(rows, { title: t('Edit an Agent'), placeHolder: t('Which agent?') });
  if (!chosen) return;
  const { id } = chosen;
  const current = () => readProfiles()[id] ?? {};
  if (!fits(current()))
    throw new CourierError(
      'settings',
      t('What your setting courier.agents says of "{0}" is not taken as it stands there. Mend it there first.', id),
    );
  const change = (made: Partial<Profile>) => writeProfiles({ ...readProfiles(), [id]: { ...current(), ...made } });
  await editProfile(t('Agent "{0}"', id), current, change);
}
