import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { AgentEvent } from './agent';

// An event is worth more than any one field of it: what has another shape than expected is taken as absent.
const text = v.fallback(v.optional(v.string(), ''), '');
const values = v.fallback(v.optional(v.record(v.string(), v.unknown()), {}), {});

/** What we read of a hook's payload (Gemini CLI's "Hooks reference"; measured with 0.61.0). */
const Payload = v.looseObject({
  hook_event_name: v.string(),
  session_id: v.pipe(v.string(), v.maxLength(1000)),
  source: text,
  prompt: text,
  prompt_response: text,
  tool_name: text,
  tool_input: values,
  notification_type: text,
  message: text,
  details: values,
  reason: text,
});

/** `/quit` and Ctrl-C twice; a signal gives the same. The end of one conversation before the next (`/clear`) is none of the program. */
const wished = ['exit', 'prompt_input_exit', 'logout'];

/** Reads a payload of Gemini CLI's hook events; undefined for events and shapes that we don't use. */
export function readReceipt(payload: unknown): AgentEvent | undefined {
  const parsed = v.safeParse(Payload, payload);
  if (!parsed.success) return undefined;
  const p = parsed.output;
  switch (p.hook_event_name) {
    case 'SessionStart':
      return { kind: 'started', conversationId: p.session_id, resumed: p.source === 'resume' };
    case 'BeforeAgent':
      // What it sends its model by itself, when that gave no answer after a tool.
      if (isItsOwn(p.prompt)) return undefined;
      return { kind: 'accepted', promptId: idOf(p.prompt), prompt: p.prompt, conversationId: p.session_id };
    case 'BeforeTool':
      return { kind: 'activity', what: [p.tool_name, subject(p.tool_input)].filter(Boolean).join(' ').slice(0, 500) };
    case 'Notification':
      if (p.notification_type !== 'ToolPermission') return undefined;
      return { kind: 'permission', ...asked(p) };
    case 'AfterAgent':
      return {
        kind: 'finished',
        promptId: isItsOwn(p.prompt) ? undefined : idOf(p.prompt),
        message: p.prompt_response === '[no response text]' ? '' : p.prompt_response,
      };
    case 'SessionEnd':
      return p.reason === 'clear' ? undefined : { kind: 'ended', reason: p.reason, wished: wished.includes(p.reason) };
    default:
      return undefined;
  }
}

/** Its events name no turn, but each has the whole prompt, of which ours are all different. */
const idOf = (prompt: string) => createHash('sha256').update(prompt).digest('hex').slice(0, 16);

const isItsOwn = (prompt: string) => prompt.startsWith('[System: ');

const wordOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const subject = (input: Record<string, unknown>) => wordOf(input.file_path) ?? wordOf(input.command);

/** What permission is asked for, and words that its dialog holds. */
function asked({ message, details }: v.InferOutput<typeof Payload>) {
  const command = wordOf(details.command);
  const file = wordOf(details.fileName);
  const what = [message, command ?? file].filter(Boolean).join('\n').slice(0, 2000);
  return { what, holds: file ?? (command && /\S.{0,59}/.exec(command)?.[0]), yesOrNo: true };
}
