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

/** What a dialog asks, on one line: for a permission what it is for, else the last question before its choices on the screen. */
export function dialogWords({ kind, text, choices }: Waiting): string {
  const permission = kind === 'permission' ? permissionWords(text) : '';
  if (permission !== '') return permission;
  const lines = text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim());
  const firstChoice = lines.findIndex((line) => choices.some(({ label }) => line.includes(label)));
  const before = lines.slice(0, firstChoice < 0 ? lines.length : firstChoice).filter((line) => line !== '');
  const question = before.findLastIndex((line) => line.includes('?'));
  const at = question < 0 ? before.length - 1 : question;
  const previous = before[at - 1] ?? '';
  return `${previous.length >= wrapped ? `${previous} ` : ''}${before[at] ?? ''}`;
}

/** A receipt names the tool first; a screen ends in a question that says no more than that it is one. */
const toolFirst = /^\w+: /;
const formal = /^(Do you want to .*\?|This command requires approval)$/;

/** What permission is asked for, tool first; empty when the text is not of such a form. */
function permissionWords(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim());
  if (!toolFirst.test(text) && !lines.some((line) => formal.test(line))) return '';
  return lines.filter((line) => line !== '' && !formal.test(line)).join(' · ');
}

/** What a notification says of a dialog: what is asked for comes first, since a long text is cut. */
export function notificationWords(name: string, waiting: Waiting): string {
  const text = shortened(dialogWords(waiting), 160);
  if (waiting.kind === 'permission') return `${text} (${name} needs your permission)`;
  return `${name}: ${waitingWords[waiting.kind]} ${text}`;
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

/** What a job is called in a list: the first words of its prompt, else as `jobLabel`. */
export function titleWords(job: Job): string {
  return job.title ?? jobLabel(job);
}

/** The file, and its lines, that a job's prompt came from; empty when it came from none. */
export function originWords(job: Job): string {
  return job.source?.path === undefined ? '' : jobLabel(job);
}

/** The tool that a job's agent uses now, and on what: `Edit src/a.ts`, `reads the prompt`; empty when that is not known. */
export function activityWords(job: Job, workspace: string): string {
  if (job.phase !== 'working' || job.activity === undefined) return '';
  const [tool = '', ...rest] = job.activity.replace(/\s+/g, ' ').trim().split(' ');
  const subject = rest.join(' ');
  const inside = subject.startsWith(`${workspace}/`) ? subject.slice(workspace.length + 1) : subject;
  if (inside === job.prompt_path) return 'reads the prompt';
  if (inside === job.output_path) return 'writes the answer';
  return shortened(`${tool} ${inside}`.trim(), 80);
}

/** For how long something has been going on, in whole steps of 10 s so that a row is seldom drawn again: `2:10`, `1:02:10`; empty at first. */
export function runningFor(from: string | undefined, now: number): string {
  const seconds = from === undefined ? 0 : Math.floor((now - Date.parse(from)) / 10_000) * 10;
  if (!(seconds > 0)) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
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

/** What ended while a window was closed, as one sentence. */
export function missedWords(jobs: readonly Job[]): string {
  const answers = jobs.filter((job) => job.status === 'completed');
  const failed = jobs.length - answers.length;
  const [first] = jobs;
  if (jobs.length === 1 && first) {
    const how = answers.length === 1 ? 'the answer came' : `it failed (${briefProblem(first)})`;
    return `"${jobLabel(first)}": ${how} while this window was closed.`;
  }
  const parts = [
    ...(answers.length > 0 ? [`${answers.length} ${answers.length > 1 ? 'answers' : 'answer'} came`] : []),
    ...(failed > 0 ? [`${failed} ${failed > 1 ? 'jobs' : 'job'} failed`] : []),
  ];
  return `${parts.join(' and ')} while this window was closed.`;
}

/** The same for a notification: what the screen showed last is in the tooltip, and in the session's logs. */
export function briefProblem(job: Job): string {
  const text = jobProblem(job)
    .replace(/; its last words:[\s\S]*\)/, ')')
    .replace(/\s+/g, ' ');
  return shortened(text, 300).replace(/\.$/, '');
}

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayOfYear = new Intl.DateTimeFormat();

/** A time of day, with the date when it isn't today. */
export function clockTime(iso: string, now = Date.now()): string {
  const at = new Date(iso);
  const time = timeOfDay.format(at);
  return at.toDateString() === new Date(now).toDateString() ? time : `${dayOfYear.format(at)} ${time}`;
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
