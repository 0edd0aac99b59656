import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as v from 'valibot';
import { hasCode, messageOf } from '../support/errors';
import { openedText } from './openedText';
import { fitsAsItStands } from './quickCheck';
import { type FileMark, isThere, writeWhole } from './wholeFile';

/** What reading a JSON file can come to. `newer` and `unreadable` carry a sentence that names the file. */
export type JsonRead<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'missing' }
  | { kind: 'newer'; message: string }
  | { kind: 'unreadable'; message: string };

/** A file larger than this is no file of ours; it is not read into memory. */
const maxBytes = 32 * 1024 * 1024;

/** More levels than this no file of ours has, and one of thousands could be read and not be written again (a full stack). */
const maxLevels = 32;

// Neither a link is followed nor a pipe waited for: an agent may write beside most of these files.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Reads and checks a JSON file; never throws for what stands there. Throws for errors of the disk other than "not there". */
export async function readJson<S extends v.GenericSchema>(
  schema: S,
  file: string,
): Promise<JsonRead<v.InferOutput<S>>> {
  return readJsonNow(schema, file);
}

/** As `readJson`, for who can't wait. A small file is read in a fraction of the time that another thread takes to be asked. */
export function readJsonNow<S extends v.GenericSchema>(schema: S, file: string): JsonRead<v.InferOutput<S>> {
  let handle: number;
  try {
    handle = openSync(file, flags);
  } catch (error) {
    return notOpened(file, error);
  }
  try {
    return unfit(file, fstatSync(handle)) ?? parseJson(schema, openedText(handle), file);
  } finally {
    closeSync(handle);
  }
}

type NotRead = Exclude<JsonRead<never>, { kind: 'ok' }>;

function notOpened(file: string, error: unknown): NotRead {
  if (hasCode(error, 'ENOENT', 'ENOTDIR')) return { kind: 'missing' };
  // A link, or a socket.
  if (hasCode(error, 'ELOOP', 'ENXIO')) return { kind: 'unreadable', message: `${file} is no regular file` };
  throw error;
}

function unfit(file: string, stat: Stats): NotRead | undefined {
  if (!stat.isFile()) return { kind: 'unreadable', message: `${file} is no regular file` };
  if (stat.size > maxBytes) return { kind: 'unreadable', message: `${file} is larger than 32 MB` };
  return undefined;
}

/** Checks a JSON text; `name` is how the messages call it. */
export function parseJson<S extends v.GenericSchema>(
  schema: S,
  text: string,
  name: string,
): JsonRead<v.InferOutput<S>> {
  let data: unknown;
  try {
    data = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    return { kind: 'unreadable', message: `${name} is not JSON: ${messageOf(error)}` };
  }
  if (fitsAsItStands(schema, data)) return { kind: 'ok', value: data as v.InferOutput<S> };
  const version = typeof data === 'object' && data !== null && 'version' in data ? data.version : undefined;
  const deep = isDeep(data, maxLevels);
  // Only the first thing that is wrong is told, and a large file may have millions.
  const result = deep ? undefined : v.safeParse(schema, data, { abortEarly: true });
  if (result?.success) return { kind: 'ok', value: result.output };
  if (isNewer(version)) {
    return {
      kind: 'newer',
      message: `${name} was written by a newer Tmux Courier (version ${version}); it is left as it is. Update this one.`,
    };
  }
  if (!result) return { kind: 'unreadable', message: `${name} has more than ${maxLevels} levels` };
  const issue = result.issues[0];
  return { kind: 'unreadable', message: `${name}: ${v.getDotPath(issue) ?? 'content'}: ${issue.message}` };
}

/** Whether this is a version after 1.0, however a later program may write it. */
function isNewer(version: unknown): version is string | number {
  if (typeof version === 'number') return version > 1;
  if (typeof version !== 'string' || !/^\d{1,9}(\.\d{1,9}){0,3}$/.test(version)) return false;
  const [major, ...rest] = version.split('.').map(Number);
  return major! > 1 || (major === 1 && rest.some((part) => part > 0));
}

function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeep(one, levels - 1));
}

/**
 * Sees what stands in a file's place before something else is written there: what can't be read is set aside, and `say` is
 * told where. False, and told too, when it is a newer version's: that is to be left as it is.
 */
export async function makeWay(
  schema: v.GenericSchema,
  file: string,
  now: number,
  say: (message: string) => void,
): Promise<boolean> {
  const read = await readJson(schema, file);
  if (read.kind === 'newer') say(read.message);
  if (read.kind === 'unreadable') say(`${read.message}. It was set aside as ${await setAside(file, now)}.`);
  return read.kind !== 'newer';
}

/** Writes a JSON file whole or not at all (temporary file, fsync, rename), mode 0600. `guard` is as in `writeWhole`. */
export async function writeJson(file: string, value: unknown, guard?: () => Promise<void>): Promise<FileMark> {
  return writeWhole(file, `${JSON.stringify(value, null, 2)}\n`, guard);
}

/** Moves what can't be used out of the way, beside itself, and returns its new path; nothing that was set aside before is replaced. */
export async function setAside(file: string, now: number): Promise<string> {
  const wanted = `${file}.unreadable-${new Date(now).toISOString().replace(/[:.]/g, '-')}`;
  let aside = wanted;
  for (let number = 2; await isThere(aside); number++) aside = `${wanted}-${number}`;
  await fs.rename(file, aside);
  return aside;
}
