import * as fs from 'node:fs/promises';
import * as v from 'valibot';
import { hasCode, messageOf } from '../support/errors';
import { writeWhole } from './wholeFile';

/** What reading a JSON file can come to. `newer` and `unreadable` carry a sentence that names the file. */
export type JsonRead<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'missing' }
  | { kind: 'newer'; message: string }
  | { kind: 'unreadable'; message: string };

/** A file larger than this is no file of ours; it is not read into memory. */
const maxBytes = 32 * 1024 * 1024;

/** Reads and checks a JSON file; never throws for what the file holds. Throws for errors of the disk other than "not there". */
export async function readJson<S extends v.GenericSchema>(
  schema: S,
  file: string,
): Promise<JsonRead<v.InferOutput<S>>> {
  let text: string;
  try {
    const stat = await fs.stat(file);
    // A pipe would hold its reader for ever.
    if (!stat.isFile()) return { kind: 'unreadable', message: `${file} is no regular file` };
    if (stat.size > maxBytes) return { kind: 'unreadable', message: `${file} is larger than 32 MB` };
    text = await fs.readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return { kind: 'missing' };
    throw error;
  }
  return parseJson(schema, text, file);
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
  const result = v.safeParse(schema, data);
  if (result.success) return { kind: 'ok', value: result.output };
  const version = typeof data === 'object' && data !== null && 'version' in data ? data.version : undefined;
  if (typeof version === 'string' && isNewer(version)) {
    return {
      kind: 'newer',
      message: `${name} was written by a newer Tmux Courier (version ${version}); it is left as it is. Update this one.`,
    };
  }
  const issue = result.issues[0];
  return { kind: 'unreadable', message: `${name}: ${v.getDotPath(issue) ?? 'content'}: ${issue.message}` };
}

function isNewer(version: string): boolean {
  const match = /^(\d+)\.(\d+)$/.exec(version);
  return match !== null && (Number(match[1]) > 1 || (Number(match[1]) === 1 && Number(match[2]) > 0));
}

/** Writes a JSON file whole or not at all (temporary file, fsync, rename), mode 0600. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Moves an unreadable file out of the way, beside itself, and returns its new path. */
export async function setAside(file: string, now: number): Promise<string> {
  const aside = `${file}.unreadable-${new Date(now).toISOString().replace(/[:.]/g, '-')}`;
  await fs.rename(file, aside);
  return aside;
}
