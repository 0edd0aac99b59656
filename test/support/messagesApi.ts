import { startLoopback } from './loopbackServer';
import { conversationOf, cwdOf, type MessagesRequest, positionOf, typedText } from './messagesRequest';
import { sendStep } from './messagesStream';
import { fail, type Script, say, type Turn } from './messagesTurns';
import { ScriptedTurns } from './scriptedTurns';

/** One request that reached the server. */
export interface SeenRequest {
  method: string;
  url: string;
  kind: 'turn' | 'title' | 'count' | 'other';
  body?: MessagesRequest;
}

/** A pretended API on 127.0.0.1, whose model follows a script. */
export interface ModelApi {
  url: string;
  /** Every turn the model was asked to take, in order; retries and tool results are no new turns. */
  turns: readonly Turn[];
  /** How often a text was typed into all conversations together: 1 says that nothing was sent twice. */
  taken(text: string): number;
  /** What a script threw; such a turn ends with a text. */
  errors: readonly Error[];
  stop(): Promise<void>;
}

/** A pretended Messages API. */
export interface MessagesApi extends ModelApi {
  requests: SeenRequest[];
}

const kindOf = (method: string, url: string, body?: MessagesRequest): SeenRequest['kind'] => {
  if (url.includes('count_tokens')) return 'count';
  if (method !== 'POST' || !url.startsWith('/v1/messages') || !body) return 'other';
  return body.tools?.length ? 'turn' : 'title';
};

/** Starts a Messages API whose model follows the script; `cwd` is for clients that don't tell theirs. */
export async function startMessagesApi(script: Script, options: { cwd?: string } = {}): Promise<MessagesApi> {
  const requests: SeenRequest[] = [];
  const model = new ScriptedTurns(script);
  let answers = 0;

  const server = await startLoopback(
    async ({ method, url, ...request }, response) => {
      const body = request.body as MessagesRequest | undefined;
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
      if (kind === 'turn') model.noteTyped(conversationOf(body!), typedText(body!));
      const cwd = options.cwd ?? cwdOf(body!) ?? process.cwd();
      const step = kind === 'title' ? say('{"title":"A test"}') : await model.stepFor(positionOf(body!), cwd);
      answers += 1;
      sendStep(response, step, `msg_${answers}`, body!.model ?? 'test');
    },
    (error) => model.errors.push(error),
  );
  const { turns, errors } = model;
  return { ...server, requests, turns, errors, taken: (text) => model.taken(text) };
}
