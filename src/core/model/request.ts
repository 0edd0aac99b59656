import * as v from 'valibot';
import { Id } from './ids';
import { PromptSource, TimeoutSeconds } from './job';
import { ConversationId, recoveryActions } from './session';

const base = { version: v.literal('1.0'), id: Id, requested_by: v.optional(v.pipe(v.string(), v.maxLength(200))) };
const onSession = { ...base, session_id: Id };
const onJob = { ...base, job_id: Id };

/** How a person calls a session: 1 to 100 characters on one line. */
export const SessionName = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,100}$/, 'a name has 1 to 100 characters on one line'),
);

/** The name (no path) of a file in `inbox/` that holds a prompt. */
const PromptFile = v.optional(
  v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'prompt_file names a file in inbox/')),
);

const Enqueue = v.pipe(
  v.looseObject({
    ...onSession,
    action: v.literal('enqueue'),
    agent: v.optional(Id),
    prompt: v.optional(v.string()),
    prompt_file: PromptFile,
    type: v.optional(Id, 'task'),
    mode: v.optional(v.picklist(['session', 'fresh']), 'session'),
    timeout_s: v.optional(TimeoutSeconds),
    group_id: v.optional(Id),
    source: v.optional(PromptSource),
    /** A job of this session: the new one is queued right behind it, before all others that wait. */
    follows: v.optional(Id),
  }),
  v.check(
    (r) => (r.prompt === undefined) !== (r.prompt_file === undefined),
    'an enqueue has either prompt or prompt_file',
  ),
);

/** Without a prompt, what stands in the job's prompt file now is taken, which a person may have edited in its place. */
const Update = v.pipe(
  v.looseObject({
    ...onJob,
    action: v.literal('update'),
    prompt: v.optional(v.string()),
    prompt_file: PromptFile,
  }),
  v.check((r) => r.prompt === undefined || r.prompt_file === undefined, 'an update has one prompt at most'),
);

/** Before another job that waits, in its session; with a session alone, to the end of its queue. */
const Move = v.pipe(
  v.looseObject({ ...onJob, action: v.literal('move'), before: v.optional(Id), session_id: v.optional(Id) }),
  v.check((r) => r.before !== undefined || r.session_id !== undefined, 'a move has before, session_id, or both'),
);

/** Every request that may stand in `inbox/`, told apart by `action`. Answers to dialogs and adoption are not among them. */
export const Request = v.variant('action', [
  Enqueue,
  v.looseObject({ ...onJob, action: v.literal('cancel') }),
  v.looseObject({ ...onJob, action: v.literal('retry') }),
  v.looseObject({ ...onJob, action: v.literal('pause') }),
  v.looseObject({ ...onJob, action: v.literal('resume') }),
  /** Its answer is the one of its group. */
  v.looseObject({ ...onJob, action: v.literal('pick_answer') }),
  Update,
  Move,
  /** Without `session_id`, every session that there is. */
  v.looseObject({ ...base, action: v.picklist(['pause_session', 'resume_session']), session_id: v.optional(Id) }),
  v.looseObject({
    ...onSession,
    action: v.literal('create_session'),
    agent: v.optional(Id),
    name: v.optional(SessionName),
    /** One of the agents that the CLI itself knows by name, such as Claude Code's `.claude/agents`. */
    subagent: v.optional(Id),
    /** One of the conversations that the CLI keeps of this folder, which the session goes on with. */
    conversation_id: v.optional(ConversationId),
  }),
  v.looseObject({ ...onSession, action: v.literal('stop_session') }),
  v.looseObject({ ...onSession, action: v.literal('delete_session') }),
  v.looseObject({ ...onSession, action: v.literal('rename_session'), name: SessionName }),
  /** Here `session_id` is the name of the folder in `sessions/deleted/`: the id, with a suffix when it was taken there. */
  v.looseObject({ ...onSession, action: v.literal('restore_session') }),
  v.looseObject({ ...onSession, action: v.literal('purge_session') }),
  v.looseObject({
    ...base,
    action: v.literal('clean_up'),
    /** Ids of a plan's items, as the person saw them. */
    items: v.array(v.pipe(v.string(), v.maxLength(5000))),
  }),
  v.looseObject({
    ...base,
    action: v.literal('kill_unmanaged'),
    /** A name as tmux has it: of any characters, and compared whole. */
    tmux_session: v.pipe(v.string(), v.minLength(1), v.maxLength(1000)),
  }),
  /** Without `recovery`, what the session's health recommends. */
  v.looseObject({
    ...onSession,
    action: v.literal('recover_session'),
    recovery: v.optional(v.picklist(recoveryActions)),
  }),
]);
export type Request = v.InferOutput<typeof Request>;
export type RequestInput = v.InferInput<typeof Request>;

/** `inbox/done/<id>.json`: the runner's answer to a request that it understood. */
export const Reply = v.looseObject({
  version: v.literal('1.0'),
  id: Id,
  ok: v.boolean(),
  error: v.optional(v.string()),
});
export type Reply = v.InferOutput<typeof Reply>;

/** An answer to a dialog, in the user's own folder, where no agent is sent to write. */
export const Answer = v.looseObject({
  version: v.literal('1.0'),
  id: Id,
  /** The session, or the fresh job, whose dialog is answered. */
  target: Id,
  dialog_id: Id,
  choice: Id,
});
export type Answer = v.InferOutput<typeof Answer>;
