import * as fs from 'node:fs';
import * as path from 'node:path';
import { finished } from 'node:stream/promises';
import type { Job, PromptSource } from '../model/job';
import { hasCode } from '../support/errors';

/** Marks around the person's own text in a prompt file. */
export const promptBegin = '<!-- courier:prompt:begin -->';
export const promptEnd = '<!-- courier:prompt:end -->';

/** Where a prompt's text is: in memory, or a range of a file (bytes). */
export type PromptText = { text: string } | { file: string; start?: number; end?: number };

/**
 * Writes a job's prompt file by exclusive create, 0600, whatever its size: head, the person's text word for word, foot.
 * Returns the file's own mtime in nanoseconds, which the output is compared with. Throws EEXIST when the file is there.
 */
export async function writePromptFile(workspace: string, job: Job, prompt: PromptText): Promise<bigint> {
  const file = path.join(workspace, job.prompt_path);
  const out = fs.createWriteStream(file, { flags: 'wx', mode: 0o600 });
  const written = finished(out);
  // A failed open shows up here too, before anybody awaits it below.
  written.catch(() => undefined);
  try {
    out.write(`${head(job)}\n${promptBegin}\n`);
    if ('text' in prompt) out.write(prompt.text);
    else {
      const range = { start: prompt.start, end: prompt.end };
      for await (const chunk of fs.createReadStream(prompt.file, range)) {
        if (!out.write(chunk))
          await Promise.race([new Promise<void>((resolve) => out.once('drain', () => resolve())), written]);
      }
    }
    out.end(`\n${promptEnd}\n`);
    await written;
  } catch (error) {
    out.destroy();
    // Half a prompt is none; the file of another, which made the create fail, stays.
    if (!hasCode(error, 'EEXIST')) await fs.promises.rm(file, { force: true });
    throw error;
  }
  return (await fs.promises.stat(file, { bigint: true })).mtimeNs;
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

/** Where the person's own text stands in a prompt file, in bytes; undefined when the marks are gone. */
export async function findPromptText(file: string): Promise<{ file: string; start: number; end: number } | undefined> {
  const handle = await fs.promises.open(file, 'r');
  try {
    const { size } = await handle.stat();
    const first = await handle.read(Buffer.alloc(Math.min(size, 16 * 1024)), 0, Math.min(size, 16 * 1024), 0);
    const begin = first.buffer.indexOf(`${promptBegin}\n`);
    const tail = Math.min(size, 4096);
    const last = await handle.read(Buffer.alloc(tail), 0, tail, size - tail);
    const end = last.buffer.lastIndexOf(`\n${promptEnd}`);
    if (begin < 0 || end < 0) return undefined;
    const start = begin + promptBegin.length + 1;
    // createReadStream's end is inclusive; an empty prompt has an end before its start.
    return { file, start, end: size - tail + end - 1 };
  } finally {
    await handle.close();
  }
}

/** The first words of a prompt, for lists. */
export function titleOf(text: string): string | undefined {
  const line = text.split('\n').find((row) => row.trim() !== '');
  return line?.trim().replace(/\s+/g, ' ').slice(0, 80);
}
