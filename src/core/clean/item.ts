import type { Layout } from '../store/layout';
import type { Settings } from '../store/settings';
import type { TmuxSession } from '../store/tmuxSessions';
import type { FolderState } from '../store/userState';
import type { Clock } from '../support/clock';

/** What can be cleaned up, in the order in which it is listed. */
export const cleanKinds = ['fresh', 'orphan', 'launch', 'draft', 'temporary', 'job', 'log'] as const;
export type CleanKind = (typeof cleanKinds)[number];

/** One thing that can go. The same thing has the same `id` in every plan, whoever makes it. */
export interface CleanItem {
  id: string;
  kind: CleanKind;
  /** What it is called in a list. */
  name: string;
  /** Full paths of the files or the folder that go with it; none of a tmux session. */
  files: string[];
  bytes: number;
  /** When it was last changed, or ended: milliseconds since the epoch. */
  changed: number;
  /** Of a job: its session. */
  session_id?: string;
}

/** What a plan is made from. All of it is read, nothing is changed. */
export interface CleanContext {
  layout: Layout;
  folder: FolderState;
  settings: Pick<Settings, 'tmux_prefix' | 'keep_days'>;
  clock: Clock;
  /** The sessions on the folder's tmux server. */
  tmux: readonly TmuxSession[];
  /** Launches that a runner holds, which nobody else knows of yet. */
  launchesInUse?: ReadonlySet<string>;
}
