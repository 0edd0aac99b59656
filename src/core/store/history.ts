import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isFinal, Job } from '../model/job';
import { hasCode } from '../support/errors';
import { parseJson } from './jsonFile';
import type { SessionLayout } from './layout';
import { namesIn } from './userState';

const chunk = 64 * 1024;

/** Appends a finished job to the session's history, as one JSON line. */
export async function appendHistory(session: SessionLayout, job: Job): Promise<void> {
  const file = session.historyFile(job.finished_at ?? job.created_at);
  // A line that a crash tore off must not swallow the next one.
  const glue = (await endsInNewline(file)) ? '' : '\n';
  await fs.appendFile(file, `${glue}${JSON.stringify(job)}\n`, { mode: 0o600 });
}

/** The newest finished jobs, newest first. Reads from the end, so that a long history costs nothing; a torn line is passed over. */
export async function readHistory(session: SessionLayout, limit: number): Promise<Job[]> {
  const jobs: Job[] = [];
  for await (const job of newestFirst(session)) {
    if (jobs.push(job) >= limit) break;
  }
  return jobs;
}

/** Among how many of the newest a job is looked for that can only have ended a moment ago. */
export const justEnded = 500;

/**
 * Looks a finished job up, newest first; undefined when it isn't in the history. `among` bounds the lines that are gone
 * through, so that a look for what is mostly not there stays as quick as the history grows.
 */
export async function findInHistory(
  session: SessionLayout,
  jobId: string,
  among = Number.POSITIVE_INFINITY,
): Promise<Job | undefined> {
  // Checking every line of a long history would take seconds over many requests.
  for await (const job of newestFirst(session, `"${jobId}"`, among)) if (job.job_id === jobId) return job;
  return undefined;
}

/** Finished jobs, newest first, of the newest `among` lines; of those that don't hold `text` none is looked at. */
async function* newestFirst(session: SessionLayout, text = '', among = Number.POSITIVE_INFINITY): AsyncGenerator<Job> {
  const seen = new Set<string>();
  let lines = 0;
  const months = (await namesIn(session.historyDir)).filter((name) => /^\d{4}-\d{2}\.jsonl$/.test(name)).sort();
  for (const month of months.reverse()) {
    for await (const line of linesFromEnd(path.join(session.historyDir, month))) {
      if (++lines > among) return;
      if (!line.includes(text)) continue;
      const read = parseJson(Job, line, month);
      if (read.kind !== 'ok' || !isFinal(read.value.status) || seen.has(read.value.job_id)) continue;
      seen.add(read.value.job_id);
      yield read.value;
    }
  }
}

/** The lines of a file, last first, read in chunks from its end. */
async function* linesFromEnd(file: string): AsyncGenerator<string> {
  let handle: fs.FileHandle;
  try {
    handle = await fs.open(file, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    let end = (await handle.stat()).size;
    let rest: Buffer = Buffer.alloc(0);
    while (end > 0) {
      const start = Math.max(0, end - chunk);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
      let block: Buffer = Buffer.concat([buffer.subarray(0, bytesRead), rest]);
      for (let at = block.lastIndexOf(10); at >= 0; at = block.lastIndexOf(10)) {
        if (at + 1 < block.length) yield block.toString('utf8', at + 1);
        block = block.subarray(0, at);
      }
      rest = block;
      end = start;
    }
    if (rest.length > 0) yield rest.toString('utf8');
  } finally {
    await handle.close();
  }
}

async function endsInNewline(file: string): Promise<boolean> {
  try {
    const handle = await fs.open(file, 'r');
    try {
      const { size } = await handle.stat();
      if (size === 0) return true;
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
      return buffer[0] === 10;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true;
    throw error;
  }
}
