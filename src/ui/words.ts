import * as path from 'node:path';
import type { FailReason, Job } from '../core/model/job';
import type { SessionState } from '../core/model/session';
import type { Waiting, WaitingKind } from '../core/model/waiting';

/** A session's state, as a person reads it. */
export const stateWords: Record<SessionState, string> = {
  created: 'starting',
  folder_created: 'starting',
  tmux_started: 'starting',
  ready: 'ready',
  busy: 'working',
  waiting: 'needs an answer',
  lost: 'lost',
  error: 'error',
  stopped: 'stopped',
  deleted: 'deleted',
};

/** Why a job failed, as a person reads it. */
export const reasonWords: Record<FailReason, string> = {
  no_output: 'the agent ended its turn without writing the answer file',
  agent_exited: 'the agent ended while it worked',
  agent_error: 'the agent reported an error',
  agent_interrupted: 'the agent was interrupted in its terminal',
  runner_interrupted: 'VS Code or the monitor ended at the moment of sending; the prompt was not sent twice',
  session_lost: 'the tmux session is gone',
  not_accepted: 'the agent did not take the prompt',
  refused: 'the request was refused',
  invalid_request: 'the request was not valid',
  start_failed: 'the agent could not be started',
};

/** What a session or job waits for. */
export const waitingWords: Record<WaitingKind, string> = {
  trust: 'Trust this folder?',
  bypass: 'Go on without permission checks?',
  permission: 'Permission needed',
  login: 'Login needed',
  update: 'An update is offered',
  usage_limit: 'Usage limit reached',
  input_not_empty: 'The input line holds text that somebody typed',
  copy_mode: 'Somebody scrolls in the terminal (copy mode)',
  not_accepted: 'The prompt was typed, but not taken',
  unknown: 'A question in the terminal',
};

/** A line this long may go on in the next one. */
const wrapped = 60;

/** The question of a dialog, on one line: the last one before its choices, out of all that the screen shows. */
export function dialogWords({ text, choices }: Waiting): string {
  const lines = text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim());
  const firstChoice = lines.findIndex((line) => choices.some(({ label }) => line.includes(label)));
  const before = lines.slice(0, firstChoice < 0 ? lines.length : firstChoice).filter((line) => line !== '');
  const question = before.findLastIndex((line) => line.includes('?'));
  const at = question < 0 ? before.length - 1 : question;
  const previous = before[at - 1] ?? '';
  return `${previous.length >= wrapped ? `${previous} ` : ''}${before[at] ?? ''}`;
}

/** A text cut at a word, so that no more than `limit` characters of it stand. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit).replace(/\s+\S*$/, '')}…`;
}

/** What a job is called: the file and lines that its prompt came from, else its title, else its type and id. */
export function jobLabel(job: Job): string {
  const { path: file, start_line: from, end_line: to } = job.source ?? {};
  if (file === undefined) return job.title ?? `${job.type} ${job.job_id}`;
  const lines = from === undefined ? '' : to === undefined || to === from ? `:${from}` : `:${from}-${to}`;
  return `${path.posix.basename(file)}${lines}`;
}

/** Where a job stands, in one or two words. */
export function jobState(job: Job): string {
  if (job.status !== 'running') return job.status;
  if (job.phase === 'accepted' || job.phase === undefined) return 'working';
  return job.phase === 'waiting' ? 'needs an answer' : job.phase;
}

/** Why a job ended as it did, as one sentence without its full stop. */
export function jobProblem(job: Job): string {
  if (job.status === 'timeout') return job.message ?? 'the agent was silent for too long, and was interrupted';
  return job.message ?? (job.reason ? reasonWords[job.reason] : job.status);
}

/** A time of day, with the date when it isn't today. */
export function clockTime(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const time = at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return at.toDateString() === now.toDateString() ? time : `${at.toLocaleDateString()} ${time}`;
}

/** How long it took from one time to another: `0.4 s`, `12 s`, `3 min 5 s`, `1 h 2 min`. */
export function duration(from: string, to: string): string {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
