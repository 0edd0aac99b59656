import type { Settings } from '../store/settings';

/** The tmux session of one of our sessions. */
export function sessionName(settings: Settings, sessionId: string): string {
  return `${settings.tmux_prefix}${sessionId}`;
}

/** The tmux session that a job of mode `fresh` has for itself. */
export function freshSessionName(settings: Settings, jobId: string): string {
  return `${settings.tmux_prefix}job_${jobId}`;
}
