/** What a typed line asks for. Paths are as written in the line. */
export type Instruction =
  | { type: 'job'; jobId: string; promptPath: string; outputPath: string }
  | { type: 'reminder'; jobId: string; promptPath?: string; outputPath: string }
  | { type: 'talk' };

const pathIn = (line: string, folder: 'prompts' | 'output'): string | undefined =>
  new RegExp(`\\S*${folder}/\\S+\\.md`).exec(line)?.[0].replace(/^["'`(<[]+/, '');

/** Finds the job id and the two paths in a typed line; a line without them is talk. */
export function readInstruction(line: string): Instruction {
  const promptPath = pathIn(line, 'prompts');
  const outputPath = pathIn(line, 'output');
  // The id of a job that is run again, or that a program chose, may be any.
  const jobId = (/^Job ([\w-]+):/.exec(line) ?? /\b(j-[\w-]+)/.exec(line))?.[1] ?? 'without an id';
  if (outputPath && /not there yet/i.test(line)) return { type: 'reminder', jobId, promptPath, outputPath };
  return promptPath && outputPath ? { type: 'job', jobId, promptPath, outputPath } : { type: 'talk' };
}
