import * as v from 'valibot';
import * as vscode from 'vscode';
import { AgentSettings } from '../core/store/settings';
import { t } from './l10n';

/** What a person says of an agent of their own, as it stands in the setting. */
export type Profile = v.InferInput<typeof AgentSettings>;

export type Profiles = Record<string, Profile>;

const configuration = () => vscode.workspace.getConfiguration('courier');

/** What the user's own settings say; a workspace can name no program. */
export const readProfiles = (): Profiles => configuration().inspect<Profiles>('agents')?.globalValue ?? {};

export async function writeProfiles(value: Profiles | undefined): Promise<void> {
  await configuration().update('agents', value, vscode.ConfigurationTarget.Global);
}

/** Whether the setting takes a change of a profile. */
export function fits(change: Partial<Profile>): boolean {
  return v.is(v.partial(v.looseObject(AgentSettings.entries)), change);
}

/** What is said of a pattern that the setting would not take. */
export const wrongPattern = () => t('This is not a regular expression, or longer than 500 characters.');
