import { closeSync, constants, fstatSync, openSync, writeFile, writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import type { Job, PromptSource } from '../model/job';
import { shortened } from '../support/shortened';

/** Marks around the person's own text in a prompt file. */
export const promptBegin = '<!-- courier:prompt:begin -->';
export const promptEnd = '<!-- courier:prompt:end -->';
/** An editor may have written line ends as CRLF. */
const beginLine = new RegExp(`^${promptBegin}\r?\n`, 'm');

/** Where a prompt's text is: in memory, or a range of a file (bytes, its end counted in). */
export type PromptText = { text: string } | { file: string; start?: number; end?: number };

/**
 * Writes a job's prompt file by exclusive create, 0600, whatever its size: head, the person's text word for word, foot.
 * Returns the file's own mtime in nanoseconds, which the output is compared with. Throws EEXIST when the file is there.
 */
export async function writePromptFile(
  workspace: string,
  job: Job,
  prompt: PromptText,
  file = path.join(workspace, job.prompt_path),
): Promise<bigint> {
  const fd = openSync(file, 'wx', 0o600);
  try {
    const before = `${head(job)}\n${promptBegin}\n`;
    const after = `\n${promptEnd}\n`;
    if ('text' in prompt) writeFileSync(fd, `${before}${prompt.text}${after}`);
    else {
      writeFileSync(fd, before);
      await copyRange(prompt, fd);
      writeFileSync(fd, after);
    }
    return fstatSync(fd, { bigint: true }).mtimeNs;
  } catch (error) {
    // Half a prompt is none.
    await fs.rm(file, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Opens a file that holds a prompt; what has been put in its place since it was found is neither followed nor waited for. */
function openPrompt(file: string): Promise<fs.FileHandle> {
  return fs.open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/** How much of a file is in memory at a time, in bytes. */
const atOnce = 1024 * 1024;

const write = promisify(writeFile);

/** Appends a range of a file to another, which is open. */
async function copyRange(from: { file: string; start?: number; end?: number }, out: number): Promise<void> {
  const { start = 0, end = Number.POSITIVE_INFINITY } = from;
  const source = await openPrompt(from.file);
  try {
    const buffer = Buffer.alloc(Math.min(atOnce, Math.max(1, (await source.stat()).size)));
    for (let at = start; at <= end; ) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, end + 1 - at), at);
      if (bytesRead === 0) return;
      await write(out, buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await source.close();
  }
}

function head(job: Job): string {
  return [
    `# Job ${job.job_id}`,
    '',
    'I wrote this at my editor and want it done now: act on what stands between the two marks, without asking whether to.',
    '',
    `- Write your whole answer to the file \`${job.output_path}\` (relative to your current folder), and nowhere else.`,
    '- Create that file even when the answer is short. If something keeps you from the task, write what it is into that file.',
    '- When the file is complete, end your turn.',
    ...(job.source ? [`- Where the text comes from: ${origin(job.source)}.`] : []),
    '',
  ].join('\n');
}

/** A value of the request's, which may neither begin a line of ours nor fill the head. */
const oneLine = (text: string, limit: number) => text.replace(/[\x00-\x1f\x7f`]/g, ' ').slice(0, limit);

function origin(source: PromptSource): string {
  const lines =
    source.start_line === undefined
      ? undefined
      : source.end_line === undefined || source.end_line === source.start_line
        ? `line ${source.start_line}`
        : `lines ${source.start_line} to ${source.end_line}`;
  return [
    source.path === undefined ? 'no file' : `\`${oneLine(source.path, 1000)}\``,
    source.language === undefined ? undefined : oneLine(source.language, 50),
    lines,
    source.dirty ? 'with changes that are not saved' : undefined,
    source.git_head === undefined ? undefined : `git HEAD ${oneLine(source.git_head, 100)}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** A prompt's first bytes as text, for its title. */
export async function firstWords(prompt: PromptText): Promise<string> {
  if ('text' in prompt) return prompt.text.slice(0, 4096);
  return (await readBeginning(prompt, 4096)).text;
}

/** Some bytes of a file as text. */
export async function readBytes(file: string, start: number, length: number): Promise<string> {
  return (await readBeginning({ file, start }, length)).text;
}

/** The first bytes, `most` of them, of a file's range as text; `cut` says that the range goes on. */
export async function readBeginning(
  { file, start = 0, end = Number.POSITIVE_INFINITY }: { file: string; start?: number; end?: number },
  most: number,
): Promise<{ text: string; cut: boolean }> {
  const handle = await openPrompt(file);
  try {
    const length = Math.max(0, Math.min((await handle.stat()).size, end + 1) - start);
    const wanted = Math.min(length, most);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, start);
    return { text: buffer.toString('utf8', 0, bytesRead), cut: length > most };
  } finally {
    await handle.close();
  }
}

/** Where the person's own text stands in a prompt file, in bytes; undefined when the marks are gone. */
export async function findPromptText(file: string): Promise<{ file: string; start: number; end: number } | undefined> {
  const handle = await openPrompt(file);
  try {
    const { size } = await handle.stat();
    const first = await handle.read(Buffer.alloc(Math.min(size, 16 * 1024)), 0, Math.min(size, 16 * 1024), 0);
    const begin = beginLine.exec(first.buffer.toString('latin1', 0, first.bytesRead));
    const tail = Math.min(size, 4096);
    const last = await handle.read(Buffer.alloc(tail), 0, tail, size - tail);
    const end = last.buffer.lastIndexOf(`\n${promptEnd}`);
    if (!begin || end < 0) return undefined;
    const start = begin.index + begin[0].length;
    // The end is counted in; an empty prompt has an end before its start.
    const range = { file, start, end: size - tail + end - 1 };
    return range.end < start - 1 ? undefined : range;
  } finally {
    await handle.close();
  }
}

/** The first words of a prompt, for lists. */
export function titleOf(text: string): string | undefined {
  const line = text.split('\n').find((row) => row.trim() !== '');
  return line && shortened(line.trim().replace(/\s+/g, ' '), 80);
}
