import * as path from 'node:path';

/** One block of a message's content, as far as the tests look at it. */
export interface Block {
  type: string;
  text?: string;
  id?: string;
  name?: string;
  input?: unknown;
  tool_use_id?: string;
  content?: string | Block[];
}

/** The body of `POST /v1/messages`, as far as the tests look at it. */
export interface MessagesRequest {
  model?: string;
  stream?: boolean;
  system?: string | Block[];
  tools?: { name: string }[];
  messages: { role: 'user' | 'assistant' | 'system'; content: string | Block[] }[];
  metadata?: { user_id?: string };
}

/** What a request says about the turn it belongs to. */
export interface TurnPosition {
  /** Session id of the conversation, empty when the client names none. */
  conversation: string;
  /** The last line the user typed. */
  instruction: string;
  /** How many lines the user has typed so far: tells two turns with the same words apart. */
  ordinal: number;
  /** How many messages follow it: 0 at the start of the turn, 2 after the first tool result. */
  depth: number;
  /** The newest tool results, as text. */
  result: string;
}

const blocksOf = (content: string | Block[]): Block[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;

const textOf = (content: string | Block[] | undefined): string =>
  content === undefined
    ? ''
    : blocksOf(content)
        .map((b) => b.text ?? '')
        .join('\n');

/** What the user typed in one message, block by block: no tool results, none of the client's own additions. */
function typedIn(message: MessagesRequest['messages'][number]): string[] {
  if (message.role !== 'user') return [];
  return blocksOf(message.content)
    .map((b) => (b.type === 'text' ? (b.text ?? '').trim() : ''))
    .filter((text) => text !== '' && !text.startsWith('<') && !text.startsWith('[Request interrupted'));
}

/** Everything the user typed in the whole conversation, lines queued during a turn included. */
export const typedText = (request: MessagesRequest): string =>
  request.messages
    // A line that was entered while the model worked comes as a message with the role "system".
    .flatMap((m) => (m.role === 'system' ? [textOf(m.content)] : typedIn(m)))
    .join('\n');

/** Session id that Claude Code puts into `metadata.user_id`, empty when there is none. */
export function conversationOf(request: MessagesRequest): string {
  const id = request.metadata?.user_id ?? '';
  return /"session_id":"([^"]+)"/.exec(id)?.[1] ?? /session_([0-9a-f-]{36})/.exec(id)?.[1] ?? '';
}

/** The place of a request in its conversation, undefined when the user typed nothing. */
export function positionOf(request: MessagesRequest): TurnPosition | undefined {
  // Since 2.1 the client also sends messages with the role "system": they move no turn forward.
  const messages = request.messages.filter((m) => m.role !== 'system');
  const index = messages.findLastIndex((m) => typedIn(m).length > 0);
  if (index < 0) return undefined;
  const results = blocksOf(messages.at(-1)!.content).filter((b) => b.type === 'tool_result');
  return {
    conversation: conversationOf(request),
    // After a failed turn the client puts the next line into the same message as the last one.
    instruction: typedIn(messages[index]!).at(-1)!,
    ordinal: messages.flatMap(typedIn).length,
    depth: messages.length - 1 - index,
    result: results.map((b) => textOf(b.content)).join('\n'),
  };
}

/** Working directory of the client, from the environment it describes to the model. */
export function cwdOf(request: MessagesRequest): string | undefined {
  const said = [textOf(request.system), ...request.messages.map((m) => textOf(m.content))].join('\n');
  return /working directory: (.+)/i.exec(said)?.[1]?.trim();
}

/** Absolute path of the first word in a text that looks like `…/<folder>/….md`. */
export function pathIn(text: string, folder: 'prompts' | 'output', cwd: string): string | undefined {
  const found = new RegExp(`[^\\s"'\`]*${folder}/[^\\s"'\`]+\\.md`).exec(text)?.[0];
  return found && path.resolve(cwd, found);
}

/** Job id that stands first in an instruction. */
export const jobIdIn = (text: string): string | undefined => /\bJob ([A-Za-z0-9][A-Za-z0-9_-]*)/.exec(text)?.[1];

/** The text of a file from what the Read tool returned (numbered lines). */
export const unnumbered = (result: string): string =>
  result.replace(/\n*<system-reminder>[\s\S]*?<\/system-reminder>\n*/g, '').replace(/^ *\d+(?:→|\t)/gm, '');
