import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job, PromptSource } from '../model/job';
import type { Request } from '../model/request';
import type { ManagedSession } from '../sessions/managedSession';
import type { Layout, SessionLayout } from '../store/layout';
import { isoTime } from '../support/clock';
import { CourierError, hasCode } from '../support/errors';
import { gitHead } from '../support/gitHead';
import type { RunnerContext } from './context';
import { createSession } from './loadSessions';
import { findPromptText, type PromptText, titleOf, writePromptFile } from './promptFile';

type Enqueue = Extract<Request, { action: 'enqueue' }>;

/** Makes a job of a request: its session if need be, its prompt file, its place in the queue. Returns the session whose queue is to be written. */
export async function enqueue(context: RunnerContext, request: Enqueue): Promise<ManagedSession> {
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
  const { type, mode, timeout_s, group_id, requested_by } = request;
  const source = await withHead(context.layout.workspace, request.source);
  await addJob(
    context,
    session,
    { job_id: request.id, agent: agentId, type, mode, timeout_s, group_id, requested_by, source },
    prompt,
  );
  return session;
}

/** Makes a new job from a finished or live one, with its prompt. */
export async function retry(
  context: RunnerContext,
  session: ManagedSession,
  old: Job,
  id: string,
  requestedBy: string | undefined,
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
    job_id: id,
    agent,
    type,
    mode,
    timeout_s,
    group_id,
    source,
    retry_of: old.job_id,
    requested_by: requestedBy,
  };
  await addJob(context, session, job, text.end < text.start ? { text: '' } : text);
}

async function addJob(
  context: RunnerContext,
  session: ManagedSession,
  fields: Pick<
    Job,
    'job_id' | 'agent' | 'type' | 'mode' | 'timeout_s' | 'group_id' | 'source' | 'retry_of' | 'requested_by'
  >,
  prompt: PromptText,
): Promise<void> {
  await requireInside(context.layout, session.files);
  const created_at = isoTime(context.clock.now());
  const { prompt: prompt_path, output: output_path } = session.files.jobFiles({ ...fields, created_at });
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
  job.prompt_mtime_ns = String(await writePromptFile(context.layout.workspace, job, prompt));
  session.jobs.push(job);
  session.log('info', `${job.job_id}: pending (${job.mode}, ${job.agent})`);
}

/** Adds the commit that the source's file stands on, where it is a file of this workspace in a git repository. */
async function withHead(workspace: string, source: PromptSource | undefined): Promise<PromptSource | undefined> {
  if (source?.path === undefined || source.git_head !== undefined) return source;
  const file = path.resolve(workspace, source.path);
  if (!file.startsWith(workspace + path.sep)) return source;
  const git_head = await gitHead(path.dirname(file));
  return git_head === undefined ? source : { ...source, git_head };
}

async function promptOf(context: RunnerContext, request: Enqueue): Promise<PromptText> {
  if (request.prompt !== undefined) return { text: request.prompt };
  const file = path.join(context.layout.inbox, request.prompt_file!);
  try {
    if ((await fs.lstat(file)).isFile()) return { file };
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  throw new CourierError('invalid_request', `prompt_file "${request.prompt_file}" is no file in inbox/.`);
}

async function firstWords(prompt: PromptText): Promise<string> {
  if ('text' in prompt) return prompt.text.slice(0, 4096);
  const handle = await fs.open(prompt.file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, prompt.start ?? 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Refuses a session whose prompt or output folder was replaced by a link that leads out of `.courier`. */
async function requireInside(layout: Layout, files: SessionLayout): Promise<void> {
  const root = (await fs.realpath(layout.root)) + path.sep;
  for (const dir of [files.prompts, files.output]) {
    if (!(await fs.realpath(dir)).startsWith(root))
      throw new CourierError('refused', `${dir} leads out of ${layout.root}; nothing was written.`);
  }
}
