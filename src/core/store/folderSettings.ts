import { eventlessMounts } from '../support/fileSystem';
import { readSettings, type Settings } from './settings';
import type { UserState } from './userState';

/** The settings as they hold for a folder: files are polled where the user wants it, and where no event would come. */
export async function settingsFor(settings: Settings, workspace: string, user: UserState): Promise<Settings> {
  if (settings.use_polling) return settings;
  const mounts = await eventlessMounts([workspace, user.root]);
  return mounts.length > 0 ? { ...settings, use_polling: true } : settings;
}

/** Reads the user's settings as they hold for a folder; throws as `readSettings` does. */
export async function readSettingsFor(workspace: string, user: UserState): Promise<Settings> {
  return settingsFor(await readSettings(user), workspace, user);
}
