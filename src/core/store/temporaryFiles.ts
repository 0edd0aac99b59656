import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import type { Layout } from './layout';
import { isRealFolder } from './realFolder';
import { chosenNamesIn, type FolderState, namesIn } from './userState';
import { isLeftover } from './wholeFile';

/** A file with its size in bytes and the time of its last change in milliseconds. */
export interface FoundFile {
  file: string;
  bytes: number;
  changed: number;
}

/** A file that is being written is younger than this, in milliseconds. */
const youngest = 3_600_000;

/** Of what stands beside agents' own files, only what no agent is told to name so: a last message, and what a lost session showed. */
const ownLeftover = /^.+\.last-message\.md\.\d{5,}$|^\d{8}T\d{9}_\w+\.txt\.\d{5,}$/;

/** The files that a crash left half written, or never moved into place: of `.courier`, its sessions, and its part in the user's state. */
export async function temporaryFiles(layout: Layout, folder: FolderState, now: number): Promise<FoundFile[]> {
  const halfWritten = (name: string) =>
    isLeftover(name) || /^\.(r|j)-.*\.json$/.test(name) || name.startsWith('.draft-');
  const found: FoundFile[] = [];
  const old = async (dir: string, chosen: (name: string) => boolean) => {
    // Agents can put a link in the place of each folder of `.courier`.
    const within = dir.startsWith(layout.root + path.sep);
    if (!within || (await isRealFolder(layout, dir))) found.push(...(await oldFiles(dir, now - youngest, chosen)));
  };
  const monitorLog = path.basename(layout.monitorLog);
  await old(layout.root, (name) => name.startsWith(`${monitorLog}.1.`) && /\.\d{5,}$/.test(name));
  for (const dir of [layout.root, layout.inbox, folder.dir, folder.answers, folder.claims]) await old(dir, halfWritten);
  for (const dir of [layout.done, layout.rejected, folder.answersDone]) await old(dir, isLeftover);
  for (const id of (await namesIn(layout.active)).filter((name) => idPattern.test(name))) {
    const files = layout.session(id);
    for (const dir of [files.dir, path.dirname(files.health), files.prompts]) await old(dir, isLeftover);
    for (const dir of [files.output, files.logs]) await old(dir, (name) => ownLeftover.test(name));
  }
  return found;
}

/** The plain files of a folder that were last changed before a time, of the names that are chosen. */
export async function oldFiles(
  dir: string,
  before: number,
  chosen: (name: string) => boolean = () => true,
): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const name of await chosenNamesIn(dir, chosen)) {
    const file = path.join(dir, name);
    const stat = await fs.lstat(file).catch(() => undefined);
    if (stat?.isFile() && stat.mtimeMs < before) found.push({ file, bytes: stat.size, changed: stat.mtimeMs });
  }
  return found;
}
