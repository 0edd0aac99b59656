import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import type { Job } from '../model/job';
import { readHistory } from '../store/history';
import { readJson } from '../store/jsonFile';
import type { Layout, SessionLayout } from '../store/layout';
import { lastMessagePath } from '../store/layout';
import { QueueFile } from '../store/queueFile';
import { isRealFolder } from '../store/realFolder';
import { type FoundFile, oldFiles } from '../store/temporaryFiles';
import { namesIn } from '../store/userState';
import type { CleanContext, CleanItem } from './item';
import { paneLogsInUse } from './launches';

const day = 24 * 3600 * 1000;

/** Prompts and answers of jobs that ended more than `keep_days` days ago, and logs as old; nothing when all are to be kept. */
export async function oldJobItems(context: CleanContext): Promise<CleanItem[]> {
  const { layout, settings, clock } = context;
  if (settings.keep_days === 0) return [];
  const before = clock.now() - settings.keep_days * day;
  const inUse = await paneLogsInUse(context.folder);
  const items: CleanItem[] = [];
  for (const id of (await namesIn(layout.active)).filter((name) => idPattern.test(name))) {
    items.push(...(await jobItems(layout, id, before)), ...(await logItems(layout, id, before, inUse)));
  }
  return items;
}

async function jobItems(layout: Layout, id: string, before: number): Promise<CleanItem[]> {
  const files = layout.session(id);
  const queue = await readJson(QueueFile, files.queue);
  // What is live can't be told then.
  if (queue.kind !== 'ok') return [];
  const live = new Set(queue.value.jobs.flatMap((job) => filesOf(layout, files, job)));
  const there = new Set<string>();
  for (const dir of [files.prompts, files.output])
    if (await isRealFolder(layout, dir)) for (const name of await namesIn(dir)) there.add(path.join(dir, name));
  const items: CleanItem[] = [];
  for (const job of await readHistory(files, Number.POSITIVE_INFINITY)) {
    const ended = Date.parse(job.finished_at ?? job.created_at);
    if (job.session_id !== id || ended >= before) continue;
    const own = filesOf(layout, files, job).filter((file) => there.has(file) && !live.has(file));
    const sizes = await Promise.all(own.map(sizeOf));
    const plain = own.filter((_, i) => sizes[i] !== undefined);
    if (plain.length === 0) continue;
    const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    const name = `${job.job_id} (${job.status})`;
    items.push({
      id: `job:${id}:${job.job_id}`,
      kind: 'job',
      name,
      files: plain,
      bytes,
      changed: ended,
      session_id: id,
    });
  }
  return items;
}

/** A job's files, where they are in the places that its session has for them: what a history says may lead anywhere. */
function filesOf(layout: Layout, files: SessionLayout, job: Job): string[] {
  const inside = (relative: string, dir: string) => {
    const full = layout.resolve(relative);
    return full !== undefined && path.dirname(full) === dir ? [full] : [];
  };
  return [
    ...inside(job.prompt_path, files.prompts),
    ...inside(job.output_path, files.output),
    ...inside(lastMessagePath(job.output_path), files.output),
  ];
}

async function sizeOf(file: string): Promise<number | undefined> {
  const stat = await fs.lstat(file).catch(() => undefined);
  return stat?.isFile() ? stat.size : undefined;
}

/** Whatever stands in `logs/` beside the session's log: evidence of what went wrong, and panes' text. */
async function logItems(layout: Layout, id: string, before: number, inUse: ReadonlySet<string>): Promise<CleanItem[]> {
  const { logs, log } = layout.session(id);
  if (!(await isRealFolder(layout, logs))) return [];
  const found = await oldFiles(logs, before, (name) => !name.startsWith(path.basename(log)));
  return found.filter(({ file }) => !inUse.has(file)).map((one) => logItem(layout, one));
}

/** What the monitor's log was, as old: its earlier part, and what stood in its place and was moved aside. */
export async function monitorLogItems({ layout, settings, clock }: CleanContext): Promise<CleanItem[]> {
  if (settings.keep_days === 0) return [];
  const name = path.basename(layout.monitorLog);
  const isOld = (one: string) => one.startsWith(`${name}.`) && /^(1|aside-\d{13})$/.test(one.slice(name.length + 1));
  const found = await oldFiles(layout.root, clock.now() - settings.keep_days * day, isOld);
  return found.map((one) => logItem(layout, one));
}

function logItem(layout: Layout, { file, bytes, changed }: FoundFile): CleanItem {
  const name = layout.relative(file);
  return { id: `file:${name}`, kind: 'log', name, files: [file], bytes, changed };
}
