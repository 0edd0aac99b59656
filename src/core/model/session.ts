import * as v from 'valibot';
import { Id } from './ids';
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

const time = v.pipe(v.string(), v.isoTimestamp());

/** `metadata.json`: what a session is. `epoch` is the claim of the runner that wrote it. */
export const SessionMetadata = v.looseObject({
  version: v.literal('1.0'),
  session_id: Id,
  name: v.string(),
  created_at: time,
  state: v.picklist(sessionStates),
  tmux_session: v.nullable(Id),
  agent: Id,
  /** The CLI's own conversation, once it has had a turn that can be resumed. */
  conversation_id: v.optional(v.string()),
  waiting: v.optional(Waiting),
  /** When the handshake of its present CLI was done; absent while it starts. */
  ready_at: v.optional(time),
  /** Why the state is `error` or `lost`, in words for a person. */
  message: v.optional(v.string()),
  updated_at: v.optional(time),
  epoch: v.number(),
});
export type SessionMetadata = v.InferOutput<typeof SessionMetadata>;

/** `state/health.json`: how a session is, in the guide's words. */
export const Health = v.looseObject({
  version: v.literal('1.0'),
  state: v.picklist(sessionStates),
  tmux_active: v.boolean(),
  claude_ready: v.boolean(),
  last_probe: v.nullable(time),
  error_count: v.number(),
  error: v.optional(v.string()),
  action: v.optional(v.string()),
  reason: v.optional(v.string()),
  epoch: v.number(),
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
  deleted: [],
};

/** Whether a session may go from one state to another; staying is no move. */
export function canMove(from: SessionState, to: SessionState): boolean {
  return transitions[from].includes(to);
}
