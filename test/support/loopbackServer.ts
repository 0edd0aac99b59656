import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on 127.0.0.1, at a port that the system chose. */
export interface LoopbackServer {
  url: string;
  stop(): Promise<void>;
}

/** One request, its body read as JSON; undefined when it is none. */
export interface LoopbackRequest {
  method: string;
  url: string;
  body: unknown;
}

async function bodyOf(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Starts a server that answers each request as told; what `respond` throws is handed to `onError`, and its connection ends. */
export async function startLoopback(
  respond: (request: LoopbackRequest, response: http.ServerResponse) => Promise<void>,
  onError: (error: Error) => void,
): Promise<LoopbackServer> {
  const server = http.createServer((request, response) => {
    const { method = '', url = '' } = request;
    bodyOf(request)
      .then((body) => respond({ method, url, body }, response))
      .catch((error: Error) => {
        onError(error);
        response.destroy();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
