import { randomInt } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job, PromptSource } from '../model/job';
import type { Request } from '../model/request';
import type { ManagedSession } from '../sessions/managedSession';
import { requireRealFolder } from '../store/realFolder';
import { isoTime } from '../support/clock';
import { CourierError, hasCode } from '../support/errors';
import { gitHead } from '../support/gitHead';
import type { RunnerContext } from './context';
import { findJob } from './findJobs';
import { createSession } from './loadSessions';
import { findPromptText, firstWords, type PromptText, titleOf, writePromptFile } from './promptFile';

type Enqueue = Extract<Request, { action: 'enqueue' }>;

/** Makes a job of a request: its session if need be, its prompt file, its place in the queue. Returns the session whose queue is to be written. */
export async function enqueue(context: RunnerContext, request: Enqueue, askedAt: number): Promise<ManagedSession> {
  const agentId =
    request.agent ?? context.sessions.get(request.session_id)?.metadata.agent ?? context.settings.default_agent;
  context.launcher.agent(agentId);
  const prompt = await promptOf(context, request);
  const session =
    context.sessions.get(request.session_id) ?? (await createSession(context, request.session_id, agentId));
  if (request.mode === 'session' && session.metadata.agent !== agentId) {
    throw new CourierError(
      'invalid_request',
      `Session "${session.id}" runs ${session.metadata.agent}, not ${agentId}. Send to another session, or as a job of its own (mode fresh).`,
    );
  }
  const { type, mode, timeout_s, group_id, requested_by, follows } = request;
  if (follows !== undefined) await requireConversation(context, session, request, follows);
  const source = await withHead(context.layout.workspace, request.source);
  await addJob(
    context,
    session,
    { job_id: request.id, agent: agentId, type, mode, timeout_s, group_id, requested_by, source, follows },
    { prompt, askedAt },
  );
  return session;
}

/** Makes a new job from a finished or live one, with its prompt. */
export async function retry(
  context: RunnerContext,
  session: ManagedSession,
  old: Job,
  request: { id: string; requested_by: string | undefined; askedAt: number },
): Promise<void> {
  const file = context.layout.resolve(old.prompt_path);
  const text = file && (await findPromptText(file).catch(() => undefined));
  if (!text)
    throw new CourierError(
      'invalid_request',
      `The prompt of job ${old.job_id} is not there any more (${old.prompt_path}).`,
    );
  const { agent, type, mode, timeout_s, group_id, source } = old;
  const job = {
    job_id: request.id,
    agent,
    type,
    mode,
    timeout_s,
    group_id,
    source,
    retry_of: old.job_id,
    requested_by: request.requested_by,
  };
  const prompt = text.end < text.start ? { text: '' } : text;
  await addJob(context, session, job, { prompt, askedAt: request.askedAt });
}

async function addJob(
  context: RunnerContext,
  session: ManagedSession,
  fields: Pick<
    Job,
    'job_id' | 'agent' | 'type' | 'mode' | 'timeout_s' | 'group_id' | 'source' | 'retry_of' | 'requested_by' | 'follows'
  >,
  { prompt, askedAt }: { prompt: PromptText; askedAt: number },
): Promise<void> {
  const { prompts, output } = session.files;
  await Promise.all([prompts, output].map((dir) => requireRealFolder(context.layout, dir)));
  const created_at = isoTime(context.clock.now());
  // Of the request's own time, so that whoever takes it again after a crash names the same files.
  const named = { ...fields, created_at: isoTime(isYear4(askedAt) ? askedAt : context.clock.now()) };
  const { prompt: prompt_path, output: output_path } = session.files.jobFiles(named);
  const title = titleOf(await firstWords(prompt));
  const job: Job = {
    ...fields,
    session_id: session.id,
    status: 'pending',
    title,
    prompt_path,
    output_path,
    created_at,
    attempts: 0,
  };
  job.prompt_mtime_ns = String(await writeAnew(context, job, prompt));
  session.insertJob(job, job.follows === undefined ? undefined : firstBehind(session, job.follows));
  session.log('info', `${job.job_id}: pending (${job.mode}, ${job.agent})`);
}

/** Throws unless a job is, or was, one of this session's own conversation. */
async function requireConversation(
  context: RunnerContext,
  session: ManagedSession,
  { mode }: Enqueue,
  follows: string,
): Promise<void> {
  const found = await findJob(context, follows);
  const why =
    found.session !== session
      ? `is in session "${found.session.id}", not in "${session.id}"`
      : found.job.mode === 'fresh' || mode === 'fresh'
        ? 'can have no follow-up: a job of mode fresh has a conversation of its own, which ends with it'
        : undefined;
  if (why) throw new CourierError('invalid_request', `Job ${follows} ${why}.`);
}

/** The first job that waits behind another one and its follow-ups; when that has ended, behind the follow-ups alone. */
function firstBehind(session: ManagedSession, followed: string): string | undefined {
  const at = session.jobs.findIndex((job) => job.job_id === followed);
  const behind = session.jobs.slice(at + 1).filter((job) => job.status !== 'running');
  return behind.find((job) => job.follows !== followed)?.job_id;
}

/** Writes a job's prompt file. What stands there is of a runner that had begun to take this request, and is replaced as a whole. */
export async function writeAnew(context: RunnerContext, job: Job, prompt: PromptText): Promise<bigint> {
  const { workspace } = context.layout;
  try {
    return await writePromptFile(workspace, job, prompt);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const anew = `${job.prompt_path}.${randomInt(1e9, 1e12)}`;
  const written = await writePromptFile(workspace, { ...job, prompt_path: anew }, prompt);
  const [draft, place] = [anew, job.prompt_path].map((one) => path.join(workspace, one)) as [string, string];
  try {
    await context.guard();
    // One that sleeps here puts the same text in its successor's place.
    await fs.rename(draft, place);
  } catch (error) {
    await fs.rm(draft, { force: true });
    throw error;
  }
  return written;
}

/** Whether a time (milliseconds) is of a year of four digits; a file may claim any. */
const isYear4 = (time: number) => time >= 0 && time < Date.UTC(10_000, 0);

/** Adds the commit that the source's file stands on, where it is a file of this workspace in a git repository. */
async function withHead(workspace: string, source: PromptSource | undefined): Promise<PromptSource | undefined> {
  if (source?.path === undefined || source.git_head !== undefined) return source;
  const file = path.resolve(workspace, source.path);
  if (!file.startsWith(workspace + path.sep)) return source;
  const git_head = await gitHead(path.dirname(file));
  return git_head === undefined ? source : { ...source, git_head };
}

/** The prompt of a request: its own text, or a file in the inbox. */
export async function promptOf(
  context: RunnerContext,
  request: { prompt?: string; prompt_file?: string },
): Promise<PromptText> {
  if (request.prompt !== undefined) return { text: request.prompt };
  const file = path.join(context.layout.inbox, request.prompt_file!);
  try {
    if ((await fs.lstat(file)).isFile()) return { file };
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  throw new CourierError('invalid_request', `prompt_file "${request.prompt_file}" is no file in inbox/.`);
}
