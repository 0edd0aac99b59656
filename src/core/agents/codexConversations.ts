import * as path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as v from 'valibot';
import { isConversationId } from '../model/session';
import type { AgentSettings } from '../store/settings';
import { homeOf } from '../support/executablePlaces';
import { readEnds, readStart } from '../support/fileEnds';
import { lockHolder } from '../support/fileLock';
import { argumentsOf } from '../support/processArguments';
import { isUnderTmux } from '../support/underTmux';
import type { Running, StoredConversation } from './agent';
import { mostConversations, mostWords, parsedAs, readable, realPath, statOf, text } from './conversationFiles';

/** How many files are looked at, whichever folder they are of: those of the last days, and of them the last written first. */
const mostFiles = 10_000;
/** Its first line is 22 kB, mostly instructions; where it was begun stands in the first 500 bytes of that. */
const whereBytes = 4096;
/** How much of a file is read at its beginning, and of the titles at both ends, in bytes. */
const head = 128 * 1024;

/** The first line. `source` and `originator` are the program that began it; of one that an agent began for itself `thread_source` is not `user`. */
const Meta = v.looseObject({
  type: v.literal('session_meta'),
  payload: v.looseObject({ id: v.string(), cwd: v.string(), originator: text, thread_source: text }),
});

/** A prompt that a person typed. */
const Prompt = v.looseObject({
  type: v.literal('event_msg'),
  payload: v.looseObject({
    item: v.looseObject({ type: v.literal('UserMessage'), content: v.array(v.looseObject({ text })) }),
  }),
});

/** A line of `session_index.jsonl`: a title that a person gave. */
const Title = v.looseObject({ id: v.string(), thread_name: v.string() });

/** Where Codex keeps what is the user's own: `~/.codex`, or what CODEX_HOME says in the agent's environment. */
export function codexFolder(
  settings: Pick<AgentSettings, 'env'> | undefined,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const own = { ...env, ...settings?.env };
  return own.CODEX_HOME || path.join(homeOf(own), '.codex');
}

/**
 * The conversations that Codex keeps of a folder. Measured with 0.169.0: `sessions/YYYY/MM/DD/rollout-<time>-<id>.jsonl` of all
 * folders, by the day on which they were begun. What has another shape, such as another version's, is passed over.
 */
export async function codexConversations(
  workspace: string,
  home: string,
  only?: string,
): Promise<StoredConversation[]> {
  const cwd = realPath(workspace);
  const files = await filesIn(path.join(home, 'sessions'), only);
  files.sort((a, b) => b.mtimeMs - a.mtimeMs);
  const found: StoredConversation[] = [];
  let titles: Map<string, string> | undefined;
  const locks = path.join(home, 'thread-writer-locks');
  for (const [i, { id, file, mtimeMs }] of files.entries()) {
    // Thousands of files are looked at, and others have work to do meanwhile.
    if (i % 100 === 99) await setImmediate();
    if (!readStart(file, whereBytes)?.includes(`"cwd":${JSON.stringify(cwd)}`)) continue;
    const read = readConversation(id, file, cwd);
    if (!read) continue;
    titles ??= titlesIn(path.join(home, 'session_index.jsonl'));
    const title = titles.get(id)?.slice(0, mostWords);
    found.push({ id, ...(title ? { title } : {}), ...read, updatedAt: mtimeMs, running: whatRuns(locks, id) });
    if (found.length >= mostConversations) break;
  }
  return found;
}

interface File {
  id: string;
  file: string;
  mtimeMs: number;
}

/** The conversations' files, of the last days first, so many at most; or the one of an id. */
async function filesIn(sessions: string, only: string | undefined): Promise<File[]> {
  const found: File[] = [];
  for await (const day of daysIn(sessions)) {
    // Their names say when they were begun.
    for (const name of (await readable(day)).sort().reverse()) {
      if (found.length >= mostFiles) return found;
      const id = /^rollout-.*?-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/.exec(name)?.[1] ?? '';
      if (!isConversationId(id) || (only !== undefined && id !== only)) continue;
      const file = path.join(day, name);
      const stat = statOf(file);
      if (stat?.isFile()) found.push({ id, file, mtimeMs: stat.mtimeMs });
    }
  }
  return found;
}

/** The folders of days, the last first. */
async function* daysIn(sessions: string): AsyncGenerator<string> {
  const numbered = async (dir: string) =>
    (await readable(dir))
      .filter((name) => /^\d+$/.test(name))
      .sort((a, b) => Number(b) - Number(a))
      .map((name) => path.join(dir, name));
  for (const year of await numbered(sessions))
    for (const month of await numbered(year)) for (const day of await numbered(month)) yield day;
}

/** Reads a conversation's beginning; undefined unless it was begun in this folder, by a person or a program, not by an agent for itself. */
function readConversation(
  id: string,
  file: string,
  cwd: string,
): Pick<StoredConversation, 'firstPrompt' | 'inTerminal'> | undefined {
  const lines = readEnds(file, head, 0)?.first ?? [];
  const [meta] = parsedAs(Meta, lines[0] ?? '');
  if (meta?.payload.id !== id || meta.payload.cwd !== cwd) return undefined;
  const { originator, thread_source } = meta.payload;
  if (thread_source !== undefined && thread_source !== 'user') return undefined;
  const [prompt] = lines.flatMap((line) => parsedAs(Prompt, line));
  const parts = prompt?.payload.item.content.flatMap((part) => part.text?.trim() || []);
  const words = parts?.join(' ');
  return { ...(words ? { firstPrompt: words.slice(0, mostWords) } : {}), inTerminal: originator === 'codex-tui' };
}

/** The titles that persons gave; the last one of a conversation counts. */
function titlesIn(file: string): Map<string, string> {
  const ends = readEnds(file, head, head);
  const lines = [...(ends?.first ?? []), ...(ends?.last ?? [])].flatMap((line) => parsedAs(Title, line));
  return new Map(lines.filter(({ thread_name }) => thread_name.trim()).map((line) => [line.id, line.thread_name]));
}

/**
 * Whether a Codex has it open: who does holds a lock on `<id>.lock`, which it removes in the end. One that was started without
 * `--no-daemon` leaves that to its background process, which lets go a minute after the conversation was closed (measured).
 */
function whatRuns(locks: string, id: string): Running {
  if (!statOf(locks)) return { kind: 'unknown' };
  const lock = path.join(locks, `${id}.lock`);
  if (!statOf(lock)) return { kind: 'no' };
  const pid = lockHolder(lock);
  if (typeof pid !== 'number') return { kind: pid ?? 'no' };
  const where = isBackground(pid) ? 'background' : isUnderTmux(pid) ? 'tmux' : 'terminal';
  return { kind: 'yes', pid, where };
}

function isBackground(pid: number): boolean {
  return argumentsOf(pid)?.includes('app-server') ?? false;
}
