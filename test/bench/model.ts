import { setTimeout as delay } from 'node:timers/promises';
import { read, type Script, say, write } from '../support/messagesTurns';

/** The prompt of every job here, and the answer to it: long enough for the seed guide's look at the size (100 bytes). */
export const prompt = 'Say what this folder is for, in a few sentences.\n';
export const answer =
  'This folder is where a benchmark sends its prompts, and where their answers come back as files. '.repeat(3);

const named = (text: string, folder: string) =>
  new RegExp(`[^\\s"'\`]*${folder}/[^\\s"'\`]+\\.(?:md|txt)`).exec(text)?.[0];

/**
 * A model that does the same for every line, whoever typed it: reads the prompt file if the line names one, writes the
 * answer, ends the turn. `turnMs` after the turn began (0: at once) it writes.
 */
export function model(turnMs = 0): Script {
  return async function* (turn) {
    const due = performance.now() + turnMs;
    const promptFile = named(turn.instruction, 'prompts');
    const outputFile = named(turn.instruction, 'output');
    if (!outputFile) throw new Error(`no output file in: ${turn.instruction}`);
    const full = (file: string) => (file.startsWith('/') ? file : `${turn.cwd}/${file}`);
    if (promptFile) yield read(full(promptFile));
    if (due > performance.now()) await delay(due - performance.now());
    yield write(full(outputFile), answer);
    yield say('The answer is written.');
  };
}
