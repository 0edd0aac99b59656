import * as path from 'node:path';
import type { FailReason, Job } from '../core/model/job';
import type { SessionState } from '../core/model/session';
import type { Waiting, WaitingKind } from '../core/model/waiting';
import type { CheckStatus, SetupCheck } from '../core/setup/check';
import { shortened } from '../core/support/shortened';
import { known, translated } from './coreWords';
import { bundleOf, t } from './l10n';

export { shortened };

const states: Record<SessionState, () => string> = {
  created: () => t('starting'),
  folder_created: () => t('starting'),
  tmux_started: () => t('starting'),
  ready: () => t('ready'),
  busy: () => t('working'),
  waiting: () => t('needs an answer'),
  lost: () => t('lost'),
  error: () => t('error'),
  stopped: () => t('stopped'),
  deleted: () => t('deleted'),
};

/** A session's state, as a person reads it. */
export function stateWords(state: SessionState): string {
  return states[state]();
}

const reasons: Record<FailReason, () => string> = {
  no_output: () => t('the agent ended its turn without writing the answer file'),
  agent_exited: () => t('the agent ended while it worked'),
  agent_error: () => t('the agent reported an error'),
  agent_interrupted: () => t('the turn was interrupted, or ended by a permission that was refused'),
  runner_interrupted: () => t('VS Code or the monitor ended at the moment of sending; the prompt was not sent twice'),
  session_lost: () => t('the tmux session is gone'),
  not_accepted: () => t('the agent did not take the prompt'),
  refused: () => t('the request was refused'),
  invalid_request: () => t('the request was not valid'),
  start_failed: () => t('the agent could not be started'),
};

const waits: Record<WaitingKind, () => string> = {
  trust: () => t('Trust this folder?'),
  bypass: () => t('Go on without permission checks?'),
  permission: () => t('Permission needed'),
  login: () => t('Login needed'),
  update: () => t('An update is offered'),
  usage_limit: () => t('Usage limit reached'),
  input_not_empty: () => t('The input line holds text that somebody typed'),
  copy_mode: () => t('Somebody scrolls in the terminal (copy mode)'),
  not_accepted: () => t('The prompt was typed, but not taken'),
  unknown: () => t('A question in the terminal'),
};

/** What a session or job waits for. */
export function waitingWords(kind: WaitingKind): string {
  return waits[kind]();
}

/** The choices that are the core's own, by their labels there. */
const ownChoices = new Map([
  ['Allow Once', () => t('Allow Once')],
  ['Deny', () => t('Deny')],
  ['Clear the line', () => t('Clear the line')],
  ['Leave copy mode', () => t('Leave copy mode')],
  ['Try Again', () => t('Try Again')],
]);

/** A dialog's choice, as a person reads it; an agent's own choices stay as the agent words them. */
export function choiceWords({ label }: Waiting['choices'][number]): string {
  // Its keys are the agent's: Enter, or what its settings say.
  const [, keys] = /^Press (.+) again$/.exec(label) ?? [];
  if (keys !== undefined) return keys === 'Enter' ? t('Press Enter again') : t('Press {0} again', keys);
  return ownChoices.get(label)?.() ?? label;
}

const checks: Record<CheckStatus, () => string> = {
  ok: () => t('ok'),
  warning: () => t('warning'),
  problem: () => t('problem'),
};

/** How a check of the setup came out. */
export function checkWords(status: CheckStatus): string {
  return checks[status]();
}

/** What a check of the setup found, in the person's language. */
export function checkTexts({ title, detail }: Pick<SetupCheck, 'title' | 'detail'>): { title: string; detail: string } {
  return { title: translated(title), detail: translated(detail) };
}

/** A line this long may go on in the next one. */
const wrapped = 60;

