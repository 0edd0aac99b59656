import { randomUUID } from 'node:crypto';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The tools that the Demo agent says it uses, named as Claude Code names them. */
export interface ToolUse {
  tool_name: 'Read' | 'Write';
  tool_input: { file_path: string };
}

/** One event, with the fields of Claude Code's hooks. */
export type Receipt =
  | { hook_event_name: 'SessionStart'; source: 'startup' | 'resume' }
  | { hook_event_name: 'UserPromptSubmit'; prompt_id: string; prompt: string }
  | ({ hook_event_name: 'PreToolUse' | 'PostToolUse' | 'PermissionRequest'; prompt_id: string } & ToolUse)
  | { hook_event_name: 'Notification'; prompt_id: string; notification_type: 'permission_prompt'; message: string }
  | { hook_event_name: 'Stop'; prompt_id: string; last_assistant_message: string }
  | { hook_event_name: 'StopFailure'; prompt_id: string; error: string; last_assistant_message: string }
  | { hook_event_name: 'SessionEnd'; reason: string };

/** Writes one receipt. */
export type WriteReceipt = (receipt: Receipt) => void;

/** A writer of receipts into a folder, one complete file an event, names in the order of events; no folder, and it writes none. `failed` is told of the first of several writes in a row that fail. */
export function receiptWriter(
  target: string | undefined,
  session: { session_id: string; cwd: string },
  failed: (error: Error) => void = () => {},
): WriteReceipt {
  let count = 0;
  let failing = false;
  return (receipt) => {
    if (!target) return;
    count += 1;
    const name = `${Date.now()}-${String(count).padStart(6, '0')}-${randomUUID()}.json`;
    const hidden = join(target, `.${name}`);
    try {
      // Synchronous, so that a receipt is on disk before the screen says the same.
      writeFileSync(hidden, `${JSON.stringify({ ...session, ...receipt })}\n`, { mode: 0o600, flag: 'wx' });
      renameSync(hidden, join(target, name));
      failing = false;
    } catch (error) {
      if (!failing) failed(error as Error);
      failing = true;
    }
  };
}

/**
 * A writer that also appends to a file, one JSON line each, which line was taken (before its receipt can be seen) and which
 * turn ended (when its receipt is on disk): what an agent did, whatever becomes of its receipts and of itself.
 */
export function recorded(file: string | undefined, write: WriteReceipt): WriteReceipt {
  if (!file) return write;
  const record = (what: object) => appendFileSync(file, `${JSON.stringify({ ...what, at: Date.now() })}\n`);
  let line = '';
  return (receipt) => {
    const { hook_event_name: event } = receipt;
    if (event === 'UserPromptSubmit') {
      line = receipt.prompt;
      record({ event: 'taken', line });
    }
    write(receipt);
    if (event === 'Stop' || event === 'StopFailure') record({ event: 'ended', line });
  };
}
