import * as v from 'valibot';
import type { AgentEvent } from './agent';

// An event is worth more than any one field of it: what has another shape than expected is taken as absent.
const text = v.fallback(v.optional(v.string(), ''), '');
const maybeText = v.fallback(v.optional(v.string()), undefined);

/** What we read of a hook's payload, as Claude Code's hooks give it (code.claude.com/docs, "Hooks reference"; measured). */
const Payload = v.looseObject({
  hook_event_name: v.string(),
  session_id: v.string(),
  prompt_id: maybeText,
  source: text,
  prompt: text,
  tool_name: text,
  tool_input: v.fallback(v.optional(v.looseObject({ file_path: maybeText, command: maybeText })), undefined),
  last_assistant_message: text,
  error: v.optional(v.unknown()),
  reason: text,
});

/** Reads a payload of Claude Code's hook events; undefined for events and shapes that we don't use. */
export function readHookReceipt(payload: unknown): AgentEvent | undefined {
  const parsed = v.safeParse(Payload, payload);
  if (!parsed.success) return undefined;
  const p = parsed.output;
  const what = [p.tool_name, p.tool_input?.file_path ?? p.tool_input?.command].filter(Boolean).join(' ').slice(0, 500);
  switch (p.hook_event_name) {
    case 'SessionStart':
      return { kind: 'started', conversationId: p.session_id, resumed: p.source === 'resume' };
    case 'UserPromptSubmit':
      return { kind: 'accepted', promptId: p.prompt_id ?? '', prompt: p.prompt, conversationId: p.session_id };
    case 'PreToolUse':
      return { kind: 'activity', promptId: p.prompt_id, what };
    case 'PermissionRequest':
      return { kind: 'permission', promptId: p.prompt_id, what };
    case 'Stop':
      return { kind: 'finished', promptId: p.prompt_id, message: p.last_assistant_message };
    case 'StopFailure':
      return { kind: 'failed', promptId: p.prompt_id, message: p.last_assistant_message || errorText(p.error) };
    case 'SessionEnd':
      return { kind: 'ended', reason: p.reason };
    default:
      return undefined;
  }
}

function errorText(error: unknown): string {
  return typeof error === 'string' ? error : (JSON.stringify(error) ?? 'unknown error');
}
