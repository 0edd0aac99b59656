import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import { readJson } from '../store/jsonFile';
import { QueueFile } from '../store/queueFile';
import { type FolderState, namesIn } from '../store/userState';
import type { CleanContext, CleanItem } from './item';

/** A start that is under way has a younger folder, in milliseconds. */
const youngest = 3_600_000;

/** What starts of CLIs left in the user's own state: folders of which neither a tmux session nor a running job is left. */
export async function launchItems(context: CleanContext): Promise<CleanItem[]> {
  const { folder, clock } = context;
  const known = await knownLaunches(context);
  const items: CleanItem[] = [];
  for (const name of await namesIn(folder.launches)) {
    const id = name.replace(/\.gone$/, '');
    if (!idPattern.test(id) || known.has(id)) continue;
    const dir = path.join(folder.launches, name);
    const { bytes, changed } = await measure(dir);
    if (changed > clock.now() - youngest) continue;
    items.push({ id: `launch:${name}`, kind: 'launch', name, files: [dir], bytes, changed });
  }
  return items;
}

async function knownLaunches({ layout, tmux, launchesInUse }: CleanContext): Promise<Set<string>> {
  const known = new Set([...(launchesInUse ?? []), ...tmux.flatMap((session) => session.launch_id ?? [])]);
  for (const id of (await namesIn(layout.active)).filter((name) => idPattern.test(name))) {
    const queue = await readJson(QueueFile, layout.session(id).queue);
    if (queue.kind === 'ok') for (const job of queue.value.jobs) if (job.launch_id) known.add(job.launch_id);
  }
  return known;
}

/** The size of a folder's files, and its newest change. Links count for themselves. */
async function measure(dir: string): Promise<{ bytes: number; changed: number }> {
  // With their types: else links to folders are followed, which lead to what is the user's.
  const entries = await fs.readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  let [bytes, changed] = [0, 0];
  for (const file of [dir, ...entries.map((entry) => path.join(entry.parentPath, entry.name))]) {
    const stat = await fs.lstat(file).catch(() => undefined);
    if (stat?.isFile()) bytes += stat.size;
    changed = Math.max(changed, stat?.mtimeMs ?? 0);
  }
  return { bytes, changed };
}

/** The files that panes' text goes into now. */
export async function paneLogsInUse(folder: FolderState): Promise<Set<string>> {
  const files = (await namesIn(folder.launches)).map((id) => folder.launch(id).paneLog);
  const texts = await Promise.all(files.map((file) => fs.readFile(file, 'utf8').catch(() => undefined)));
  return new Set(texts.filter((text) => text !== undefined));
}
