import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { readFolderId } from '../store/folder';
import { readJson } from '../store/jsonFile';
import type { Layout } from '../store/layout';
import { FolderState, namesIn, Registration } from '../store/userState';
import { isLeftover } from '../store/wholeFile';
import type { CleanContext, CleanItem } from './item';

/** A folder that is being made is younger, in milliseconds. */
const youngest = 3_600_000;

/**
 * Folders beside `.courier` under which a start that was cut off was making it (`.courier.<12 hex digits>`), with what is registered of
 * them in the user's own state. Known by all that they hold, which is empty folders and at most two small files; what holds
 * anything else is a person's. None can get into place any more: `.courier` is there.
 */
export async function draftItems({ layout, folder, clock }: CleanContext): Promise<CleanItem[]> {
  const items: CleanItem[] = [];
  const name = path.basename(layout.root);
  for (const found of await namesIn(path.dirname(layout.root))) {
    const suffix = found.startsWith(`${name}.`) ? found.slice(name.length + 1) : '';
    if (!/^[0-9a-f]{12}$/.test(suffix)) continue;
    const draft = layout.draft(suffix);
    const seen = await look(draft);
    const registered = seen && (await registeredFor(draft, folder));
    if (!registered || seen.changed > clock.now() - youngest) continue;
    items.push({ id: `draft:${found}`, kind: 'draft', name: found, files: [draft.root, ...registered], ...seen });
  }
  return items;
}

/** What a draft may hold of each of its folders, each of which may be missing. */
const mayHold = ({ root, inbox, done, rejected, active, deleted, folderFile, gitignore }: Layout) => ({
  folders: [root, inbox, done, rejected, path.dirname(active), active, deleted],
  isFile: (file: string) =>
    file === folderFile || file === gitignore || (file.startsWith(`${folderFile}.`) && isLeftover(file)),
});

/** The size and the newest change of a draft; undefined when it is no folder of ours, or holds what no draft does. */
async function look(draft: Layout): Promise<{ bytes: number; changed: number } | undefined> {
  const { folders, isFile } = mayHold(draft);
  let [bytes, changed] = [0, 0];
  const see = async (full: string): Promise<boolean> => {
    const stat = await fs.lstat(full);
    changed = Math.max(changed, stat.mtimeMs);
    if (process.getuid !== undefined && stat.uid !== process.getuid()) return false;
    if (stat.isFile()) bytes += stat.size;
    if (!stat.isDirectory()) return stat.isFile() && isFile(full);
    if (!folders.includes(full)) return false;
    for (const name of await fs.readdir(full)) if (!(await see(path.join(full, name)))) return false;
    return true;
  };
  const isOurs = await see(draft.root).catch(() => false);
  return isOurs && (await isPlainIgnore(draft)) ? { bytes, changed } : undefined;
}

/** Whether its .gitignore is the one that is made, or none. */
async function isPlainIgnore({ gitignore }: Layout): Promise<boolean> {
  const text = await fs.readFile(gitignore, 'utf8').catch(() => '');
  return text === '' || text === '*\n';
}

/** The part of a draft in the user's own state; undefined when its id is not this machine's, is that of `.courier` itself, or was used. */
async function registeredFor(draft: Layout, own: FolderState): Promise<string[] | undefined> {
  const id = await readFolderId(draft);
  if (id === undefined) return (await fs.lstat(draft.folderFile).catch(() => undefined)) ? undefined : [];
  const state = new FolderState(path.join(path.dirname(own.dir), id));
  const read = await readJson(Registration, state.registration);
  if (state.dir === own.dir || read.kind !== 'ok' || read.value.folder_id !== id) return undefined;
  if (read.value.path !== (await fs.realpath(draft.workspace))) return undefined;
  const used = [state.claims, state.launches, state.answersDone].map(namesIn);
  return (await Promise.all(used)).flat().length === 0 ? [state.dir] : undefined;
}
