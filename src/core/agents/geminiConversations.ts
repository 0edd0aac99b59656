import { createHash } from 'node:crypto';
import * as path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as v from 'valibot';
import { isConversationId } from '../model/session';
import { readEnds, readStart } from '../support/fileEnds';
import { processesIn } from '../support/processArguments';
import type { StoredConversation } from './agent';
import {
  mostConversations,
  mostWords,
  parsedAs,
  readable,
  realPath,
  runningIn,
  statOf,
  text,
  wordsOf,
} from './conversationFiles';

/** How many of a folder's files are read, the last written ones: some hold no turn. */
const mostFiles = 1000;
/** How much of a file is read at its two ends, in bytes: its first lines hold the folder's tree and what it was told to remember. */
const head = 128 * 1024;
const tail = 16 * 1024;
/** The file of what was typed is one list, so it is read whole or not at all. */
const mostTyped = 4 * 1024 * 1024;

/** The first line. What an agent began for itself is of another kind. */
const Meta = v.looseObject({ sessionId: v.string(), projectHash: v.string(), kind: text });

/** A message, or what is changed: the title, the time, or all that was said before. */
const Line = v.looseObject({
  type: text,
  content: v.optional(v.unknown()),
  $set: v.fallback(
    v.optional(
      v.looseObject({
        summary: text,
        lastUpdated: text,
        messages: v.fallback(v.optional(v.array(v.unknown())), undefined),
      }),
    ),
    undefined,
  ),
});
type Line = v.InferOutput<typeof Line>;

const Typed = v.array(v.looseObject({ sessionId: text }));

/**
 * The conversations that Gemini CLI keeps of a folder. Measured with 0.61.0: `tmp/<name>/chats/session-<time>-<id's beginning>.jsonl`,
 * where `tmp/<name>/.project_root` holds the folder's path, and the first line its hash. What has another shape, such as the one
 * file of JSON of older versions, is passed over. `isProgram` knows its processes by their arguments.
 */
export async function geminiConversations(
  workspace: string,
  own: string,
  isProgram: (args: readonly string[]) => boolean,
  only?: string,
): Promise<StoredConversation[]> {
  const cwd = realPath(workspace);
  const found = new Map<string, Omit<StoredConversation, 'running'>>();
  for (const dir of await foldersOf(cwd, path.join(own, 'tmp'))) {
    const typed = typedIn(path.join(dir, 'logs.json'));
    const files = await filesIn(path.join(dir, 'chats'), only);
    for (const [i, { file, mtimeMs }] of files.slice(0, mostFiles).entries()) {
      if (found.size >= mostConversations) break;
      if (i % 50 === 49) await setImmediate();
      const read = readConversation(file, cwd, mtimeMs);
      if (!read || found.has(read.id) || (only !== undefined && read.id !== only)) continue;
      found.set(read.id, { ...read, ...(typed.has(read.id) ? { inTerminal: true } : {}) });
    }
  }
  if (found.size === 0) return [];
  const running = runningIn(processesIn(cwd, isProgram));
  return [...found.values()]
    .sort((a, b) => b.updatedAt - a.updatedAt)
    .map((one) => ({ ...one, running: running(one.id) }));
}

/** The folders that are marked to be of this one. */
async function foldersOf(cwd: string, tmp: string): Promise<string[]> {
  const dirs = (await readable(tmp)).map((name) => path.join(tmp, name)).filter((dir) => statOf(dir)?.isDirectory());
  return dirs.filter((dir) => readStart(path.join(dir, '.project_root'), 8192)?.trim() === cwd);
}

/** The conversations' files, last written first; of an id those whose names hold its beginning. */
async function filesIn(chats: string, only: string | undefined): Promise<{ file: string; mtimeMs: number }[]> {
  if (!statOf(chats)?.isDirectory()) return [];
  const end = only === undefined ? '.jsonl' : `-${only.slice(0, 8)}.jsonl`;
  const files = (await readable(chats)).flatMap((name) => {
    const file = path.join(chats, name);
    const stat = name.startsWith('session-') && name.endsWith(end) ? statOf(file) : undefined;
    return stat?.isFile() ? [{ file, mtimeMs: stat.mtimeMs }] : [];
  });
  return files.sort((a, b) => b.mtimeMs - a.mtimeMs);
}

/** Reads a conversation's ends; undefined unless it was begun in this folder, and something was said that can be gone on with. */
function readConversation(file: string, cwd: string, mtimeMs: number): Omit<StoredConversation, 'running'> | undefined {
  const ends = readEnds(file, head, tail);
  const [meta] = parsedAs(Meta, ends?.first[0] ?? '');
  if (!ends || !meta || !isConversationId(meta.sessionId)) return undefined;
  if (meta.projectHash !== createHash('sha256').update(cwd).digest('hex') || meta.kind === 'subagent') return undefined;
  const first = ends.first.flatMap((row) => parsedAs(Line, row));
  const lines = [...first, ...ends.last.flatMap((row) => parsedAs(Line, row))];
  if (!lines.flatMap(messagesOf).some((line) => line.type === 'gemini' || promptOf(line))) return undefined;
  const title = lines.findLast(({ $set }) => $set?.summary?.trim())?.$set?.summary;
  const firstPrompt = first.flatMap(messagesOf).map(promptOf).find(Boolean);
  // A title is written at a later start of the CLI, which is no use of the conversation.
  const updated = Date.parse(lines.findLast(({ $set }) => $set?.lastUpdated)?.$set?.lastUpdated ?? '');
  return {
    id: meta.sessionId,
    ...(title ? { title: title.slice(0, mostWords) } : {}),
    ...(firstPrompt ? { firstPrompt: firstPrompt.slice(0, mostWords) } : {}),
    updatedAt: updated > 0 && updated < mtimeMs ? updated : mtimeMs,
  };
}

const messagesOf = (line: Line): Line[] => [
  line,
  ...(line.$set?.messages ?? []).flatMap((message) => {
    const read = v.safeParse(Line, message);
    return read.success ? [read.output] : [];
  }),
];

/** What a person typed; undefined for other lines, such as the CLI's own commands and what it says itself at the beginning. */
function promptOf(line: Line): string | undefined {
  const words = line.type === 'user' ? wordsOf(line.content) : '';
  return words === '' || /^([/?]|<(session|hook)_context>)/.test(words) ? undefined : words;
}

/** The conversations in which something was typed in a terminal: what a program says (`-p`) doesn't stand there. */
function typedIn(file: string): Set<string | undefined> {
  const [typed = []] = parsedAs(Typed, readStart(file, mostTyped) ?? '');
  return new Set(typed.map(({ sessionId }) => sessionId));
}
