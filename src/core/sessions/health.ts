import type { ScreenState } from '../agents/agent';
import type { Health, RecoveryAction, SessionState } from '../model/session';
import type { PaneEnd } from './agentPane';

/** What is known of a session's CLI, in the order in which it is asked for. */
export interface Evidence {
  /** Whether the folder's tmux server answers. */
  server: boolean;
  /** Whether it has a session of this name. */
  session: boolean;
  /**
   * The program in its pane: alive, or how it ended. `wished` says that a person ended it there by the CLI's own last receipt,
   * `interrupted` that its interrupt key was pressed by us.
   */
  program?: { ended?: PaneEnd; wished?: boolean; receipts: boolean; interrupted?: boolean };
  /** Whether the handshake was done. */
  greeted?: boolean;
  /** What its receipts say of its newest turn, and for how long (milliseconds) nothing was heard. */
  turn?: { running: boolean; quietMs: number };
  screen?: ScreenState['kind'];
}

/** What a session is, by the evidence, and what would mend it. */
export type Judgement = Pick<Health, 'tmux_active' | 'reason'> & { state: SessionState; action?: RecoveryAction };

/** A receipt and the screen may tell of two moments: for this long the receipt is believed. */
const quietAfter = 1000;

/** The one judgement of a session's health. Asks nobody and changes nothing. */
export function judge({ server, session, program, greeted, turn, screen }: Evidence): Judgement {
  if (!server) return lost('restart_tmux', 'its tmux server is gone', false);
  if (!session || program?.ended?.kind === 'gone') return lost('restart_tmux', 'its tmux session is gone', session);
  if (!program) return lost('restart_claude', 'the agent is not in its pane', true);
  if (program.ended) {
    if (wasWished(program))
      return { state: 'stopped', tmux_active: true, reason: 'the agent was ended in its terminal' };
    return lost('restart_claude', `the agent has ended (${howItEnded(program.ended)})`, true);
  }
  const alive = (state: SessionState): Judgement => ({ state, tmux_active: true });
  if (!greeted) return alive('tmux_started');
  if (screen === 'dialog') return alive('waiting');
  const recent = turn !== undefined && turn.quietMs < quietAfter;
  const screenSays = screen === 'working' ? true : screen === 'ready' || screen === 'typed' ? false : undefined;
  const works = recent ? turn.running : (screenSays ?? turn?.running ?? false);
  return alive(works ? 'busy' : 'ready');
}

/** A session of which nothing was started, or whose start was cut off before tmux. */
export function unbegun(): Judgement {
  return { state: 'error', tmux_active: false, action: 'initialize', reason: 'its start was cut off' };
}

/** What is recommended for a session in this state, when a person asks for its recovery and names nothing. */
export function recommended(state: SessionState, health: Pick<Health, 'action'>): RecoveryAction {
  if (state === 'tmux_started' || state === 'ready' || state === 'busy' || state === 'waiting') return 'restart_claude';
  if (state === 'lost' || state === 'error') return health.action ?? 'restart_tmux';
  return 'initialize';
}

/** How a program ended, in words. */
export function howItEnded(end: PaneEnd): string {
  if (end.kind === 'gone') return 'its tmux session is gone';
  if (end.signal) return `signal ${end.signal}`;
  return end.exit_status === undefined ? 'exit status unknown' : `exit status ${end.exit_status}`;
}

function lost(action: RecoveryAction, reason: string, tmux_active: boolean): Judgement {
  return { state: 'lost', tmux_active, action, reason };
}

/** A CLI with receipts says so itself: a signal can end it with status 0, too (SIGINT, measured). */
function wasWished({ ended, wished, receipts, interrupted }: NonNullable<Evidence['program']>): boolean {
  if (receipts) return wished === true;
  return !interrupted && ended?.kind === 'exited' && ended.exit_status === 0;
}
