import { randomInt } from 'node:crypto';
import { type BigIntStats, lstatSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job } from '../model/job';
import type { Request } from '../model/request';
import type { ManagedSession } from '../sessions/managedSession';
import { requireRealFolder } from '../store/realFolder';
import { hasCode } from '../support/errors';
import type { RunnerContext } from './context';
import { promptOf } from './enqueue';
import { invalid, waitingJob } from './findJobs';
import { findPromptText, firstWords, type PromptText, readBytes, titleOf, writePromptFile } from './promptFile';

type Update = Extract<Request, { action: 'update' }>;

/** Gives a job that has not begun another prompt: the request's, or what a person made of its prompt file. */
export async function updatePrompt(context: RunnerContext, request: Update): Promise<ManagedSession> {
  const { session, job } = await waitingJob(context, request.job_id);
  if (request.prompt !== undefined || request.prompt_file !== undefined)
    await replacePrompt(context, session, job, await promptOf(context, request));
  else {
    const wrong = await takeEdits(context, session, job);
    if (wrong) throw invalid(wrong);
  }
  session.log('info', `${job.job_id}: its prompt was changed`);
  return session;
}

async function replacePrompt(
  context: RunnerContext,
  session: ManagedSession,
  job: Job,
  prompt: PromptText,
): Promise<void> {
  const { workspace } = context.layout;
  const { prompts, dir } = session.files;
  await requireRealFolder(context.layout, prompts);
  // Where whoever takes over removes what a crash left.
  const draft = path.join(dir, `${path.basename(job.prompt_path)}.${randomInt(1e9, 1e12)}`);
  const written = await writePromptFile(workspace, job, prompt, draft);
  try {
    const title = titleOf(await firstWords(prompt));
    await context.guard();
    await fs.rename(draft, path.join(workspace, job.prompt_path));
    session.updateJob(job.job_id, { title, prompt_mtime_ns: String(written) });
  } catch (error) {
    await fs.rm(draft, { force: true });
    throw error;
  }
}

/**
 * Looks whether a job's prompt file is as it was written, and takes what a person changed in it. A sentence says why what stands
 * there can't be sent: it has to name the job and its answer file still, and to hold the marks around the prompt.
 */
export async function takeEdits(
  context: RunnerContext,
  session: ManagedSession,
  job: Job,
): Promise<string | undefined> {
  const file = context.layout.resolve(job.prompt_path);
  const stat = file === undefined ? undefined : statOf(file);
  if (file === undefined || !stat?.isFile()) return `Its prompt file ${job.prompt_path} is not there any more.`;
  const prompt_mtime_ns = String(stat.mtimeNs);
  if (prompt_mtime_ns === job.prompt_mtime_ns) return undefined;
  const text = await findPromptText(file);
  const head = text && (await readBytes(file, 0, text.start));
  const lacks = !head
    ? 'the two marks around the prompt, <!-- courier:prompt:begin --> and <!-- courier:prompt:end -->'
    : !head.includes(`Job ${job.job_id}`)
      ? `the line "# Job ${job.job_id}" at its top`
      : head.includes(job.output_path)
        ? undefined
        : `the path of its answer, ${job.output_path}, above the prompt`;
  if (lacks) return `Its prompt file ${job.prompt_path} was changed and lacks ${lacks}. What stands in it is kept.`;
  session.updateJob(job.job_id, { prompt_mtime_ns, title: titleOf(await firstWords(text!)) });
  return undefined;
}

/** At once: it is asked of each job just before its line is typed. */
function statOf(file: string): BigIntStats | undefined {
  try {
    return lstatSync(file, { bigint: true });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
