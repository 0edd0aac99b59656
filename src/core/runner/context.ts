import type { RecoveryAction } from '../model/session';
import type { AgentPane } from '../sessions/agentPane';
import type { Launcher } from '../sessions/launcher';
import type { ManagedSession } from '../sessions/managedSession';
import type { PaneSet } from '../sessions/paneSet';
import type { Layout } from '../store/layout';
import type { Settings } from '../store/settings';
import type { FolderState } from '../store/userState';
import type { Clock } from '../support/clock';
import type { Log } from '../support/log';
import type { Troubles } from '../support/troubles';
import type { TmuxClient } from '../tmux/client';
import type { Pane } from '../tmux/commands';
import type { JobRun } from './jobRun';

/** What every part of one runner's epoch shares. */
export interface RunnerContext {
  layout: Layout;
  folder: FolderState;
  settings: Settings;
  clock: Clock;
  log: Log;
  troubles: Troubles;
  epoch: number;
  tmux: TmuxClient;
  launcher: Launcher;
  panes: PaneSet;
  sessions: Map<string, ManagedSession>;
  /** Throws when this runner no longer owns the folder. */
  guard(): Promise<void>;
  /** Aborted when the runner stops; agents go on. */
  stopping: AbortSignal;
  /** Starts a session, or joins the start that is under way. */
  ensureStarted(session: ManagedSession): Promise<AgentPane>;
  /** Notes what a list of all panes says of the tmux server, for those who only read files; resolves when it is on disk. */
  seeServer(panes: readonly Pane[]): Promise<void>;
  /** Recovers a session because a person asked for it; it has left its state when this returns. */
  recover(session: ManagedSession, action: RecoveryAction): Promise<AgentPane>;
  /** Says that a job's end is on disk. */
  noteEnd(): void;
  /** Asks for another round of the scheduler. */
  wake(): void;
}

/** What a request may reach beside that. */
export interface RequestContext extends RunnerContext {
  /** The jobs that are being executed, by id. */
  runs: Map<string, JobRun>;
  /** Set when the runner is to leave between jobs: no further one is started. */
  draining?: boolean;
}
