import * as path from 'node:path';
import * as v from 'valibot';
import type { AgentEvent } from './agent';

// An event is worth more than any one field of it: what has another shape than expected is taken as absent.
const text = v.fallback(v.optional(v.string(), ''), '');
const maybeId = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(1000))), undefined);

/** What we read of a hook's payload, as Claude Code's hooks give it (code.claude.com/docs, "Hooks reference"; measured). */
const Payload = v.looseObject({
  hook_event_name: v.string(),
  session_id: v.pipe(v.string(), v.maxLength(1000)),
  prompt_id: maybeId,
  turn_id: maybeId,
  source: text,
  prompt: text,
  tool_name: text,
  tool_input: v.fallback(v.record(v.string(), v.unknown()), {}),
  last_assistant_message: text,
  error: v.optional(v.unknown()),
  reason: text,
});

/** Claude Code's reasons for an end that a person wished for (2.1.197: `/exit`, Ctrl-C or Ctrl-D twice; `/logout`). */
const wished = ['prompt_input_exit', 'logout'];

/**
 * Reads a payload of Claude Code's hook events, which other CLIs give in the same shape; undefined for events and shapes that we
 * don't use. `wishes` are the reasons of an end that a person wished for.
 */
export function readHookReceipt(payload: unknown, wishes: readonly string[] = wished): AgentEvent | undefined {
  const parsed = v.safeParse(Payload, payload);
  if (!parsed.success) return undefined;
  const p = parsed.output;
  const promptId = p.prompt_id ?? p.turn_id;
  const what = [p.tool_name, field(p, 'file_path') ?? field(p, 'command')].filter(Boolean).join(' ').slice(0, 500);
  switch (p.hook_event_name) {
    case 'SessionStart':
      return { kind: 'started', conversationId: p.session_id, resumed: p.source === 'resume' };
    case 'UserPromptSubmit':
      return { kind: 'accepted', promptId: promptId ?? '', prompt: p.prompt, conversationId: p.session_id };
    case 'PreToolUse':
      return { kind: 'activity', promptId, what };
    case 'PermissionRequest':
      return { kind: 'permission', promptId, ...asked(p) };
    case 'Stop':
      return { kind: 'finished', promptId, message: p.last_assistant_message };
    case 'StopFailure':
      return { kind: 'failed', promptId, message: failure(p) };
    case 'SessionEnd':
      return { kind: 'ended', reason: p.reason, wished: wishes.includes(p.reason) };
    default:
      return undefined;
  }
}

type Tool = Pick<v.InferOutput<typeof Payload>, 'tool_name' | 'tool_input'>;

function field({ tool_input }: Tool, name: string): string | undefined {
  const value = tool_input[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Their dialogs are questions, which a hook's bare "allow" doesn't answer. */
const questions = new Set(['AskUserQuestion', 'ExitPlanMode']);

/** What permission is asked for: the tool, and what it is to be used on. */
function asked(tool: Tool): { what: string; holds?: string; yesOrNo: boolean } {
  const file = field(tool, 'file_path') ?? field(tool, 'notebook_path');
  const subject = file ?? field(tool, 'command') ?? field(tool, 'url') ?? field(tool, 'query');
  const words = [`${tool.tool_name}: ${subject ?? jsonOf(tool.tool_input)}`, field(tool, 'description')];
  // A dialog shows a file by a path of its own making, and a long command over several rows.
  const holds = file ? path.basename(file) : /\S.{0,59}/.exec(subject ?? '')?.[0];
  return { what: words.filter(Boolean).join('\n').slice(0, 2000), holds, yesOrNo: !questions.has(tool.tool_name) };
}

/** Why a turn failed, short enough for a job's record. */
function failure({ last_assistant_message: said, error }: v.InferOutput<typeof Payload>): string {
  return (said || (typeof error === 'string' ? error : jsonOf(error))).slice(0, 4000);
}

/** A value as JSON; there is none for one of so many levels that the stack doesn't hold them. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'unknown error';
  } catch {
    return '…';
  }
}