/** What a dialog asks, on one line: for a permission what it is for, else the last question before its choices on the screen. */
export function dialogWords({ kind, text: said, choices }: Waiting): string {
  const text = translated(said);
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
  if (waiting.kind === 'permission') return t('{0} ({1} needs your permission)', text, name);
  return `${name}: ${waitingWords(waiting.kind)} ${text}`;
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
  if (inside === job.prompt_path) return t('reads the prompt');
  if (inside === job.output_path) return t('writes the answer');
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

const standings: Record<Exclude<Job['status'], 'running'> | NonNullable<Job['phase']>, () => string> = {
  pending: () => t('pending'),
  paused: () => t('paused'),
  completed: () => t('completed'),
  failed: () => t('failed'),
  timeout: () => t('timeout'),
  cancelled: () => t('cancelled'),
  starting: () => t('starting'),
  sending: () => t('sending'),
  accepted: () => t('working'),
  working: () => t('working'),
  waiting: () => t('needs an answer'),
};

/** Where a job stands, in one or two words. */
export function jobState({ status, phase = 'working' }: Job): string {
  return standings[status === 'running' ? phase : status]();
}

/** Why a job ended as it did, as one sentence without its full stop. */
export function jobProblem(job: Job): string {
  return problemWords(job, job.message);
}

/** `said` is what the core says of it, or an agent: where it is not known in the person's language, it follows what is known to all. */
function problemWords(job: Job, said: string | undefined): string {
  const reason = job.status === 'timeout' ? silent() : job.reason && reasons[job.reason]();
  if (said === undefined) return reason ?? jobState(job);
  return known(said) ?? (reason !== undefined && bundleOf() ? t('{0} (in English: {1})', reason, said) : said);
}

const silent = () => t('the agent was silent for too long, and was interrupted');

/** What it means that a job's end is called inferred; undefined of one whose end isn't. */
export function inferredWords(job: Job): string | undefined {
  if (!job.inferred) return undefined;
  return t('the agent gave no receipt of this end: it was read from its screen, or told by quiet time');
}

/** That an answer came, as one sentence. */
export function answeredWords(job: Job): string {
  const label = jobLabel(job);
  return job.inferred ? t('{0}: the answer is there (inferred).', label) : t('{0}: the answer is there.', label);
}

/** How many ends of several jobs are inferred, as a sentence to go on with; empty when none is. */
export function inferredNote(jobs: readonly Job[]): string {
  const count = jobs.filter((job) => job.inferred).length;
  if (count === 0) return '';
  return ` ${count === 1 ? t('1 of these ends is inferred.') : t('{0} of these ends are inferred.', count)}`;
}

/** What ended while a window was closed, as one sentence, and what of it is inferred. */
export function missedWords(jobs: readonly Job[]): string {
  const [only] = jobs;
  return jobs.length === 1 && only ? missedOne(only) : `${missedSeveral(jobs)}${inferredNote(jobs)}`;
}

function missedOne(job: Job): string {
  const label = jobLabel(job);
  if (job.status !== 'completed')
    return t('"{0}": it failed ({1}) while this window was closed.', label, briefProblem(job));
  return job.inferred
    ? t('"{0}": the answer came while this window was closed (inferred).', label)
    : t('"{0}": the answer came while this window was closed.', label);
}

function missedSeveral(jobs: readonly Job[]): string {
  const answers = jobs.filter((job) => job.status === 'completed');
  const failed = jobs.length - answers.length;
  if (failed === 0) return t('{0} answers came while this window was closed.', answers.length);
  if (answers.length === 0) return t('{0} jobs failed while this window was closed.', failed);
  if (answers.length === 1) {
    return failed === 1
      ? t('1 answer came and 1 job failed while this window was closed.')
      : t('1 answer came and {0} jobs failed while this window was closed.', failed);
  }
  return failed === 1
    ? t('{0} answers came and 1 job failed while this window was closed.', answers.length)
    : t('{0} answers came and {1} jobs failed while this window was closed.', answers.length, failed);
}

/** The same for a notification: what the screen showed last is in the tooltip, and in the session's logs. */
export function briefProblem(job: Job): string {
  const said = job.message?.replace(/; its last words:[\s\S]*\)/, ')');
  const text = problemWords(job, said).replace(/\s+/g, ' ');
  const words = shortened(text, 300).replace(/\.$/, '');
  return job.inferred ? t('{0} (inferred)', words) : words;
}

let timeOfDay: Intl.DateTimeFormat | undefined;
let dayOfYear: Intl.DateTimeFormat | undefined;

/** A time of day, with the date when it isn't today. */
export function clockTime(iso: string, now = Date.now()): string {
  const at = new Date(iso);
  // Not made before: both together take 20 ms, for which the first picture of the view would wait.
  timeOfDay ??= new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  dayOfYear ??= new Intl.DateTimeFormat();
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
