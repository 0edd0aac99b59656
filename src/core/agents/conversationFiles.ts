import { lstatSync, realpathSync, type Stats } from 'node:fs';
import * as v from 'valibot';
import { namesIn } from '../store/userState';
import type { Seen } from '../support/fileLock';
import { argumentsOf } from '../support/processArguments';
import { isUnderTmux } from '../support/underTmux';
import type { Running } from './agent';

/** How many of a folder's conversations are read, the last used ones. */
export const mostConversations = 100;

/** How much of a title or prompt is kept, in characters. */
export const mostWords = 1000;

/** A field of a CLI's own file that may be absent, or of another version's type. */
export const text = v.fallback(v.optional(v.string()), undefined);

/** The words of a message, which is a text or a list of parts, of which some have one. */
export function wordsOf(content: unknown): string {
  const parts = Array.isArray(content) ? content : [{ text: content }];
  return parts.flatMap((part) => (typeof part?.text === 'string' ? [part.text.trim()] : [])).join(' ');
}

/** A folder's path without links, by which CLIs know it; as it is where there is none. */
export function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** The names in a folder; none where it isn't there, or may not be read. */
export const readable = (dir: string): Promise<string[]> => namesIn(dir).catch(() => []);

/** What stands at a path, of a link the link itself; undefined where nothing does, or it may not be looked at. */
export function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch {
    return undefined;
  }
}

/** A line of JSON of this shape, in a list; none where it has another. */
export function parsedAs<const S extends v.GenericSchema>(schema: S, row: string): v.InferOutput<S>[] {
  try {
    const line = v.safeParse(schema, JSON.parse(row));
    return line.success ? [line.output] : [];
  } catch {
    return [];
  }
}

/**
 * What is known of a conversation by the processes of its CLI that may have it open, where these tell no more: one that was started
 * with it has it; what others have is not known; where there are none, nobody has it.
 */
export function runningIn({ pids, sure }: Seen): (id: string) => Running {
  const started = pids.map((pid) => ({ pid, args: argumentsOf(pid) ?? [] }));
  return (id) => {
    const own = started.find(({ args }) => args.some((arg) => arg === id || arg.endsWith(`=${id}`)));
    if (own) return { kind: 'yes', pid: own.pid, where: isUnderTmux(own.pid) ? 'tmux' : 'terminal' };
    return { kind: sure && pids.length === 0 ? 'no' : 'unknown' };
  };
}
