import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SendInput } from '../core/client';
import type { PromptSource } from '../core/model/job';
import type { Layout } from '../core/store/layout';
import type { Clock } from '../core/support/clock';
import { hasCode } from '../core/support/errors';
import { usageError } from './exitCodes';

/** A prompt to send, where it came from, and what is to be removed once it was sent. */
export interface Prompt {
  prompt: SendInput['prompt'];
  source?: PromptSource;
  temporary?: string;
}

/** Finds the prompt that FILE names; `-`, or a pipe, is read to its end. A file's bytes are never changed. */
export async function readPrompt(layout: Layout, clock: Clock, file: string): Promise<Prompt> {
  if (file === '-') return readStream(layout, clock, process.stdin, 'Standard input');
  const full = path.resolve(file);
  const stat = await fs.promises.stat(full).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) throw usageError(`There is no file ${full}.`);
    throw error;
  });
  if (stat.isDirectory()) throw usageError(`${full} is a folder; a prompt is a file, or "-" for standard input.`);
  // A pipe, such as a shell's <(...), has no size and can be read only once.
  if (!stat.isFile()) return readStream(layout, clock, fs.createReadStream(full), full);
  if (stat.size === 0) throw usageError(`${full} is empty; nothing was sent.`);
  const relative = layout.relative(full);
  const outside = relative.startsWith('../') || path.isAbsolute(relative);
  return { prompt: { file: full }, source: outside ? undefined : { path: relative } };
}

/** Keeps what a stream brings in a hidden file of the inbox, whatever its size, so that it is sent byte for byte. */
async function readStream(layout: Layout, clock: Clock, stream: Readable, name: string): Promise<Prompt> {
  const temporary = path.join(layout.inbox, `.${clock.random()}.prompt.md`);
  try {
    await pipeline(stream, fs.createWriteStream(temporary, { flags: 'wx', mode: 0o600 }));
    if ((await fs.promises.stat(temporary)).size === 0) throw usageError(`${name} was empty; nothing was sent.`);
  } catch (error) {
    await fs.promises.rm(temporary, { force: true });
    throw error;
  }
  return { prompt: { file: temporary }, temporary };
}
