import * as v from 'valibot';
import { Id } from './ids';

/** What a session or job can wait for a person with. */
export const waitingKinds = [
  'trust',
  'bypass',
  'permission',
  'login',
  'update',
  'usage_limit',
  'input_not_empty',
  'copy_mode',
  'not_accepted',
  'unknown',
] as const;
export type WaitingKind = (typeof waitingKinds)[number];

/** Something that only a person can decide: its text, and the choices that can be named in an answer. */
export const Waiting = v.object({
  dialog_id: Id,
  kind: v.picklist(waitingKinds),
  text: v.string(),
  choices: v.array(v.object({ id: Id, label: v.string() })),
});
export type Waiting = v.InferOutput<typeof Waiting>;
