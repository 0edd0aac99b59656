import { closeSync, constants, fstatSync, openSync, readdirSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isFinal, Job } from '../model/job';
import { hasCode } from '../support/errors';
import { appendLine } from './appendText';
import { historyMark, monthsAmong } from './historyMark';
import { parseJson } from './jsonFile';
import type { SessionLayout } from './layout';
import { openedText } from './openedText';
import { readPicked } from './picked';
import { namesIn } from './userState';

const chunk = 64 * 1024;

/** A line of more bytes is no job of ours, and isn't kept in memory. */
const longestLine = 4 * 1024 * 1024;

/** How many lines of a superseded runner may stand after its successor's: of each job that it was just ending, one. */
const mostLate = 64;

/** Appends a finished job to the session's history, as one JSON line with the epoch of the runner that ended it. Returns as `appendLine` does. */
export async function appendHistory(session: SessionLayout, job: Job, epoch: number): Promise<string | undefined> {
  const ended = job.finished_at ?? job.created_at;
  return appendLine(session.historyFile(ended), JSON.stringify({ ...job, epoch }), Date.parse(ended));
}

/** The claim of the runner that ended a job; higher than any for a line of version 0.1.0, which didn't say. */
export function endEpoch(job: Job): number {
  return job.epoch ?? Number.POSITIVE_INFINITY;
}

/** Whether a line of the history ends a job that stands in a queue of this epoch: a runner that was superseded before that ends nothing. */
export function endsLive(finished: Job, queueEpoch: number): boolean {
  return endEpoch(finished) >= queueEpoch;
}

/** The newest finished jobs, newest first. Reads from the end, so that a long history costs nothing; a torn line is passed over. */
export function readHistory(session: SessionLayout, limit: number): Promise<Job[]> {
  return newestFirst(session, { limit });
}

/** Among how many of the newest a job is looked for that can only have ended a moment ago. */
export const justEnded = 500;

/**
 * Looks a finished job up, newest first; undefined when it isn't in the history. `among` bounds the lines that are gone
 * through, so that a look for what is mostly not there stays as quick as the history grows.
 */
export async function findInHistory(session: SessionLayout, jobId: string, among?: number): Promise<Job | undefined> {
  return (await newestFirst(session, { limit: 1, jobId, among }))[0];
}

/** Up to `limit` finished jobs, newest first, of the newest `among` lines. */
async function newestFirst(
  session: SessionLayout,
  wanted: { limit: number; jobId?: string; among?: number },
): Promise<Job[]> {
  const found = new Newest(wanted);
  for await (const block of linesNewestFirst(session)) if (found.take(block)) break;
  return found.jobs;
}

/** A history that is longer than this is not read in one go, in bytes a month. */
const short = 64 * 1024;

/** Finished jobs, newest first, and how the history stood before they were read: see `historyMark`. */
export interface MarkedHistory {
  jobs: Job[];
  mark: string;
}

/** As `readHistory`, in one go; undefined when so much would have to be read for it that others should have their turn. */
export function readHistoryNow(session: SessionLayout, limit: number): MarkedHistory | undefined {
  const months = monthsAmong(readdirNow(session.historyDir));
  const mark = historyMark(session, months[0]);
  const found = new Newest({ limit });
  for (const month of months) {
    const text = readShort(path.join(session.historyDir, month));
    if (text === undefined) return undefined;
    const lines = text.split('\n').filter((line) => line !== '');
    if (found.take(lines.reverse())) break;
  }
  return { jobs: found.jobs, mark };
}

/** As `readHistory`, with how it stood. */
export async function readMarkedHistory(session: SessionLayout, limit: number): Promise<MarkedHistory> {
  const mark = historyMark(session, monthsAmong(await namesIn(session.historyDir))[0]);
  return { jobs: await readHistory(session, limit), mark };
}

