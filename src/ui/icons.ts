import type { Job } from '../core/model/job';
import type { SessionState } from '../core/model/session';
import type { JobGroup } from './jobGroups';

/** One of VS Code's icons, by its name, in one of its theme colours. */
export interface Icon {
  name: string;
  color?: string;
}

const icon = (name: string, color?: string): Icon => ({ name, color });

// Not those of the testing view: its green is hardly seen on white, and its red is no colour in high contrast (VS Code 1.139).
const good = 'charts.green';
const bad = 'charts.red';
const active = 'charts.blue';
const attention = 'editorWarning.foreground';
const faint = 'descriptionForeground';

const stateColors: Record<SessionState, string> = {
  created: active,
  folder_created: active,
  tmux_started: active,
  ready: good,
  busy: active,
  waiting: attention,
  lost: bad,
  error: bad,
  stopped: faint,
  deleted: faint,
};

/** The icon of each kind of agent. */
const agentIcons = {
  claude: 'sparkle',
  codex: 'hubot',
  gemini: 'star',
  opencode: 'code',
  demo: 'beaker',
  custom: 'terminal',
};
export type AgentKind = keyof typeof agentIcons;

const jobIcons: Record<Job['status'], Icon> = {
  pending: icon('clock', faint),
  paused: icon('debug-pause', faint),
  running: icon('loading~spin', active),
  completed: icon('pass', good),
  failed: icon('error', bad),
  timeout: icon('watch', bad),
  cancelled: icon('circle-slash', faint),
};

/** The icon of a session: its agent's, in the colour of its state. */
export function sessionIcon(agent: AgentKind, state: SessionState): Icon {
  return icon(agentIcons[agent], stateColors[state]);
}

/** The icon of where a job stands. */
export function jobIcon(job: Job): Icon {
  return job.phase === 'waiting' && job.status === 'running' ? icon('bell-dot', attention) : jobIcons[job.status];
}

/** The icon of a prompt that went to several sessions, in the colour of where it stands. */
export function groupIcon({ live, answers }: Pick<JobGroup, 'live' | 'answers'>): Icon {
  if (live.some(({ job }) => job.phase === 'waiting')) return icon('layers', attention);
  return icon('layers', live.length > 0 ? active : answers.length > 0 ? good : bad);
}

/** The icon of a dialog's choice; a permission's two are known by their ids. */
export function choiceIcon(id: string): Icon {
  return choiceIcons[id] ?? otherIcons.choice;
}

const choiceIcons: Record<string, Icon> = {
  'allow-once': icon('check', good),
  deny: icon('close', bad),
};

/** Icons of what is neither a session nor a job. */
export const otherIcons = {
  folder: icon('folder'),
  foreign: icon('shield', attention),
  dialog: icon('comment-discussion', attention),
  choice: icon('arrow-small-right'),
  unmanaged: icon('question', faint),
  newAnswer: icon('pass-filled', good),
  picked: icon('star-full', good),
  problem: icon('error', bad),
  warning: icon('warning', attention),
  newSession: icon('add'),
  demo: icon('play'),
  getStarted: icon('rocket'),
  more: icon('ellipsis'),
  notAdopted: icon('circle-outline', faint),
};
