import { lstatSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import { type Reply, Reply as ReplySchema, Request } from '../model/request';
import type { ManagedSession } from '../sessions/managedSession';
import { writeReply } from '../store/inbox';
import { readJson } from '../store/jsonFile';
import { ensureRealFolder } from '../store/realFolder';
import { fewNamesIn } from '../store/userState';
import { isThere, removeFile } from '../store/wholeFile';
import { isRefusedByDisk, isSuperseded, messageOf } from '../support/errors';
import type { RequestContext } from './context';
import { perform } from './requests';

/**
 * Takes every request in the inbox, oldest first: what is understood is done and answered, everything else is moved to
 * `rejected/` with the reason. Several requests in one look are one write of each queue. `begin` is called when they
 * are done, so that what it changes is in the same write. Returns how many there were; of those, the oldest `mostAtOnce` were taken.
 */
export async function takeRequests(context: RequestContext, begin: () => void = () => {}): Promise<number> {
  const names = (await namesInInbox(context)).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  const found = names.flatMap((name) => describe(context, name));
  const oldest = found.sort(byAge);
  const touched = new Set<ManagedSession>();
  const answers: Answering[] = [];
  for (const { name } of oldest.slice(0, mostAtOnce)) {
    await context.guard();
    try {
      const answering = await take(context, name, touched);
      if (answering) answers.push(answering);
      context.troubles.over(notTaken(name));
    } catch (error) {
      if (isSuperseded(error)) throw error;
      // One file that can't be handled may not keep all others from being taken.
      context.troubles.failed(notTaken(name), error);
    }
  }
  begin();
  for (const session of touched) session.saveQueue();
  const written = Promise.all([
    ...[...touched].map((session) => session.flushQueue()),
    // What a runner found that only slept, such as its successor's folders, is no answer. A queue's write asks that, too.
    ...(answers.length > 0 && touched.size === 0 ? [context.guard()] : []),
  ]);
  // A request that is not answered yet is taken again after a crash, and known by its id.
  for (let at = 0; at < answers.length; at += sideBySide) {
    const settled = await Promise.allSettled(answers.slice(at, at + sideBySide).map((answer) => answer(written)));
    await written;
    for (const one of settled)
      if (one.status === 'rejected')
        context.log.error('a request could not be answered, and is taken again', one.reason);
  }
  await written;
  return oldest.length;
}

/** How many are taken in one look: jobs begin between two looks, whatever a program puts there. */
export const mostAtOnce = 1000;

/** The names in the inbox. Whoever may write there may put links in its place, or in that of its folders: they are set aside. */
async function namesInInbox(context: RequestContext): Promise<string[]> {
  const { layout, clock, log } = context;
  if (!(await isThere(layout.root))) return [];
  const see = async (dir: string) => {
    for (const aside of await ensureRealFolder(layout, dir, clock.now()))
      log.warn(`${dir} was no folder of its own; what stood there was set aside as ${aside}`);
  };
  await see(layout.inbox);
  await Promise.all([layout.done, layout.rejected].map(see));
  return fewNamesIn(layout.inbox);
}

const notTaken = (name: string) => `inbox/${name} could not be taken, stays there, and is tried again`;

/** Replies that are written side by side: each waits for the disk. */
const sideBySide = 32;

/** Answers a request that was taken, when what it came to is on disk: it is out of the inbox then. */
type Answering = (written: Promise<unknown>) => Promise<void>;

async function take(
  context: RequestContext,
  name: string,
  touched: Set<ManagedSession>,
): Promise<Answering | undefined> {
  const file = path.join(context.layout.inbox, name);
  const id = name.slice(0, -'.json'.length);
  const rejecting =
    (error: string): Answering =>
    async (written) => {
      await written;
      await reject(context, name, error);
    };
  if (!idPattern.test(id)) return rejecting('the file name is no request id');
  const stat = statOf(file);
  if (!stat) return undefined;
  if (!stat.isFile()) return rejecting('it is no regular file');
  const done = await readJson(Request, file);
  if (done.kind === 'missing') return undefined;
  if (done.kind !== 'ok') return rejecting(done.message);
  const request = done.value;
  if (request.id !== id) return rejecting(`the request's id is ${request.id}, not the file's name`);
  const promptFile = request.action === 'enqueue' || request.action === 'update' ? request.prompt_file : undefined;
  const earlier = await readJson(ReplySchema, path.join(context.layout.done, `${id}.json`));
  const answering =
    (reply: Reply): Answering =>
    (written) =>
      answer(context, reply, written, promptFile);
  if (earlier.kind === 'ok') return answering(earlier.value);
  try {
    for (const session of await perform(context, request, Number(stat.mtimeMs))) touched.add(session);
    return answering({ version: '1.0', id, ok: true });
  } catch (error) {
    // What is right and can't be written now stays where it is, and is taken with the next look.
    if (isSuperseded(error) || isRefusedByDisk(error)) throw error;
    if (request.action === 'enqueue') return rejecting(messageOf(error));
    return answering({ version: '1.0', id, ok: false, error: messageOf(error) });
  }
}

/**
 * Gets the reply to the disk beside what it speaks of, and puts it in place after that. `promptFile` is the file in the
 * inbox that the request named, which isn't needed any more.
 */
async function answer(
  context: RequestContext,
  reply: Reply,
  written: Promise<unknown>,
  promptFile: string | undefined,
): Promise<void> {
  const { inbox, done } = context.layout;
  await writeReply(path.join(done, `${reply.id}.json`), reply, context.clock.now(), written);
  await removeFile(path.join(inbox, `${reply.id}.json`));
  // Of a request that is repeated, it may name anything in the inbox by now.
  const prompt = promptFile && path.join(inbox, promptFile);
  if (prompt && statOf(prompt)?.isFile()) await removeFile(prompt);
}

async function reject(context: RequestContext, name: string, error: string): Promise<void> {
  const { inbox, rejected } = context.layout;
  const id = name.slice(0, -'.json'.length);
  context.log.warn(`inbox/${name} was rejected: ${error}`);
  // What stands there from before may be a folder, and a long name has no room for what is added to it.
  const stem = idPattern.test(id) ? id : id.slice(0, 60);
  const taken = stem !== id || statOf(path.join(rejected, name)) !== undefined;
  const kept = taken ? `${stem}-${context.clock.random().slice(0, 8)}.json` : name;
  await fs.rename(path.join(inbox, name), path.join(rejected, kept));
  await writeReply(
    path.join(rejected, `${stem}.error.json`),
    { version: '1.0', id, ok: false, error },
    context.clock.now(),
  );
}

function describe(context: RequestContext, name: string): { name: string; mtime: bigint }[] {
  const stat = statOf(path.join(context.layout.inbox, name));
  return stat ? [{ name, mtime: stat.mtimeNs }] : [];
}

const statOf = (file: string) => lstatSync(file, { bigint: true, throwIfNoEntry: false });

function byAge(a: { name: string; mtime: bigint }, b: { name: string; mtime: bigint }): number {
  // Two files of one step of the file system's clock: our own ids sort by time.
  return Number(a.mtime - b.mtime) || a.name.localeCompare(b.name);
}
