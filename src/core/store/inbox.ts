import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { Reply, type RequestInput } from '../model/request';
import type { Clock } from '../support/clock';
import { readJson, writeJson } from './jsonFile';
import type { Layout } from './layout';

const Rejection = v.looseObject({ version: v.literal('1.0'), id: v.string(), ok: v.literal(false), error: v.string() });

/** A prompt above this many characters goes into a file of its own beside the request. */
const inlineLimit = 64 * 1024;

/** Puts a request into the inbox, whole or not at all; the runner, whoever it is, sees it there. */
export async function dropRequest(layout: Layout, request: RequestInput): Promise<void> {
  let body: RequestInput = request;
  if (request.action === 'enqueue' && request.prompt !== undefined && request.prompt.length > inlineLimit) {
    const { prompt, ...rest } = request;
    const name = `${request.id}.prompt.md`;
    await fs.writeFile(path.join(layout.inbox, name), prompt, { flag: 'wx', mode: 0o600 });
    body = { ...rest, prompt_file: name };
  }
  const hidden = path.join(layout.inbox, `.${request.id}.json`);
  await writeJson(hidden, body);
  await fs.rename(hidden, path.join(layout.inbox, `${request.id}.json`));
}

/** Copies a prompt file of any size into the inbox, and returns its name for `prompt_file`. */
export async function dropPromptFile(layout: Layout, id: string, source: string): Promise<string> {
  const name = `${id}.prompt.md`;
  const target = path.join(layout.inbox, name);
  await fs.copyFile(source, target, fs.constants.COPYFILE_EXCL);
  await fs.chmod(target, 0o600);
  return name;
}

/** The reply to a request, if it has been given. */
export async function readReply(layout: Layout, id: string): Promise<Reply | undefined> {
  const done = await readJson(Reply, path.join(layout.done, `${id}.json`));
  if (done.kind === 'ok') return done.value;
  const rejected = await readJson(Rejection, path.join(layout.rejected, `${id}.error.json`));
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
  for (let pause = 4; ; pause = Math.min(pause * 1.5, 100)) {
    const reply = await readReply(layout, id);
    if (reply || stopped() || clock.monotonic() > until) return reply;
    await new Promise<void>((resolve) => clock.after(pause, resolve));
  }
}
