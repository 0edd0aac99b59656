import type { Gate } from './gate';
import { pathIn, unnumbered } from './messagesRequest';
import type { Step } from './messagesStream';

/** One turn of a conversation, as a script sees it. */
export interface Turn {
  conversation: string;
  instruction: string;
  jobId: string | undefined;
  cwd: string;
  /** Where the instruction says that the prompt lies and the answer belongs; absolute. */
  promptPath: string | undefined;
  outputPath: string | undefined;
}

/** The steps of one turn: each tool step is resumed with the text of that tool's result. */
export type Steps = AsyncGenerator<Step, void, string>;

/** What the pretended model does with a turn. */
export type Script = (turn: Turn) => Steps;

/** The rest of a turn, once its prompt file has been read. */
export type PromptScript = (turn: Turn, prompt: string) => Steps;

/** Ends the turn with a text. */
export const say = (text: string): Step => ({ kind: 'say', text });

/** Asks the client to run a tool. */
export const tool = (name: string, input: Record<string, unknown>): Step => ({ kind: 'tool', name, input });

/** Asks for a file, or for a piece of it. */
export const read = (file_path: string, piece: { offset?: number; limit?: number } = {}): Step =>
  tool('Read', { file_path, ...piece });

/** Asks for a file to be written. */
export const write = (file_path: string, content: string): Step => tool('Write', { file_path, content });

const errorTypes: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

/** Answers one request with an API error. */
export const fail = (status: number, message = `scripted ${status}`): Step => ({
  kind: 'fail',
  status,
  type: errorTypes[status] ?? 'api_error',
  message,
});

/** Reads the prompt file that the instruction names; of one too large for the Read tool, its first lines. */
export async function* readPrompt(turn: Turn): AsyncGenerator<Step, string, string> {
  if (!turn.promptPath) return turn.instruction;
  const result = yield read(turn.promptPath);
  const tooLarge = /exceeds maximum allowed/.test(result);
  return unnumbered(tooLarge ? yield read(turn.promptPath, { limit: 500 }) : result);
}

/** Where this turn's answer belongs: the instruction decides, the prompt file only when it is silent. */
export function outputOf(turn: Turn, prompt: string): string {
  const found = turn.outputPath ?? pathIn(prompt, 'output', turn.cwd);
  if (!found) throw new Error(`no output path in: ${turn.instruction}`);
  return found;
}

/** Reads the prompt, waits for the gate, writes the answer, ends the turn. */
export function answer(text: string | ((prompt: string) => string) = 'Done.\n', before?: Gate): PromptScript {
  return async function* (turn, prompt) {
    await before?.opened;
    yield write(outputOf(turn, prompt), typeof text === 'string' ? text : text(prompt));
    yield say('The answer is written.');
  };
}

/** Writes a first half, waits for the gate, writes the whole. */
export function writesTwice(first: string, whole: string, between: Gate): PromptScript {
  return async function* (turn, prompt) {
    const output = outputOf(turn, prompt);
    yield write(output, first);
    await between.opened;
    yield write(output, whole);
    yield say('The answer is written.');
  };
}

/** Ends the turn without writing anything. */
export function onlySays(text = 'Should I execute these instructions?'): PromptScript {
  return async function* () {
    yield say(text);
  };
}

/** Forgets the output in the first turn of a job, and writes it when the job is named again. */
export function writesWhenReminded(text = 'Done.\n'): PromptScript {
  const seen = new Set<string>();
  return async function* (turn, prompt) {
    const job = turn.jobId ?? turn.instruction;
    const reminded = seen.has(job);
    // Noted before the first step: nobody resumes a turn after its last one.
    seen.add(job);
    yield* (reminded ? answer(text) : onlySays('I have read it.'))(turn, prompt);
  };
}

/** Fails a number of requests in a row (for ever by default), then writes the answer. */
export function failing(status: number, times = Number.POSITIVE_INFINITY): PromptScript {
  return async function* (turn, prompt) {
    for (let i = 0; i < times; i++) yield fail(status);
    yield* answer()(turn, prompt);
  };
}

/** Uses one tool that wants permission, then writes the answer. */
export function usesFirst(step: Step): PromptScript {
  return async function* (turn, prompt) {
    yield step;
    yield* answer()(turn, prompt);
  };
}

/** Reads the prompt of every turn, and goes on as the first marker found in it says (`[[slow]]`). */
export function byMarker(scripts: Record<string, PromptScript>, otherwise: PromptScript = answer()): Script {
  return async function* (turn) {
    const prompt = yield* readPrompt(turn);
    const marker = Object.keys(scripts).find((m) => prompt.includes(m) || turn.instruction.includes(m));
    yield* (marker === undefined ? otherwise : scripts[marker]!)(turn, prompt);
  };
}
