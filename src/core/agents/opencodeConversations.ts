import * as path from 'node:path';
import * as v from 'valibot';
import { isConversationId } from '../model/session';
import type { AgentSettings } from '../store/settings';
import { CourierError } from '../support/errors';
import { homeOf } from '../support/executablePlaces';
import { lockHolders } from '../support/fileLock';
import { type ProcessResult, run } from '../support/process';
import { shortened } from '../support/shortened';
import type { StoredConversation } from './agent';
import { mostConversations, mostWords, realPath, runningIn, statOf } from './conversationFiles';
import type { Program } from './program';

/** It takes about 3 s, mostly for its own start. */
const limitMs = 20_000;

const Rows = v.array(
  v.looseObject({
    id: v.string(),
    title: v.nullish(v.string()),
    first: v.nullish(v.string()),
    updated: v.number(),
  }),
);

/** Where OpenCode keeps its conversations, as its environment says; undefined where that is nowhere. */
export function opencodeDatabase(
  settings: Pick<AgentSettings, 'env'> | undefined,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const own = { ...env, ...settings?.env };
  const data = path.join(own.XDG_DATA_HOME || path.join(homeOf(own), '.local', 'share'), 'opencode');
  return own.OPENCODE_DB === ':memory:' ? undefined : path.resolve(data, own.OPENCODE_DB || 'opencode.db');
}

/**
 * The conversations that OpenCode keeps of a folder. Measured with 1.18.33: they are in one SQLite database of all folders, which
 * Node 20 can't read; `opencode db` can, without a look at the folder, a plugin or the network. `opencode session list` is
 * slower, and lists those of all folders that are none of git's, without what was said. It isn't started where it was never used.
 */
export async function opencodeConversations(
  workspace: string,
  settings: AgentSettings,
  find: () => Promise<Program>,
  only?: string,
): Promise<StoredConversation[]> {
  const database = opencodeDatabase(settings);
  if (!database || !statOf(database)?.isFile()) return [];
  const program = await find().catch((error) => {
    // Without its program none can be gone on with.
    if (error instanceof CourierError && error.code === 'no_agent') return undefined;
    throw error;
  });
  if (!program) return [];
  const args = ['db', '--pure', '--format', 'json', query(realPath(workspace), only)];
  const env = { ...process.env, ...program.env };
  // In another folder than the workspace, whose files may say how a program in it behaves.
  const cwd = path.dirname(database);
  const asked = await run(program.file, args, { cwd, env, timeoutMs: limitMs, contained: true });
  const rows = asked.failed ? undefined : parseRows(asked.stdout);
  if (!rows)
    throw new CourierError(
      'no_conversations',
      `OpenCode did not say which conversations it keeps: ${whyNot(asked)}. Nothing was changed. It was asked as 1.18.33 wants it; "opencode session list" shows whether another version has them.`,
    );
  // Who has its database open holds a lock on this file as long.
  const running = runningIn(lockHolders(`${database}-shm`, 'POSIX'));
  return rows
    .filter(({ id }) => isConversationId(id) && (only === undefined || id === only))
    .slice(0, mostConversations)
    .map(({ id, title, first, updated }) => ({
      id,
      // What it calls one that has no title yet.
      ...(title?.trim() && !/^New session - \d{4}-/.test(title) ? { title: title.slice(0, mostWords) } : {}),
      ...(first?.trim() ? { firstPrompt: first.trim().slice(0, mostWords) } : {}),
      updatedAt: updated,
      running: running(id),
    }));
}

/** What a subagent began, or a person put away, is not listed. */
function query(cwd: string, only: string | undefined): string {
  const one = only === undefined ? '' : ` and s.id = ${quoted(only)}`;
  return `select s.id, substr(s.title, 1, ${mostWords}) as title, s.time_updated as updated,
(select substr(${field('p', 'text')}, 1, ${mostWords}) from message m join part p on p.message_id = m.id
where m.session_id = s.id and ${field('m', 'role')} = 'user' and ${field('p', 'type')} = 'text'
and ${field('p', 'synthetic')} is null order by m.time_created, m.id, p.id limit 1) as first
from session s where s.directory = ${quoted(cwd)}${one} and s.parent_id is null and s.time_archived is null
and exists (select 1 from message m where m.session_id = s.id)
order by s.time_updated desc limit ${mostConversations}`;
}

/** A field of what a table's row holds as JSON; null where it is none, of which SQLite would make an error for the whole list. */
const field = (table: string, name: string): string =>
  `case when json_valid(${table}.data) then json_extract(${table}.data, '$.${name}') end`;

/** A text as SQL has it, by its bytes, so that none of it is read as anything else. */
const quoted = (text: string): string => `cast(x'${Buffer.from(text).toString('hex')}' as text)`;

function parseRows(stdout: string): v.InferOutput<typeof Rows> | undefined {
  try {
    return v.parse(Rows, JSON.parse(stdout || '[]'));
  } catch {
    return undefined;
  }
}

function whyNot({ failed, timedOut, stderr, problem = '' }: ProcessResult): string {
  if (timedOut) return `it gave no answer within ${limitMs / 1000} s`;
  if (!failed) return 'its answer has another shape';
  // With colours, whatever it is told of them.
  const said = stderr
    .replace(/\x1b\[[\d;]*m/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return shortened(said || problem, 200);
}
