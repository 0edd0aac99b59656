import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { Id } from '../model/ids';
import { type Clock, isoTime } from '../support/clock';
import { CourierError, hasCode } from '../support/errors';
import { readJson, writeJson } from './jsonFile';
import type { Layout } from './layout';
import { oddOnTheWay } from './plainTree';
import { namesIn, type Registration, type UserState } from './userState';

/** `folder.json` in `.courier`. */
export const FolderFile = v.looseObject({ version: v.literal('1.0'), folder_id: Id, created_at: v.string() });

/** What a workspace's `.courier` folder is to this machine. */
export type FolderStanding =
  | { kind: 'absent' }
  | { kind: 'own'; registration: Registration }
  /** It came with a clone, a copy or a mount: it is shown, and runs nothing until a person adopts it. */
  | { kind: 'foreign'; why: string };

/** The id that a `.courier` folder has; undefined when it has none that can be read. */
export async function readFolderId(layout: Layout): Promise<string | undefined> {
  const read = await readJson(FolderFile, layout.folderFile);
  return read.kind === 'ok' ? read.value.folder_id : undefined;
}

/** Finds out whether a `.courier` folder is this machine's own; changes nothing. */
export async function folderStanding(layout: Layout, user: UserState): Promise<FolderStanding> {
  const odd = await oddOnTheWay(layout);
  if (odd) return { kind: 'foreign', why: odd.link ? `${odd.file} is a symbolic link` : `${odd.file} is no folder` };
  // Before its file is looked for: a folder that another program moves into place meanwhile is whole, and not one without a file.
  const present = (await namesIn(layout.root)).length > 0;
  const read = await readJson(FolderFile, layout.folderFile);
  if (read.kind === 'newer') return { kind: 'foreign', why: read.message };
  if (read.kind === 'unreadable') return { kind: 'foreign', why: read.message };
  if (read.kind === 'missing')
    return present ? { kind: 'foreign', why: `${layout.root} has no folder.json` } : { kind: 'absent' };
  const known = await user.registration(read.value.folder_id);
  if (known.kind === 'missing') return { kind: 'foreign', why: `${layout.root} was not made on this machine` };
  if (known.kind !== 'ok') return { kind: 'foreign', why: known.message };
  const registration = known.value;
  const here = await fs.realpath(layout.workspace);
  if (registration.path !== here) return { kind: 'foreign', why: `${layout.root} was made at ${registration.path}` };
  return { kind: 'own', registration };
}

/** Makes the folder when it's absent, returns its registration when it's our own; throws `not_adopted` when it is foreign. */
export async function openFolder(layout: Layout, user: UserState, clock: Clock): Promise<Registration> {
  const standing = await folderStanding(layout, user);
  if (standing.kind === 'own') return standing.registration;
  if (standing.kind === 'foreign') {
    throw new CourierError(
      'not_adopted',
      `${standing.why}, so nothing in it is run. If you trust what it holds, adopt it: "courier adopt", or Adopt in VS Code.`,
    );
  }
  return makeFolder(layout, user, clock);
}

/**
 * Makes a folder that is absent, whole or not at all: several programs may do so at the same time, and none may see
 * another's half done. It is made under another name and moved into place, which only the first one can.
 */
async function makeFolder(layout: Layout, user: UserState, clock: Clock): Promise<Registration> {
  const draft = layout.draft(clock.random().slice(0, 12));
  await fs.mkdir(path.dirname(draft.root), { recursive: true, mode: 0o700 });
  try {
    const registration = await createFolder(draft, user, clock);
    try {
      await fs.rename(draft.root, layout.root);
      return registration;
    } catch (error) {
      await user.unregister(registration.folder_id);
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
      return openFolder(layout, user, clock);
    }
  } finally {
    await fs.rm(draft.root, { recursive: true, force: true });
  }
}

/** Makes the folders and a new identity, and registers it on this machine. */
export async function createFolder(layout: Layout, user: UserState, clock: Clock): Promise<Registration> {
  for (const dir of [layout.root, layout.inbox, layout.done, layout.rejected, layout.active, layout.deleted]) {
    await fs.mkdir(dir, { recursive: true, mode: 0o700 });
  }
  try {
    await fs.writeFile(layout.gitignore, '*\n', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const folder_id = clock.random();
  const registration = await user.register(folder_id, await fs.realpath(layout.workspace));
  await writeJson(layout.folderFile, { version: '1.0', folder_id, created_at: isoTime(clock.now()) });
  return registration;
}
