import { createReadStream } from 'node:fs';

/** Where the person's prompt stands in a prompt file, in bytes; `end` is not part of it. */
export interface ByteRange {
  start: number;
  end: number;
}

/** The line that stands before the person's prompt in a prompt file. */
export const beginMarker = '<!-- courier:prompt:begin -->';
/** The line that stands after it. */
export const endMarker = '<!-- courier:prompt:end -->';

const newline = 10;

/** Finds the prompt between the first begin marker and the last end marker, in one pass; a file without both is all prompt. */
export async function findPrompt(path: string, signal?: AbortSignal): Promise<ByteRange> {
  let begin: number | undefined;
  let end: number | undefined;
  let size = 0;
  const lookAt = (line: Buffer, start: number): void => {
    const text = line.toString('latin1').trimEnd();
    if (text === beginMarker) begin ??= start + line.length + 1;
    else if (text === endMarker && begin !== undefined) end = start;
  };
  // Only lines short enough to be a marker are kept; of longer ones nothing is remembered.
  let line: Buffer = Buffer.alloc(0);
  let lineStart = 0;
  let tooLong = false;
  const keep = (part: Buffer): void => {
    tooLong ||= line.length + part.length > beginMarker.length + 2;
    if (!tooLong) line = line.length === 0 ? part : Buffer.concat([line, part]);
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 64 * 1024, signal }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      keep(chunk.subarray(from, at));
      if (!tooLong) lookAt(line, lineStart);
      line = Buffer.alloc(0);
      tooLong = false;
      from = at + 1;
      lineStart = size + from;
    }
    keep(chunk.subarray(from));
    if (!tooLong) line = Buffer.from(line);
    size += chunk.length;
  }
  if (!tooLong) lookAt(line, lineStart);
  if (begin === undefined || end === undefined) return { start: 0, end: size };
  // The newline before the end marker belongs to the marker, not to the prompt.
  return { start: begin, end: Math.max(begin, end - 1) };
}
