import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { conversationOf, cwdOf, jobIdIn, type MessagesRequest, pathIn, positionOf, typedText } from './messagesRequest';
import { type Step, sendStep } from './messagesStream';
import { fail, type Script, type Steps, say, type Turn } from './messagesTurns';

/** One request that reached the server. */
export interface SeenRequest {
  method: string;
  url: string;
  kind: 'turn' | 'title' | 'count' | 'other';
  body?: MessagesRequest;
}

/** A pretended Messages API on 127.0.0.1. */
export interface MessagesApi {
  url: string;
  requests: SeenRequest[];
  /** Every turn the model was asked to take, in order; retries and tool results are no new turns. */
  turns: Turn[];
  /** How often a text was typed into all conversations together: 1 says that nothing was sent twice. */
  taken(text: string): number;
  /** What a script threw; such a turn ends with a text. */
  errors: Error[];
  stop(): Promise<void>;
}

interface RunningTurn {
  steps: Steps;
  depth: number;
  step: Step | undefined;
  next: Promise<Step> | undefined;
}

const kindOf = (method: string, url: string, body?: MessagesRequest): SeenRequest['kind'] => {
  if (url.includes('count_tokens')) return 'count';
  if (method !== 'POST' || !url.startsWith('/v1/messages') || !body) return 'other';
  return body.tools?.length ? 'turn' : 'title';
};

async function bodyOf(request: http.IncomingMessage): Promise<MessagesRequest | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Starts a Messages API whose model follows the script; `cwd` is for clients that don't tell theirs. */
export async function startMessagesApi(script: Script, options: { cwd?: string } = {}): Promise<MessagesApi> {
  const requests: SeenRequest[] = [];
  const turns: Turn[] = [];
  const errors: Error[] = [];
  const typed = new Map<string, string>();
  const running = new Map<string, RunningTurn>();
  let answers = 0;

  function begin(body: MessagesRequest, conversation: string, instruction: string): RunningTurn {
    const cwd = options.cwd ?? cwdOf(body) ?? process.cwd();
    const turn: Turn = {
      conversation,
      instruction,
      cwd,
      jobId: jobIdIn(instruction),
      promptPath: pathIn(instruction, 'prompts', cwd),
      outputPath: pathIn(instruction, 'output', cwd),
    };
    turns.push(turn);
    return { steps: script(turn), depth: -1, step: undefined, next: undefined };
  }

  async function advance(turn: RunningTurn, result: string): Promise<Step> {
    try {
      const { value, done } = await turn.steps.next(result);
      return done ? say('Done.') : value;
    } catch (error) {
      errors.push(error as Error);
      return say(`The script failed: ${error}`);
    }
  }

  async function stepFor(body: MessagesRequest): Promise<Step> {
    const at = positionOf(body);
    if (!at) return say('Nothing was asked.');
    const key = `${at.conversation} ${at.ordinal} ${at.instruction}`;
    let turn = running.get(key);
    // A turn that starts over at depth 0 after it had moved on is the client's history cut back: the same words, taken anew.
    if (!turn || at.depth < turn.depth) {
      turn = begin(body, at.conversation, at.instruction);
      running.set(key, turn);
    }
    // The same depth again is a retry of the client: only an error gives way to the next step, all else is said again.
    if (at.depth !== turn.depth || turn.step?.kind === 'fail') {
      turn.depth = at.depth;
      turn.step = undefined;
      turn.next = advance(turn, at.result);
    }
    turn.step = await turn.next!;
    return turn.step;
  }

  async function respond(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const body = await bodyOf(request);
    const kind = kindOf(method, url, body);
    requests.push({ method, url, kind, body });
    if (kind === 'count') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens":1}');
      return;
    }
    if (kind === 'other') {
      if (method === 'HEAD' || method === 'GET') response.writeHead(method === 'HEAD' ? 200 : 404).end();
      else sendStep(response, fail(404, `no ${method} ${url} here`), '', '');
      return;
    }
    const conversation = conversationOf(body!);
    if (kind === 'turn') {
      const text = typedText(body!);
      if (text.length > (typed.get(conversation)?.length ?? 0)) typed.set(conversation, text);
    }
    const step = kind === 'title' ? say('{"title":"A test"}') : await stepFor(body!);
    answers += 1;
    sendStep(response, step, `msg_${answers}`, body!.model ?? 'test');
  }

  const server = http.createServer((request, response) => {
    respond(request, response).catch((error: Error) => {
      errors.push(error);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    turns,
    errors,
    taken: (text) => [...typed.values()].reduce((sum, said) => sum + said.split(text).length - 1, 0),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
