import { isFinal, type Job } from '../../core/model/job';
import { translated } from '../coreWords';
import { t } from '../l10n';
import { clockTime, duration, inferredWords, jobLabel, jobProblem, jobState } from '../words';
import type { Beginning } from './answerFiles';

/** What the buttons and links of a job's page do. */
export const pageActions = [
  'openPrompt',
  'openAnswer',
  'openSource',
  'showScreen',
  'cancel',
  'sendAgain',
  'sendToAnother',
  'compare',
  'insert',
  'replace',
  'copyPath',
] as const;
export type PageAction = (typeof pageActions)[number];

/** A job's page as data; the page shows each text as it is, and makes no link or markup of it. */
export interface JobPage {
  /** What finds the job again after a reload. */
  state: { folder: string; job_id: string };
  title: string;
  status: string;
  tone: 'good' | 'bad' | 'active' | 'attention' | 'faint';
  /** Why it ended as it did, or what it waits for. */
  reason?: string;
  facts: { name: string; value: string; action?: PageAction }[];
  /** `after` is the time since the step before. */
  steps: { name: string; time: string; after?: string }[];
  prompt: PagePart;
  answer: PagePart;
  buttons: { action: PageAction; label: string }[];
  /** What stands on every page. */
  words: { prompt: string; answer: string; steps: string; actions: string; cut: string };
}

/** A text, or why there is none. */
export type PagePart = { text: string; cut: boolean; path: string } | { none: string; path: string };

/** What a page is made of. */
export interface PageSource {
  job: Job;
  folder: string;
  session: string;
  prompt: Beginning | { none: string };
  answer: Beginning | { none: string };
}

/** The page of a job as it stands. */
export function jobPage({ job, folder, session, prompt, answer }: PageSource): JobPage {
  return {
    state: { folder, job_id: job.job_id },
    title: jobLabel(job),
    status: jobState(job),
    tone: toneOf(job),
    reason: reasonOf(job),
    facts: factsOf(job, session),
    steps: stepsOf(job),
    prompt: { ...prompt, path: job.prompt_path },
    answer: { ...answer, path: job.output_path },
    buttons: buttonsOf(job),
    words: {
      prompt: t('Prompt'),
      answer: t('Answer'),
      steps: t('Steps'),
      actions: t('What can be done with this job'),
      cut: t('It goes on. Open it to read all of it.'),
    },
  };
}

function toneOf({ status, phase }: Job): JobPage['tone'] {
  if (status === 'completed') return 'good';
  if (status === 'failed' || status === 'timeout') return 'bad';
  if (status === 'running') return phase === 'waiting' ? 'attention' : 'active';
  return 'faint';
}

function reasonOf(job: Job): string | undefined {
  if (job.status === 'failed' || job.status === 'timeout') return jobProblem(job);
  return translated(job.waiting?.text ?? job.message);
}

function factsOf(job: Job, session: string): JobPage['facts'] {
  const inferred = inferredWords(job);
  const { path, start_line: from, end_line: to, dirty, git_head } = job.source ?? {};
  const lines = from === undefined ? '' : to === undefined || to === from ? `:${from}` : `:${from}-${to}`;
  return [
    { name: t('Session'), value: `${session} · ${job.agent}` },
    ...(inferred === undefined ? [] : [{ name: t('Inferred'), value: inferred }]),
    ...(path === undefined ? [] : [{ name: t('From'), value: `${path}${lines}`, action: 'openSource' as const }]),
    ...(dirty ? [{ name: t('Text'), value: t('with changes that were not saved') }] : []),
    ...(git_head === undefined ? [] : [{ name: 'Git', value: git_head.slice(0, 12) }]),
    ...(job.retry_of === undefined ? [] : [{ name: t('Sent again, of'), value: job.retry_of }]),
    { name: t('Job'), value: job.job_id },
  ];
}

/** The times that a job went through, in their order. */
function stepsOf(job: Job): JobPage['steps'] {
  const last = isFinal(job.status) ? capital(jobState(job)) : t('Ended');
  const times: [string, string | undefined][] = [
    [t('Sent'), job.created_at],
    [t('Started'), job.started_at],
    [t('Accepted'), job.accepted_at],
    [t('Reminded'), job.reminded_at],
    [last, job.finished_at],
  ];
  const there = times.filter((one): one is [string, string] => one[1] !== undefined);
  return there.map(([name, at], index) => {
    const before = there[index - 1]?.[1];
    return { name, time: clockTime(at), ...(before === undefined ? {} : { after: duration(before, at) }) };
  });
}

function buttonsOf(job: Job): JobPage['buttons'] {
  const completed = job.status === 'completed';
  const fromFile = job.source?.path !== undefined;
  const all: [PageAction, string, boolean][] = [
    ['openAnswer', t('Open Answer'), completed],
    ['openPrompt', t('Open Prompt'), true],
    ['showScreen', t('Show Screen'), !isFinal(job.status)],
    ['cancel', t('Cancel'), !isFinal(job.status)],
    ['sendAgain', t('Send Again'), isFinal(job.status)],
    ['sendToAnother', t('Send to Another Session…'), true],
    ['compare', t('Compare with…'), completed],
    ['insert', t('Insert Answer…'), completed && fromFile],
    ['replace', t('Replace Selection with Answer…'), completed && fromFile],
    ['copyPath', t('Copy Path'), completed],
  ];
  return all.filter(([, , fits]) => fits).map(([action, label]) => ({ action, label }));
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
