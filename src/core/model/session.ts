import * as v from 'valibot';
import { Id } from './ids';
import { Count, Time } from './values';
import { Waiting } from './waiting';

export const sessionStates = [
  'created',
  'folder_created',
  'tmux_started',
  'ready',
  'busy',
  'waiting',
  'lost',
  'error',
  'stopped',
  'deleted',
] as const;
export type SessionState = (typeof sessionStates)[number];

/** What can be done for a session that is not well, in the guide's words. */
export const recoveryActions = ['recreate', 'initialize', 'restart_tmux', 'restart_claude'] as const;
export type RecoveryAction = (typeof recoveryActions)[number];

/** Schema of the id of a CLI's conversation: a UUID. */
export const ConversationId = v.pipe(v.string(), v.uuid());

/** Whether a text is the id of a CLI's conversation: a UUID. */
export const isConversationId = (text: string): boolean => v.is(ConversationId, text);

/** `metadata.json`: what a session is. `epoch` is the claim of the runner that wrote it. */
export const SessionMetadata = v.looseObject({
  version: v.literal('1.0'),
  session_id: Id,
  name: v.string(),
  created_at: Time,
  state: v.picklist(sessionStates),
  tmux_session: v.nullable(Id),
  agent: Id,
  /** The CLI's own conversation, once it has had a turn that can be resumed. It becomes an argument, so nothing else passes. */
  conversation_id: v.fallback(v.optional(ConversationId), undefined),
  /** The CLI's own agent that it runs as. It becomes an argument, so nothing but an id passes. */
  subagent: v.fallback(v.optional(Id), undefined),
  waiting: v.optional(Waiting),
  /** When the handshake of its present CLI was done; absent while it starts. */
  ready_at: v.optional(Time),
  /** Why the state is `error` or `lost`, in words for a person. */
  message: v.optional(v.string()),
  /** What a person should know of the last start, whatever the state is now; gone when a later turn is accepted. */
  notice: v.optional(v.string()),
  updated_at: v.optional(Time),
  /** Since when it starts no further job; one that runs goes on. */
  paused_at: v.optional(Time),
  /** Prompts and answers of jobs that ended up to then may have been removed by Clean Up. */
  cleaned_until: v.optional(Time),
  epoch: Count,
});
export type SessionMetadata = v.InferOutput<typeof SessionMetadata>;

/** `state/health.json`: how a session is, in the guide's words. `last_probe` is when it was last looked at before this was written. */
export const Health = v.looseObject({
  version: v.literal('1.0'),
  state: v.picklist(sessionStates),
  tmux_active: v.boolean(),
  claude_ready: v.boolean(),
  last_probe: v.nullable(Time),
  error_count: Count,
  error: v.optional(v.string()),
  action: v.fallback(v.optional(v.picklist(recoveryActions)), undefined),
  reason: v.optional(v.string()),
  /** When it was started again without a person's asking, oldest first; only those that still count. */
  recoveries: v.optional(v.array(Time)),
  epoch: Count,
});
export type Health = v.InferOutput<typeof Health>;

const transitions: Record<SessionState, readonly SessionState[]> = {
  created: ['folder_created', 'error', 'stopped', 'deleted'],
  folder_created: ['tmux_started', 'error', 'stopped', 'deleted'],
  tmux_started: ['ready', 'waiting', 'lost', 'error', 'stopped', 'deleted'],
  ready: ['busy', 'waiting', 'lost', 'error', 'stopped', 'deleted'],
  busy: ['ready', 'waiting', 'lost', 'error', 'stopped', 'deleted'],
  waiting: ['ready', 'busy', 'tmux_started', 'lost', 'error', 'stopped', 'deleted'],
  lost: ['folder_created', 'error', 'stopped', 'deleted'],
  error: ['folder_created', 'lost', 'stopped', 'deleted'],
  stopped: ['folder_created', 'error', 'deleted'],
  /** Only by restoring it. */
  deleted: ['stopped'],
};

/** Whether a session may go from one state to another; staying is no move. */
export function canMove(from: SessionState, to: SessionState): boolean {
  return transitions[from].includes(to);
}
