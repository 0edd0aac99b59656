import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CourierClient } from '../core/client';
import { idPattern } from '../core/model/ids';
import { readSettingsFor } from '../core/store/folderSettings';
import { Layout } from '../core/store/layout';
import type { Settings } from '../core/store/settings';
import { namesIn, UserState } from '../core/store/userState';
import { type Clock, systemClock } from '../core/support/clock';
import { usageError } from './exitCodes';

/** The options that commands on a folder share. */
export interface FolderOptions {
  dir: string;
  json?: boolean;
}

/** What a command works with. `dir` is the workspace folder as the user named it, for paths that are printed. */
export interface Context {
  dir: string;
  layout: Layout;
  user: UserState;
  settings: Settings;
  client: CourierClient;
  clock: Clock;
}

/** Adds `--dir` (and `--json`) to a command. */
export function withFolder(command: Command, options: { json?: boolean } = {}): Command {
  command.option('--dir <folder>', 'the workspace folder', '.');
  if (options.json) command.option('--json', 'print JSON');
  return command;
}

/** Finds the folder, the user's state and settings; makes nothing. */
export async function openContext(options: FolderOptions): Promise<Context> {
  const workspace = path.resolve(options.dir);
  const stat = await fs.stat(workspace).catch(() => undefined);
  if (!stat?.isDirectory()) throw usageError(`There is no folder ${workspace}.`);
  const user = UserState.fromEnvironment();
  const settings = await readSettingsFor(workspace, user);
  const layout = new Layout(workspace, settings.directory);
  const client = new CourierClient(layout, user, systemClock);
  return { dir: options.dir, layout, user, settings, client, clock: systemClock };
}

/** The names of the requests in the inbox that no runner has taken yet. */
export async function unreadRequests(layout: Layout): Promise<string[]> {
  return (await namesIn(layout.inbox)).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
}

/** Reads an id from the command line. */
export function parseId(text: string): string {
  if (!idPattern.test(text)) {
    throw new InvalidArgumentError('An id has 1 to 64 letters, digits, "_" or "-", and starts with a letter or digit.');
  }
  return text;
}

/** Reads a number of seconds from the command line: 1 to 604800 (a week). */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds < 1 || seconds > 604_800) {
    throw new InvalidArgumentError('It takes a number of seconds from 1 to 604800.');
  }
  return seconds;
}
