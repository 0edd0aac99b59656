import type { BigIntStats } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import { type Reply, Reply as ReplySchema, Request } from '../model/request';
import type { ManagedSession } from '../sessions/managedSession';
import { readJson, writeJson } from '../store/jsonFile';
import { namesIn } from '../store/userState';
import { CourierError, hasCode, messageOf } from '../support/errors';
import type { RequestContext } from './context';
import { perform } from './requests';

/**
 * Takes every request in the inbox, oldest first: what is understood is done and answered, everything else is moved to
 * `rejected/` with the reason. Several requests in one look are one write of each queue. `begin` is called when they
 * are done, so that what it changes is in the same write. Returns how many there were.
 */
export async function takeRequests(context: RequestContext, begin: () => void = () => {}): Promise<number> {
  const names = (await namesIn(context.layout.inbox)).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  const found = await Promise.all(names.map((name) => describe(context, name)));
  const touched = new Set<ManagedSession>();
  const replies: Taken[] = [];
  for (const { name } of found.filter((entry) => entry !== undefined).sort(byAge)) {
    await context.guard();
    try {
      const reply = await take(context, name, touched);
      if (reply) replies.push(reply);
    } catch (error) {
      if (error instanceof CourierError && error.code === 'superseded') throw error;
      // One file that can't be handled may not keep all others from being taken.
      context.log.error(`inbox/${name} could not be taken`, error);
    }
  }
  begin();
  for (const session of touched) session.saveQueue();
  await Promise.all([...touched].map((session) => session.flushQueue()));
  // A request that is not answered yet is taken again after a crash, and known by its id.
  for (let at = 0; at < replies.length; at += atOnce)
    await Promise.all(replies.slice(at, at + atOnce).map((reply) => answer(context, reply)));
  return names.length;
}

/** Replies that are written side by side: each waits for the disk. */
const atOnce = 32;

/** A reply, and the file in the inbox that its request named, which isn't needed any more. */
type Taken = { reply: Reply; promptFile?: string };

async function take(context: RequestContext, name: string, touched: Set<ManagedSession>): Promise<Taken | undefined> {
  const file = path.join(context.layout.inbox, name);
  const id = name.slice(0, -'.json'.length);
  if (!idPattern.test(id)) return reject(context, name, 'the file name is no request id');
  const stat = await statOf(file);
  if (!stat) return undefined;
  if (!stat.isFile()) return reject(context, name, 'it is no regular file');
  const done = await readJson(Request, file);
  if (done.kind === 'missing') return undefined;
  if (done.kind !== 'ok') return reject(context, name, done.message);
  const request = done.value;
  if (request.id !== id) return reject(context, name, `the request's id is ${request.id}, not the file's name`);
  const promptFile = request.action === 'enqueue' ? request.prompt_file : undefined;
  const earlier = await readJson(ReplySchema, path.join(context.layout.done, `${id}.json`));
  if (earlier.kind === 'ok') return { reply: earlier.value, promptFile };
  try {
    for (const session of await perform(context, request)) touched.add(session);
    return { reply: { version: '1.0', id, ok: true }, promptFile };
  } catch (error) {
    if (error instanceof CourierError && error.code === 'superseded') throw error;
    if (request.action === 'enqueue') return reject(context, name, messageOf(error));
    return { reply: { version: '1.0', id, ok: false, error: messageOf(error) } };
  }
}

async function answer(context: RequestContext, { reply, promptFile }: Taken): Promise<void> {
  const { inbox, done } = context.layout;
  await writeJson(path.join(done, `${reply.id}.json`), reply);
  await fs.rm(path.join(inbox, `${reply.id}.json`), { force: true });
  if (promptFile !== undefined) await fs.rm(path.join(inbox, promptFile), { force: true });
}

async function reject(context: RequestContext, name: string, error: string): Promise<undefined> {
  const { inbox, rejected } = context.layout;
  const id = name.slice(0, -'.json'.length);
  context.log.warn(`inbox/${name} was rejected: ${error}`);
  // What stands there from before may be a folder, and a long name has no room for what is added to it.
  const stem = idPattern.test(id) ? id : id.slice(0, 60);
  const taken = stem !== id || (await statOf(path.join(rejected, name))) !== undefined;
  const kept = taken ? `${stem}-${context.clock.random().slice(0, 8)}.json` : name;
  await fs.rename(path.join(inbox, name), path.join(rejected, kept));
  const reason = path.join(rejected, `${stem}.error.json`);
  if ((await statOf(reason))?.isDirectory()) await fs.rename(reason, `${reason}-${context.clock.random().slice(0, 8)}`);
  await writeJson(reason, { version: '1.0', id, ok: false, error });
  return undefined;
}

async function describe(context: RequestContext, name: string): Promise<{ name: string; mtime: bigint } | undefined> {
  const stat = await statOf(path.join(context.layout.inbox, name));
  return stat && { name, mtime: stat.mtimeNs };
}

async function statOf(file: string): Promise<BigIntStats | undefined> {
  try {
    return await fs.lstat(file, { bigint: true });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function byAge(a: { name: string; mtime: bigint } | undefined, b: { name: string; mtime: bigint } | undefined): number {
  // Two files of one step of the file system's clock: our own ids sort by time.
  return Number(a!.mtime - b!.mtime) || a!.name.localeCompare(b!.name);
}
