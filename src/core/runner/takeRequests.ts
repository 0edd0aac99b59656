import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import { type Reply, Request } from '../model/request';
import type { ManagedSession } from '../sessions/managedSession';
import { readJson, writeJson } from '../store/jsonFile';
import { namesIn } from '../store/userState';
import { CourierError, hasCode, messageOf } from '../support/errors';
import type { RequestContext } from './context';
import { perform } from './requests';

/**
 * Takes every request in the inbox, oldest first: what is understood is done and answered, everything else is moved to
 * `rejected/` with the reason. Several requests in one look are one write of each queue. Returns how many there were.
 */
export async function takeRequests(context: RequestContext): Promise<number> {
  const names = (await namesIn(context.layout.inbox)).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  const found = await Promise.all(names.map((name) => describe(context, name)));
  const touched = new Set<ManagedSession>();
  const replies: Reply[] = [];
  for (const { name } of found.filter((entry) => entry !== undefined).sort(byAge)) {
    await context.guard();
    const reply = await take(context, name, touched);
    if (reply) replies.push(reply);
  }
  for (const session of touched) session.saveQueue();
  await Promise.all([...touched].map((session) => session.flushQueue()));
  // Only now is what they ask for on disk; a request that is not answered yet is taken again after a crash, and known by its id.
  for (const reply of replies) await answer(context, reply);
  return names.length;
}

async function take(context: RequestContext, name: string, touched: Set<ManagedSession>): Promise<Reply | undefined> {
  const file = path.join(context.layout.inbox, name);
  const id = name.slice(0, -'.json'.length);
  if (!idPattern.test(id)) return reject(context, name, 'the file name is no request id');
  if (!(await fs.lstat(file)).isFile()) return reject(context, name, 'it is no regular file');
  const done = await readJson(Request, file);
  if (done.kind === 'missing') return undefined;
  if (done.kind !== 'ok') return reject(context, name, done.message);
  const request = done.value;
  if (request.id !== id) return reject(context, name, `the request's id is ${request.id}, not the file's name`);
  if (await wasAnswered(context, id)) return { version: '1.0', id, ok: true };
  try {
    for (const session of await perform(context, request)) touched.add(session);
    return { version: '1.0', id, ok: true };
  } catch (error) {
    if (error instanceof CourierError && error.code === 'superseded') throw error;
    if (request.action === 'enqueue') return reject(context, name, messageOf(error));
    return { version: '1.0', id, ok: false, error: messageOf(error) };
  }
}

async function wasAnswered(context: RequestContext, id: string): Promise<boolean> {
  return fs.access(path.join(context.layout.done, `${id}.json`)).then(
    () => true,
    () => false,
  );
}

async function answer(context: RequestContext, reply: Reply): Promise<void> {
  await writeJson(path.join(context.layout.done, `${reply.id}.json`), reply);
  await fs.rm(path.join(context.layout.inbox, `${reply.id}.json`), { force: true });
}

async function reject(context: RequestContext, name: string, error: string): Promise<undefined> {
  const { inbox, rejected } = context.layout;
  const id = name.slice(0, -'.json'.length);
  context.log.warn(`inbox/${name} was rejected: ${error}`);
  await fs.rename(path.join(inbox, name), path.join(rejected, name));
  await writeJson(path.join(rejected, `${id}.error.json`), { version: '1.0', id, ok: false, error });
  return undefined;
}

async function describe(context: RequestContext, name: string): Promise<{ name: string; mtime: bigint } | undefined> {
  try {
    return { name, mtime: (await fs.lstat(path.join(context.layout.inbox, name), { bigint: true })).mtimeNs };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function byAge(a: { name: string; mtime: bigint } | undefined, b: { name: string; mtime: bigint } | undefined): number {
  // Two files of one step of the file system's clock: our own ids sort by time.
  return Number(a!.mtime - b!.mtime) || a!.name.localeCompare(b!.name);
}
