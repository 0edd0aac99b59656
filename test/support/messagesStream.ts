import type { ServerResponse } from 'node:http';

/** What the pretended model does next. */
export type Step =
  | { kind: 'say'; text: string }
  | { kind: 'tool'; name: string; input: Record<string, unknown> }
  /** Several tools in one answer, as a model that works in parallel asks for them. */
  | { kind: 'tools'; calls: { name: string; input: Record<string, unknown> }[] }
  | { kind: 'fail'; status: number; type: string; message: string };

const pieces = (text: string): string[] => text.match(/[\s\S]{1,16384}/g) ?? [''];

/** The events of one streamed answer, in order. */
export function eventsOf(step: Exclude<Step, { kind: 'fail' }>, id: string, model: string): { type: string }[] {
  const usage = { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  const calls = step.kind === 'tools' ? step.calls : step.kind === 'tool' ? [step] : [];
  const blocks =
    step.kind === 'say'
      ? [{ block: { type: 'text', text: '' }, deltas: pieces(step.text).map((text) => ({ type: 'text_delta', text })) }]
      : calls.map(({ name, input }, at) => ({
          block: { type: 'tool_use', id: `${id.replace('msg', 'toolu')}${at > 0 ? `_${at}` : ''}`, name, input: {} },
          deltas: pieces(JSON.stringify(input)).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
        }));
  const stop_reason = step.kind === 'say' ? 'end_turn' : 'tool_use';
  const events: { type: string; [field: string]: unknown }[] = [
    { type: 'message_start', message },
    ...blocks.flatMap(({ block, deltas }, index) => [
      { type: 'content_block_start', index, content_block: block },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
  return events;
}

/** Sends one step as the answer: a stream of events, or an error with its status. */
export function sendStep(response: ServerResponse, step: Step, id: string, model: string): void {
  if (step.kind === 'fail') {
    response.writeHead(step.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ type: 'error', error: { type: step.type, message: step.message } }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const event of eventsOf(step, id, model)) {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
}
