import * as v from 'valibot';
import { Id } from '../model/ids';
import { Count, Time } from '../model/values';
import { readJson } from './jsonFile';
import type { FolderState } from './userState';

/** A tmux session on the folder's own server. `managed` is one of our sessions' or of a live fresh job's. */
export const TmuxSession = v.looseObject({
  name: v.string(),
  managed: v.boolean(),
  attached: Count,
  created_at: Time,
  /** Our own mark, when it was started by us. */
  launch_id: v.optional(Id),
});
export type TmuxSession = v.InferOutput<typeof TmuxSession>;

/** `tmux_sessions.json` in the user's own state: what the runner last saw on the tmux server, for all who only read files. */
export const TmuxSessionsFile = v.looseObject({
  version: v.literal('1.0'),
  epoch: Count,
  sessions: v.array(TmuxSession),
});
export type TmuxSessionsFile = v.InferOutput<typeof TmuxSessionsFile>;

/** The tmux sessions as the runner saw them last; none when there was no runner yet. `say` is told when the file can't be read. */
export async function readTmuxSessions(
  folder: FolderState,
  say: (problem: string) => void = () => {},
): Promise<TmuxSession[]> {
  const read = await readJson(TmuxSessionsFile, folder.tmuxSessions);
  if ('message' in read) say(read.message);
  return read.kind === 'ok' ? read.value.sessions : [];
}
