import { randomInt } from 'node:crypto';
import { lstatSync, openSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { Reply, type RequestInput } from '../model/request';
import type { Clock } from '../support/clock';
import { hasCode } from '../support/errors';
import { readJson, setAside, writeJson } from './jsonFile';
import type { Layout } from './layout';
import { fill } from './wholeFile';

const Rejection = v.looseObject({ version: v.literal('1.0'), id: v.string(), ok: v.literal(false), error: v.string() });

/** A prompt above this many characters goes into a file of its own beside the request. */
const inlineLimit = 64 * 1024;

/** Puts a request into the inbox, whole or not at all; the runner, whoever it is, sees it there. */
export async function dropRequest(layout: Layout, request: RequestInput): Promise<void> {
  let body: RequestInput = request;
  const hasPrompt = request.action === 'enqueue' || request.action === 'update';
  if (hasPrompt && request.prompt !== undefined && request.prompt.length > inlineLimit) {
    const { prompt, ...rest } = request;
    const name = `${request.id}.prompt.md`;
    await wholeOrNot(path.join(layout.inbox, name), (file) => fs.writeFile(file, prompt, { flag: 'wx', mode: 0o600 }));
    body = { ...rest, prompt_file: name };
  }
  // Of its own, so that one which a crash left keeps nobody from repeating the request.
  const hidden = path.join(layout.inbox, `.${request.id}.${randomInt(1e9)}.json`);
  await writeNew(hidden, `${JSON.stringify(body, null, 2)}\n`);
  await fs.rename(hidden, path.join(layout.inbox, `${request.id}.json`));
}

/** Writes a file that nobody looks at yet, to the disk. */
async function writeNew(file: string, text: string): Promise<void> {
  const fd = openSync(file, 'wx', 0o600);
  try {
    await fill(fd, text);
  } catch (error) {
    await fs.rm(file, { force: true });
    throw error;
  }
}

/** Copies a prompt file of any size into the inbox, and returns its name for `prompt_file`. */
export async function dropPromptFile(layout: Layout, id: string, source: string): Promise<string> {
  const name = `${id}.prompt.md`;
  const target = path.join(layout.inbox, name);
  await wholeOrNot(target, async () => {
    await fs.copyFile(source, target, fs.constants.COPYFILE_EXCL);
    await fs.chmod(target, 0o600);
  });
  return name;
}

/** Writes a reply, or a rejection, which stands in its place when `first` is done. What stands there and is no file is set aside. */
export async function writeReply(
  file: string,
  reply: Reply,
  now: number,
  first: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat?.isDirectory()) await setAside(file, now);
  await writeJson(file, reply, async () => {
    await first;
  });
}

/** Makes a new file, and takes half of one away again; what stood there before stays. */
async function wholeOrNot(file: string, make: (file: string) => Promise<void>): Promise<void> {
  try {
    await make(file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) await fs.rm(file, { force: true });
    throw error;
  }
}

/** The reply to a request, if it has been given. */
export async function readReply(layout: Layout, id: string): Promise<Reply | undefined> {
  const [done, rejected] = await Promise.all([
    readJson(Reply, path.join(layout.done, `${id}.json`)),
    readJson(Rejection, path.join(layout.rejected, `${id}.error.json`)),
  ]);
  if (done.kind === 'ok') return done.value;
  return rejected.kind === 'ok' ? rejected.value : undefined;
}

/** Waits for the reply to a request; undefined when `limitMs` passed or `stopped()` says so first. */
export async function awaitReply(
  layout: Layout,
  id: string,
  clock: Clock,
  limitMs: number,
  stopped: () => boolean = () => false,
): Promise<Reply | undefined> {
  const until = clock.monotonic() + limitMs;
  // Mostly it comes within a few milliseconds, of which a quarter at most is waited in vain.
  for (let pause = 2; ; pause = Math.min(pause * 1.25, 100)) {
    const reply = await readReply(layout, id);
    if (reply || stopped() || clock.monotonic() > until) return reply;
    await new Promise<void>((resolve) => clock.after(pause, resolve));
  }
}
