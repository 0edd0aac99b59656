import type { Settings } from '../store/settings';

/** The tmux session of one of our sessions. */
export function sessionName(settings: Settings, sessionId: string): string {
  return `${settings.tmux_prefix}${sessionId}`;
}

/** The tmux session that a job of mode `fresh` has for itself. */
export function freshSessionName(settings: Settings, jobId: string): string {
  return `${freshPrefix(settings)}${jobId}`;
}

/** What the names of all fresh jobs' tmux sessions begin with. */
export function freshPrefix(settings: Pick<Settings, 'tmux_prefix'>): string {
  return `${settings.tmux_prefix}job_`;
}
