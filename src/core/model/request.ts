import * as v from 'valibot';
import { Id } from './ids';
import { PromptSource } from './job';

const base = { version: v.literal('1.0'), id: Id, requested_by: v.optional(v.pipe(v.string(), v.maxLength(200))) };
const onSession = { ...base, session_id: Id };
const onJob = { ...base, job_id: Id };

const Enqueue = v.pipe(
  v.looseObject({
    ...onSession,
    action: v.literal('enqueue'),
    agent: v.optional(Id),
    prompt: v.optional(v.string()),
    /** The name (no path) of a file in `inbox/` that holds the prompt. */
    prompt_file: v.optional(
      v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'prompt_file names a file in inbox/')),
    ),
    type: v.optional(Id, 'task'),
    mode: v.optional(v.picklist(['session', 'fresh']), 'session'),
    timeout_s: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(604_800))),
    group_id: v.optional(Id),
    source: v.optional(PromptSource),
  }),
  v.check(
    (r) => (r.prompt === undefined) !== (r.prompt_file === undefined),
    'an enqueue has either prompt or prompt_file',
  ),
);

/** Every request that may stand in `inbox/`, told apart by `action`. Answers to dialogs and adoption are not among them. */
export const Request = v.variant('action', [
  Enqueue,
  v.looseObject({ ...onJob, action: v.literal('cancel') }),
  v.looseObject({ ...onJob, action: v.literal('retry') }),
  v.looseObject({ ...onJob, action: v.literal('pause') }),
  v.looseObject({ ...onJob, action: v.literal('resume') }),
  v.looseObject({
    ...onSession,
    action: v.literal('create_session'),
    agent: v.optional(Id),
    name: v.optional(v.pipe(v.string(), v.maxLength(100))),
  }),
  v.looseObject({ ...onSession, action: v.literal('stop_session') }),
  v.looseObject({ ...onSession, action: v.literal('delete_session') }),
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
