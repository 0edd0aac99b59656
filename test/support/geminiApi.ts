import type { ServerResponse } from 'node:http';
import { startLoopback } from './loopbackServer';
import type { ModelApi } from './messagesApi';
import type { TurnPosition } from './messagesRequest';
import type { Step } from './messagesStream';
import { type Script, say } from './messagesTurns';
import { ScriptedTurns } from './scriptedTurns';

interface Part {
  text?: string;
  functionCall?: unknown;
  functionResponse?: { response?: { output?: string; error?: string } };
}

interface Content {
  role: string;
  parts: Part[];
}

/** The body of `POST …:streamGenerateContent`, as far as the tests look at it (measured with Gemini CLI 0.61.0). */
interface GenerateRequest {
  contents: Content[];
  tools?: unknown[];
}

/** What the client adds by itself begins with a tag, or tells the model that it gave no answer. */
const isAdded = (text: string) => /^(<|\[System: )/.test(text);

/** What the user typed in one message. */
const typedIn = ({ role, parts }: Content): string[] =>
  role === 'user' ? parts.map(({ text = '' }) => text.trim()).filter((text) => text !== '' && !isAdded(text)) : [];

/** No request names its conversation: it is the one that began with this line. */
const conversationOf = ({ contents }: GenerateRequest) => contents.flatMap(typedIn)[0] ?? '';

const resultOf = ({ parts }: Content) =>
  parts
    .map(({ functionResponse }) => functionResponse?.response?.output ?? functionResponse?.response?.error ?? '')
    .join('\n');

function positionOf(request: GenerateRequest): TurnPosition | undefined {
  const { contents } = request;
  const index = contents.findLastIndex((content) => typedIn(content).length > 0);
  if (index < 0) return undefined;
  return {
    conversation: conversationOf(request),
    instruction: typedIn(contents[index]!).at(-1)!,
    ordinal: contents.flatMap(typedIn).length,
    depth: contents.length - 1 - index,
    result: resultOf(contents.at(-1)!),
  };
}

const cwdOf = ({ contents }: GenerateRequest) =>
  /^- \*\*Workspace Directories:\*\*\s+- (.*)$/m.exec(contents[0]?.parts[0]?.text ?? '')?.[1] ?? process.cwd();

/** A tool step of a script as a call of the client's own tools. */
function callOf({ name, input }: Extract<Step, { kind: 'tool' }>): { name: string; args: Record<string, unknown> } {
  const { file_path, content } = input;
  if (name === 'Read') return { name: 'read_file', args: { file_path } };
  if (name === 'Write') return { name: 'write_file', args: { file_path, content } };
  return { name, args: input };
}

function send(response: ServerResponse, step: Step, streams: boolean): void {
  if (step.kind === 'fail') {
    response.writeHead(step.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { code: step.status, message: step.message, status: step.type } }));
    return;
  }
  if (step.kind === 'tools') throw new Error('Gemini CLI is asked for one tool at a time here');
  const part = step.kind === 'say' ? { text: step.text } : { functionCall: callOf(step) };
  const answer = {
    candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  };
  response.writeHead(200, { 'content-type': streams ? 'text/event-stream' : 'application/json' });
  response.end(streams ? `data: ${JSON.stringify(answer)}\n\n` : JSON.stringify(answer));
}

/** Starts a pretended Gemini API whose model follows the script. */
export async function startGeminiApi(script: Script): Promise<ModelApi> {
  const model = new ScriptedTurns(script);
  const server = await startLoopback(
    async ({ method, url, ...request }, response) => {
      const body = request.body as GenerateRequest | undefined;
      const streams = url.includes(':streamGenerateContent');
      if (method !== 'POST' || !body || !(streams || url.includes(':generateContent'))) {
        response.writeHead(404).end();
        return;
      }
      const isTurn = Boolean(body.tools?.length);
      if (isTurn) model.noteTyped(conversationOf(body), body.contents.flatMap(typedIn).join('\n'));
      send(response, isTurn ? await model.stepFor(positionOf(body), cwdOf(body)) : say('A test'), streams);
    },
    (error) => model.errors.push(error),
  );
  const { turns, errors } = model;
  return { ...server, turns, errors, taken: (text) => model.taken(text) };
}
