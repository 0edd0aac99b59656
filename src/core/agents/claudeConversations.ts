import * as path from 'node:path';
import * as v from 'valibot';
import { isConversationId } from '../model/session';
import { readJson } from '../store/jsonFile';
import { readEnds } from '../support/fileEnds';
import { identityOf, presence } from '../support/processIdentity';
import { isUnderTmux } from '../support/underTmux';
import type { Running, StoredConversation } from './agent';
import { mostConversations, mostWords, parsedAs, readable, realPath, statOf, text, wordsOf } from './conversationFiles';

/** How much of a file is read at its two ends, in bytes: one may have hundreds of megabytes. */
const head = 64 * 1024;
const tail = 16 * 1024;
/** A folder's name is not longer than this; what is cut off becomes a hash. */
const longestName = 200;

const flag = v.fallback(v.optional(v.boolean()), undefined);

/** What we use of a line: a title, or a message with where and by which program it was said. All but its type may be absent. */
const Line = v.looseObject({
  type: v.string(),
  cwd: text,
  entrypoint: text,
  isMeta: flag,
  isSidechain: flag,
  customTitle: text,
  aiTitle: text,
  summary: text,
  message: v.fallback(v.optional(v.looseObject({ content: v.unknown() })), undefined),
});
type Line = v.InferOutput<typeof Line>;

/** `sessions/<pid>.json`, which a live CLI keeps; `procStart` is field 22 of /proc/PID/stat. */
const Live = v.looseObject({
  pid: v.pipe(v.number(), v.safeInteger(), v.minValue(2)),
  sessionId: v.string(),
  procStart: text,
});

/**
 * The conversations that Claude Code keeps of a folder. Measured with 2.1.197: `projects/<folder>/<id>.jsonl`, in whose name every
 * UTF-16 unit of the folder's path that is no ASCII letter or digit is a dash, so that other folders may have the same name; the lines
 * of messages say where they were said. What has another shape, such as another version's, is passed over.
 */
export async function claudeConversations(
  workspace: string,
  config: string,
  only?: string,
): Promise<StoredConversation[]> {
  const cwd = realPath(workspace);
  const found: { id: string; file: string; mtimeMs: number }[] = [];
  for (const dir of await foldersOf(cwd, path.join(config, 'projects')))
    for (const name of only === undefined ? await readable(dir) : [`${only}.jsonl`]) {
      const id = name.endsWith('.jsonl') ? name.slice(0, -'.jsonl'.length) : '';
      const file = path.join(dir, name);
      const stat = isConversationId(id) ? statOf(file) : undefined;
      if (stat?.isFile()) found.push({ id, file, mtimeMs: stat.mtimeMs });
    }
  found.sort((a, b) => b.mtimeMs - a.mtimeMs);
  const read = found.slice(0, mostConversations).flatMap(({ id, file }) => readConversation(id, file, cwd) ?? []);
  const running = read.length > 0 ? await whatRuns(path.join(config, 'sessions')) : () => unknown;
  return read.map((one) => ({ ...one, running: running(one.id) }));
}

async function foldersOf(cwd: string, projects: string): Promise<string[]> {
  const name = cwd.replace(/[^a-zA-Z0-9]/g, '-');
  if (name.length <= longestName) return [path.join(projects, name)];
  const begin = `${name.slice(0, longestName)}-`;
  return (await readable(projects)).filter((one) => one.startsWith(begin)).map((one) => path.join(projects, one));
}

/** Reads a conversation's ends; undefined unless it was begun in this folder and has a turn that can be gone on with. */
function readConversation(id: string, file: string, cwd: string): Omit<StoredConversation, 'running'> | undefined {
  const ends = readEnds(file, head, tail);
  if (!ends) return undefined;
  const first = ends.first.flatMap(parsed);
  const lines = [...first, ...ends.last.flatMap(parsed)];
  const said = lines.filter((line) => line.type === 'user' || line.type === 'assistant');
  const where = lines.find((line) => line.cwd !== undefined);
  if (said.length === 0 || where?.cwd !== cwd) return undefined;
  const last = (key: 'customTitle' | 'aiTitle' | 'summary') => lines.findLast((line) => line[key]?.trim())?.[key];
  const title = last('customTitle') ?? last('aiTitle') ?? last('summary');
  const firstPrompt = first.map(promptOf).find((prompt) => prompt !== undefined);
  return {
    id,
    ...(title === undefined ? {} : { title: title.slice(0, mostWords) }),
    ...(firstPrompt === undefined ? {} : { firstPrompt: firstPrompt.slice(0, mostWords) }),
    updatedAt: ends.mtimeMs,
    inTerminal: said[0]?.entrypoint === 'cli',
  };
}

const parsed = (row: string): Line[] => parsedAs(Line, row);

/** What a person typed; undefined for other lines, such as the CLI's own commands and what stands around them. */
function promptOf(line: Line): string | undefined {
  if (line.type !== 'user' || line.isMeta || line.isSidechain) return undefined;
  const words = wordsOf(line.message?.content);
  return words === '' || /^<(command|local-command|bash)-/.test(words) ? undefined : words;
}

const unknown: Running = { kind: 'unknown' };

/** What is known of live CLIs, by the files that they keep; a version that keeps none leaves it unknown. */
async function whatRuns(sessions: string): Promise<(id: string) => Running> {
  const names = (await readable(sessions)).filter((name) => /^\d+\.json$/.test(name));
  if (names.length === 0 && statOf(sessions) === undefined) return () => unknown;
  const byId = new Map<string, Running>();
  for (const name of names) {
    const read = await readJson(Live, path.join(sessions, name)).catch(() => undefined);
    if (read?.kind !== 'ok') continue;
    const { pid, sessionId, procStart } = read.value;
    const running = await isRunning(pid, procStart);
    if (running.kind === 'yes' || (running.kind === 'unknown' && !byId.has(sessionId))) byId.set(sessionId, running);
  }
  return (id) => byId.get(id) ?? { kind: 'no' };
}

/** A file may be left of a CLI that was killed, and its number may be another process's by now. */
async function isRunning(pid: number, procStart: string | undefined): Promise<Running> {
  const now = await identityOf(pid);
  if (now.scope === undefined) return (await presence(now)) === 'gone' ? { kind: 'no' } : unknown;
  if (now.start_time === undefined) return { kind: 'no' };
  if (procStart === undefined) return unknown;
  return now.start_time === procStart
    ? { kind: 'yes', pid, where: isUnderTmux(pid) ? 'tmux' : 'terminal' }
    : { kind: 'no' };
}
