import type { ServerResponse } from 'node:http';
import { startLoopback } from './loopbackServer';
import type { ModelApi } from './messagesApi';
import type { TurnPosition } from './messagesRequest';
import type { Step } from './messagesStream';
import { type Script, say } from './messagesTurns';
import { ScriptedTurns } from './scriptedTurns';

/** The body of `POST /v1/chat/completions`, as far as the tests look at it (measured with OpenCode 1.18.33). */
interface ChatRequest {
  messages: { role: string; content?: string | { text?: string }[] }[];
  tools?: unknown[];
}

const textOf = ({ content = '' }: ChatRequest['messages'][number]): string =>
  typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('\n');

const typedIn = (message: ChatRequest['messages'][number]): string[] =>
  message.role === 'user' ? [textOf(message).trim()].filter((text) => text !== '') : [];

/** The client names no conversation, so that its first line must do: each holds an id of a job. */
const conversationOf = ({ messages }: ChatRequest) => messages.flatMap(typedIn)[0] ?? '';

function positionOf(request: ChatRequest): TurnPosition | undefined {
  const { messages } = request;
  const index = messages.findLastIndex((message) => typedIn(message).length > 0);
  if (index < 0) return undefined;
  const last = messages.at(-1)!;
  return {
    conversation: conversationOf(request),
    instruction: typedIn(messages[index]!)[0]!,
    ordinal: messages.flatMap(typedIn).length,
    depth: messages.length - 1 - index,
    result: last.role === 'tool' ? textOf(last) : '',
  };
}

/** A tool step of a script as a call of the client's own tools. */
function callOf({ name, input }: Extract<Step, { kind: 'tool' }>): { name: string; arguments: string } {
  if (name === 'Read') return { name: 'read', arguments: JSON.stringify({ filePath: input.file_path }) };
  if (name === 'Write')
    return { name: 'write', arguments: JSON.stringify({ filePath: input.file_path, content: input.content }) };
  return { name: name.toLowerCase(), arguments: JSON.stringify(input) };
}

type Delta = { role?: string; content?: string; tool_calls?: object[] };

function chunk(response: ServerResponse, id: string, delta: Delta, finish_reason: string | null = null): void {
  const choices = [{ index: 0, delta, finish_reason }];
  const data = { id, object: 'chat.completion.chunk', created: 1, model: 'test', choices };
  response.write(`data: ${JSON.stringify(data)}\n\n`);
}

function send(response: ServerResponse, step: Step, id: string): void {
  if (step.kind === 'fail') {
    response.writeHead(step.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { type: step.type, message: step.message } }));
    return;
  }
  if (step.kind === 'tools') throw new Error('OpenCode is asked for one tool at a time here');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (step.kind === 'say') chunk(response, id, { role: 'assistant', content: step.text });
  else {
    const call = { index: 0, id: `call_${id}`, type: 'function', function: callOf(step) };
    chunk(response, id, { role: 'assistant', tool_calls: [call] });
  }
  chunk(response, id, {}, step.kind === 'say' ? 'stop' : 'tool_calls');
  response.end('data: [DONE]\n\n');
}

/** Starts a pretended Chat Completions API whose model follows the script; its client works in the folder `cwd`. */
export async function startChatApi(script: Script, cwd: () => string): Promise<ModelApi> {
  const model = new ScriptedTurns(script);
  let answers = 0;
  const server = await startLoopback(
    async ({ method, url, ...request }, response) => {
      const body = request.body as ChatRequest | undefined;
      if (method !== 'POST' || !url.startsWith('/v1/chat/completions') || !body) {
        response.writeHead(404).end();
        return;
      }
      const isTurn = Boolean(body.tools?.length);
      if (isTurn) model.noteTyped(conversationOf(body), body.messages.flatMap(typedIn).join('\n'));
      const id = String(++answers);
      const step = isTurn ? model.stepFor(positionOf(body), cwd()) : say('A test');
      send(response, await step, id);
    },
    (error) => model.errors.push(error),
  );
  const { turns, errors } = model;
  return { ...server, turns, errors, taken: (text) => model.taken(text) };
}
