import type { ServerResponse } from 'node:http';
import { startLoopback } from './loopbackServer';
import type { ModelApi } from './messagesApi';
import type { TurnPosition } from './messagesRequest';
import type { Step } from './messagesStream';
import { type Script, say } from './messagesTurns';
import { ScriptedTurns } from './scriptedTurns';

interface Item {
  type: string;
  role?: string;
  content?: { text?: string }[];
  output?: string;
}

/** The body of `POST /v1/responses`, as far as the tests look at it (measured with Codex 0.169.0). */
interface ResponsesRequest {
  input: Item[];
  tools?: unknown[];
  client_metadata?: { thread_id?: string };
}

/** What the user typed in one item; what the client adds by itself begins with a tag. */
const typedIn = ({ type, role, content = [] }: Item): string[] =>
  type === 'message' && role === 'user'
    ? content.map(({ text = '' }) => text.trim()).filter((text) => text !== '' && !text.startsWith('<'))
    : [];

const conversationOf = ({ client_metadata }: ResponsesRequest) => client_metadata?.thread_id ?? '';

/** What a tool printed, below what the client says of its run. */
const resultOf = (output = '') => output.replace(/^[\s\S]*?\nOutput:\n/, '');

function positionOf(request: ResponsesRequest): TurnPosition | undefined {
  const { input } = request;
  const index = input.findLastIndex((item) => typedIn(item).length > 0);
  if (index < 0) return undefined;
  const last = input.at(-1)!;
  return {
    conversation: conversationOf(request),
    instruction: typedIn(input[index]!).at(-1)!,
    ordinal: input.flatMap(typedIn).length,
    depth: input.length - 1 - index,
    result: last.type === 'function_call_output' ? resultOf(last.output) : '',
  };
}

const cwdOf = ({ input }: ResponsesRequest) =>
  /<cwd>(.*?)<\/cwd>/.exec(input.map(({ content }) => content?.[0]?.text ?? '').join('\n'))?.[1] ?? process.cwd();

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** A tool step of a script as a call of the client's one tool, which runs a command. */
function commandOf({ name, input }: Extract<Step, { kind: 'tool' }>): Record<string, unknown> {
  const file = quote(String(input.file_path));
  if (name === 'Read') return { cmd: `cat ${file}` };
  if (name === 'Write') return { cmd: `printf %s ${quote(String(input.content))} > ${file}` };
  return input;
}

function send(response: ServerResponse, step: Step, id: string): void {
  if (step.kind === 'fail') {
    response.writeHead(step.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { type: step.type, message: step.message } }));
    return;
  }
  if (step.kind === 'tools') throw new Error('Codex is asked for one tool at a time here');
  const item =
    step.kind === 'say'
      ? { type: 'message', role: 'assistant', id: `msg_${id}`, content: [{ type: 'output_text', text: step.text }] }
      : {
          type: 'function_call',
          id: `fc_${id}`,
          call_id: `call_${id}`,
          name: 'exec_command',
          arguments: JSON.stringify(commandOf(step)),
        };
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of [
    { type: 'response.created', response: { id } },
    { type: 'response.output_item.done', item },
    { type: 'response.completed', response: { id, usage } },
  ])
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
}

/** A pretended Responses API. */
export interface ResponsesApi extends ModelApi {
  /** What a person typed in the conversation of each request, first to last. */
  typed: readonly string[][];
}

/** Starts a pretended Responses API whose model follows the script. */
export async function startResponsesApi(script: Script): Promise<ResponsesApi> {
  const model = new ScriptedTurns(script);
  const typed: string[][] = [];
  let answers = 0;
  const server = await startLoopback(
    async ({ method, url, ...request }, response) => {
      const body = request.body as ResponsesRequest | undefined;
      if (method !== 'POST' || !url.startsWith('/v1/responses') || !body) {
        response.writeHead(404).end();
        return;
      }
      const isTurn = Boolean(body.tools?.length);
      if (isTurn) {
        typed.push(body.input.flatMap(typedIn));
        model.noteTyped(conversationOf(body), typed.at(-1)!.join('\n'));
      }
      const step = isTurn ? await model.stepFor(positionOf(body), cwdOf(body)) : say('A test');
      answers += 1;
      send(response, step, String(answers));
    },
    (error) => model.errors.push(error),
  );
  const { turns, errors } = model;
  return { ...server, turns, errors, typed, taken: (text) => model.taken(text) };
}
