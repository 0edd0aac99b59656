import type { Settings } from '../store/settings';
import type { UserState } from '../store/userState';
import type { Clock } from '../support/clock';

export type CheckStatus = 'ok' | 'warning' | 'problem';

/** What helps, as data: whoever shows a check knows how to do it. */
export type SetupFix =
  /** Open this setting of VS Code's. */
  | { kind: 'setting'; label: string; setting: string }
  /** A line for the user's own terminal. */
  | { kind: 'copy'; label: string; text: string }
  | { kind: 'adopt'; label: string }
  /** Do without: make a session of the Demo agent. */
  | { kind: 'demo'; label: string };

/** What was found out about one thing that jobs need. `id` is stable and for programs, the rest is for a person. */
export interface SetupCheck {
  id: string;
  status: CheckStatus;
  /** A few words: what was looked at and how it is. */
  title: string;
  /** What it means, and what to do. */
  detail: string;
  /** Where a program was looked for in vain: a line for each kind of place. */
  looked_in?: string[];
  /** What helps, the best first; none when all is well. */
  fixes: SetupFix[];
}

/** What the checks go by. What the process itself is like comes in from outside, for the tests. */
export interface SetupInput {
  user: UserState;
  settings: Settings;
  clock: Clock;
  /** Whether programs are asked for their versions; without that only tmux is started. */
  versions: boolean;
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  /** The user id; undefined on Windows. */
  uid: number | undefined;
  nodeVersion: string;
}

/** The input for this process. */
export function setupInput(about: Pick<SetupInput, 'user' | 'settings' | 'clock' | 'versions'>): SetupInput {
  return {
    ...about,
    env: process.env,
    platform: process.platform,
    uid: process.getuid?.(),
    nodeVersion: process.versions.node,
  };
}

/** A check that found nothing wrong. */
export function fine(id: string, title: string, detail = ''): SetupCheck {
  return { id, status: 'ok', title, detail, fixes: [] };
}

/** The worst of several checks. */
export function worst(checks: readonly Pick<SetupCheck, 'status'>[]): CheckStatus {
  const has = (status: CheckStatus) => checks.some((check) => check.status === status);
  return has('problem') ? 'problem' : has('warning') ? 'warning' : 'ok';
}
