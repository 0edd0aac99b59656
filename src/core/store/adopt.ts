import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import type { Clock } from '../support/clock';
import { CourierError } from '../support/errors';
import { disarmSession } from './disarmSession';
import { createFolder, FolderFile, folderStanding } from './folder';
import { readJson, setAside, writeJson } from './jsonFile';
import { type Layout, SessionLayout } from './layout';
import { requirePlainTree } from './plainTree';
import { namesIn, type Registration, type UserState } from './userState';

/** What adopting a folder did. `asideFiles` couldn't be read and were renamed beside themselves. */
export interface Adoption {
  registration: Registration;
  /** False when the folder was this machine's own already, and nothing was done. */
  adopted: boolean;
  rejectedRequests: number;
  pausedJobs: number;
  failedJobs: number;
  asideFiles: string[];
}

/**
 * Makes a folder that came from elsewhere this machine's own, under a new identity, so that nothing which came along runs by itself:
 * requests are rejected, pending jobs paused, running ones failed, sessions stopped. Throws `no_folder` and `adopt_refused`.
 */
export async function adoptFolder(layout: Layout, user: UserState, clock: Clock): Promise<Adoption> {
  const done: Omit<Adoption, 'registration'> = {
    adopted: true,
    rejectedRequests: 0,
    pausedJobs: 0,
    failedJobs: 0,
    asideFiles: [],
  };
  const standing = await folderStanding(layout, user);
  if (standing.kind === 'own') return { ...done, adopted: false, registration: standing.registration };
  if (standing.kind === 'absent') {
    throw new CourierError('no_folder', `There is no ${layout.root} to adopt. It is made when the first job is sent.`);
  }
  await requireReadableVersion(layout, user);
  await requirePlainTree(layout);
  await fs.chmod(layout.root, 0o700);
  const read = await readJson(FolderFile, layout.folderFile);
  if (read.kind === 'unreadable') done.asideFiles.push(await setAside(layout.folderFile, clock.now()));

  done.rejectedRequests = await rejectRequests(layout, clock);
  for (const parent of [layout.active, layout.deleted]) {
    for (const id of (await namesIn(parent)).filter((name) => idPattern.test(name))) {
      const session = await disarmSession(layout, new SessionLayout(path.join(parent, id), layout.workspace), clock);
      done.pausedJobs += session.paused;
      done.failedJobs += session.failed;
      done.asideFiles.push(...session.aside);
    }
  }
  // Last, so that an adoption that was cut off leaves a folder that is still foreign.
  return { ...done, registration: await createFolder(layout, user, clock) };
}

/** What a newer version made, also on this machine, is not taken away from it. */
async function requireReadableVersion(layout: Layout, user: UserState): Promise<void> {
  const read = await readJson(FolderFile, layout.folderFile);
  const known = read.kind === 'ok' ? await user.registration(read.value.folder_id) : read;
  for (const { kind, message } of [read, known].filter((one) => 'message' in one))
    if (kind === 'newer') throw new CourierError('adopt_refused', message);
}

/** Moves what stands in the inbox to `rejected/`; returns how many requests there were. */
async function rejectRequests(layout: Layout, clock: Clock): Promise<number> {
  const own = new Set([path.basename(layout.done), path.basename(layout.rejected)]);
  const names = (await namesIn(layout.inbox)).filter((name) => !own.has(name));
  if (names.length > 0) await fs.mkdir(layout.rejected, { recursive: true, mode: 0o700 });
  const taken = new Set(await namesIn(layout.rejected));
  let requests = 0;
  for (const name of names) {
    const kept = taken.has(name) ? `${clock.random().slice(0, 8)}-${name}` : name;
    await fs.rename(path.join(layout.inbox, name), path.join(layout.rejected, kept));
    if (name.startsWith('.') || !name.endsWith('.json')) continue;
    requests += 1;
    const id = kept.slice(0, -'.json'.length);
    await writeJson(path.join(layout.rejected, `${id}.error.json`), {
      version: '1.0',
      id,
      ok: false,
      error: 'came with the folder before it was adopted',
    });
  }
  return requests;
}