function readdirNow(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

function readShort(file: string): string | undefined {
  let handle: number;
  try {
    handle = openSync(file, flags);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ELOOP', 'ENXIO')) return '';
    throw error;
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return '';
    return stat.size > short ? undefined : openedText(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Gathers finished jobs from lines, newest first. Of several lines of one job the one of the highest epoch counts, then
 * the newest.
 */
class Newest {
  private readonly found = new Map<string, Job>();
  private readonly picked = new Map<string, string>();
  // Checking every line of a long history would take seconds over many requests.
  private readonly text: string;
  private lines = 0;
  private beyond = 0;
  private older = 0;
  private lowest = Number.POSITIVE_INFINITY;

  constructor(private readonly wanted: { limit: number; jobId?: string; among?: number }) {
    this.text = wanted.jobId === undefined ? '' : `"${wanted.jobId}"`;
  }

  get jobs(): Job[] {
    return [...this.found.values()].map((job) => {
      const picked_at = this.picked.get(job.job_id);
      return picked_at === undefined ? job : { ...job, picked_at };
    });
  }

  /** Takes the next lines; true when no more are needed. */
  take(block: readonly string[]): boolean {
    return block.some((line) => this.takeLine(line));
  }

  private takeLine(line: string): boolean {
    const { limit, jobId, among = Number.POSITIVE_INFINITY } = this.wanted;
    if (++this.lines > among) return true;
    const complete = this.found.size >= limit;
    if (complete) {
      // From here on only what a newer runner wrote of the same jobs counts, with the late lines of an older one after it.
      const late = epochIn(line) <= this.lowest;
      if (++this.beyond > justEnded || (late && ++this.older > mostLate)) return true;
      if (late) return false;
    }
    if (!line.includes(this.text)) return false;
    const mark = readPicked(line);
    if (mark && !this.picked.has(mark.picked)) this.picked.set(mark.picked, mark.at);
    const job = mark ? undefined : readEnd(line);
    if (!job || (jobId !== undefined && job.job_id !== jobId)) return false;
    const known = this.found.get(job.job_id);
    if (known ? endEpoch(job) <= endEpoch(known) : complete) return false;
    this.found.set(job.job_id, job);
    // Only then is it asked for; over all jobs after each of them, a whole history would take the square of its length.
    if (this.found.size >= limit) this.lowest = Math.min(...[...this.found.values()].map(endEpoch));
    return false;
  }
}

/** The finished job of a line; undefined for a line that is torn or holds something else. */
function readEnd(line: string): Job | undefined {
  const read = parseJson(Job, line, 'a line of the history');
  return read.kind === 'ok' && isFinal(read.value.status) ? read.value : undefined;
}

/** The epoch at the end of a line, without the cost of checking all of it. */
function epochIn(line: string): number {
  return Number(/,"epoch":(\d+)\}$/.exec(line.slice(-32))?.[1] ?? Number.POSITIVE_INFINITY);
}

/** All lines, last first, in blocks: to hand over each by itself would cost more than to read it. */
async function* linesNewestFirst(session: SessionLayout): AsyncGenerator<string[]> {
  for (const month of monthsAmong(await namesIn(session.historyDir)))
    yield* linesFromEnd(path.join(session.historyDir, month));
}

// A pipe would hold its reader for ever; a link leads to what is no history of ours.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The lines of a file, last first, read in chunks from its end. */
async function* linesFromEnd(file: string): AsyncGenerator<string[]> {
  let handle: fs.FileHandle;
  try {
    handle = await fs.open(file, flags);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ELOOP', 'ENXIO')) return;
    throw error;
  }
  try {
    const stat = await handle.stat();
    let end = stat.isFile() ? stat.size : 0;
    // The line whose beginning is not read yet, last part first; joined once, so that a file of one long line costs no more.
    let parts: Buffer[] = [];
    const line = (first: Buffer) => {
      if (parts.length === 0) return first.toString('utf8');
      const whole = Buffer.concat([first, ...parts.reverse()]);
      parts = [];
      return whole.length > longestLine ? '' : whole.toString('utf8');
    };
    while (end > 0) {
      const start = Math.max(0, end - chunk);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
      let block: Buffer = buffer.subarray(0, bytesRead);
      const lines: string[] = [];
      for (let at = block.lastIndexOf(10); at >= 0; at = block.lastIndexOf(10)) {
        const text = line(block.subarray(at + 1));
        if (text !== '') lines.push(text);
        block = block.subarray(0, at);
      }
      yield lines;
      if (parts.length <= longestLine / chunk) parts.push(block);
      end = start;
    }
    const first = line(Buffer.alloc(0));
    if (first !== '') yield [first];
  } finally {
    await handle.close();
  }
}
