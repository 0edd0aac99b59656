import * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import type { SessionState } from '../core/model/session';

const icon = (name: string, color?: string) =>
  new vscode.ThemeIcon(name, color === undefined ? undefined : new vscode.ThemeColor(color));

const good = 'testing.iconPassed';
const bad = 'testing.iconFailed';
const active = 'charts.blue';
const attention = 'editorWarning.foreground';
const faint = 'disabledForeground';

const starting = icon('loading~spin', active);

const sessionIcons: Record<SessionState, vscode.ThemeIcon> = {
  created: starting,
  folder_created: starting,
  tmux_started: starting,
  ready: icon('circle-filled', good),
  busy: icon('sync~spin', active),
  waiting: icon('bell-dot', attention),
  lost: icon('debug-disconnect', bad),
  error: icon('error', bad),
  stopped: icon('circle-outline', faint),
  deleted: icon('trash', faint),
};

const jobIcons: Record<Job['status'], vscode.ThemeIcon> = {
  pending: icon('clock', faint),
  paused: icon('debug-pause', faint),
  running: icon('loading~spin', active),
  completed: icon('pass', good),
  failed: icon('error', bad),
  timeout: icon('watch', bad),
  cancelled: icon('circle-slash', faint),
};

/** The icon of a session's state. */
export function sessionIcon(state: SessionState): vscode.ThemeIcon {
  return sessionIcons[state];
}

/** The icon of where a job stands. */
export function jobIcon(job: Job): vscode.ThemeIcon {
  return job.phase === 'waiting' && job.status === 'running' ? icon('bell-dot', attention) : jobIcons[job.status];
}

/** Icons of what is neither a session nor a job. */
export const otherIcons = {
  folder: vscode.ThemeIcon.Folder,
  foreign: icon('shield', attention),
  dialog: icon('comment-discussion', attention),
  choice: icon('arrow-small-right'),
};
