import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isFinal, type Job } from '../../src/core/model/job';
import { readHistory } from '../../src/core/store/history';
import type { Layout } from '../../src/core/store/layout';
import { composeAnswer } from '../../src/demo/answer';
import { summarizePrompt } from '../../src/demo/promptSummary';
import type { Strike, Struck } from './soakKiller';
import type { PlannedJob } from './soakPlan';

/** What is not as it has to be; `kind` is the column that counts it. */
export interface Problem {
  kind: 'lost' | 'doubled' | 'wrong';
  text: string;
}

/** A line of the agents' own record (DEMO_RECORD). */
interface Recorded {
  event: 'taken' | 'ended';
  line: string;
  at: number;
}

/** What happened, by all who saw it. */
export interface Story {
  layout: Layout;
  sent: ReadonlyMap<string, PlannedJob>;
  askedToCancel: ReadonlySet<string>;
  /** The sessions whose recovery a person asked for. */
  recovered: readonly string[];
  struck: readonly Struck[];
  /** The file that the agents appended to. */
  record: string;
}

/** A strike counts for what is written down this long after it (milliseconds): an end is noticed later than it happens. */
const late = 15_000;

/** Judges every job by its end, its answer, and the agents' own record. Returns what is wrong, how many ended how, and all that ended. */
export async function judgeEnds(
  story: Story,
): Promise<{ problems: Problem[]; ends: Record<string, number>; jobs: Map<string, Job> }> {
  const { layout, sent } = story;
  const problems: Problem[] = [];
  const ends: Record<string, number> = {};
  const text = await fs.readFile(story.record, 'utf8');
  const recorded = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
  const jobs = new Map<string, Job>();
  for (const id of await fs.readdir(layout.active))
    for (const job of await readHistory(layout.session(id), Number.MAX_SAFE_INTEGER)) {
      if (jobs.has(job.job_id)) problems.push({ kind: 'wrong', text: `${job.job_id} ended in two sessions` });
      if (job.session_id !== id) problems.push({ kind: 'wrong', text: `${job.job_id} is in the history of ${id}` });
      jobs.set(job.job_id, job);
    }
  for (const [id, planned] of sent) {
    const job = jobs.get(id);
    if (!job || !isFinal(job.status)) {
      problems.push({ kind: 'lost', text: `${id} is in no history` });
      continue;
    }
    const end = [job.status, job.reason].filter(Boolean).join(' ');
    ends[end] = (ends[end] ?? 0) + 1;
    const own = recorded.filter(({ line }) => line.startsWith(`Job ${id}:`));
    for (const problem of await judge(story, planned, job, own)) {
      const facts = JSON.stringify({ planned: { ...planned, prompt: undefined }, job, own, near: near(story, job) });
      problems.push({ ...problem, text: `${id}: ${problem.text}\n    ${facts}` });
    }
  }
  problems.push(...outOfOrder([...jobs.values()]));
  return { problems, ends, jobs };
}

async function judge(story: Story, planned: PlannedJob, job: Job, own: Recorded[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  const say = (kind: Problem['kind'], text: string) => problems.push({ kind, text });
  const taken = own.filter(({ event, line }) => event === 'taken' && line.includes('please read'));
  const reminded = own.filter(({ event, line }) => event === 'taken' && line.includes('not there yet'));
  if (taken.length > 1 || reminded.length > 1) say('doubled', `taken ${taken.length} and ${reminded.length} times`);
  if (job.session_id !== planned.session || job.mode !== planned.mode) say('wrong', 'it is another job than was sent');

  const promptFile = path.join(story.layout.workspace, job.prompt_path);
  const prompt = await fs.readFile(promptFile, 'utf8');
  if (!prompt.includes(planned.prompt.trimEnd())) say('wrong', 'its prompt is another one');
  const whole = composeAnswer(job.job_id, await summarizePrompt(promptFile));
  const answer = await fs.readFile(path.join(story.layout.workspace, job.output_path), 'utf8').catch(() => '');
  const isWhole = answer === whole && answer.includes(planned.title);
  const partly = answer !== '' && whole.startsWith(answer);
  if (answer !== '' && !isWhole && !partly) say('wrong', `its answer is another one:\n${answer}`);

  if (job.status === 'completed') {
    if (!isWhole) say('wrong', 'completed without its whole answer');
    if (taken.length === 0) say('wrong', 'completed and never taken');
  } else {
    const ended = own.some(({ event }) => event === 'ended');
    if (isWhole && ended && job.status !== 'cancelled') say('lost', 'its answer is whole and its turn ended');
    if (answer !== '' && job.status !== 'cancelled' && !job.message?.includes(job.output_path))
      say('wrong', 'its message does not name the answer that is there');
    if (!isExplained(story, planned, job, taken.length > 0)) say('wrong', 'nothing explains its end');
  }
  return problems;
}

/** Whether the plan, or a strike, is the reason of an end that isn't `completed`. */
function isExplained(story: Story, { kind }: PlannedJob, job: Job, taken: boolean): boolean {
  const strikes = near(story, job);
  const met = (...what: Strike[]) => strikes.some((one) => what.includes(one.what));
  const died = met('kill server') || strikes.some((one) => one.what === 'kill agent' && isOwn(one, job));
  const runner = met('kill runner', 'stop runner', 'kill monitor', 'stop monitor');
  if (job.status === 'cancelled') return story.askedToCancel.has(job.job_id);
  switch (job.reason) {
    case 'agent_error':
      return kind === 'error';
    // A reminder that a runner was typing when it died is not typed again by the next one.
    case 'no_output':
      return kind === 'silent' || (kind === 'reminded' && runner && !!job.message?.includes('typing a reminder'));
    case 'agent_exited':
      return kind === 'crash' || died;
    // A session may be well again when a person's request to recover it is taken.
    case 'session_lost':
      return died || (story.recovered.includes(job.session_id) && !!job.message?.includes('by Recover Session'));
    case 'start_failed':
      return died;
    // The line may stand unsent in the row of an agent that is alive, and go on then.
    case 'runner_interrupted':
      return runner && (!taken || died);
    default:
      return false;
  }
}

/** A start has no launch that its job knows of: any agent may have been its own. */
const isOwn = (one: Struck, job: Job) => job.launch_id === undefined || one.launch === job.launch_id;

/** The strikes while a job was on its way. */
function near({ struck }: Story, job: Job): Struck[] {
  const [from, to] = [Date.parse(job.started_at ?? job.created_at) - late, Date.parse(job.finished_at!)];
  return struck.filter((one) => one.to >= from && one.from <= to);
}

/** Jobs of a session are taken in the order in which they came. */
function outOfOrder(jobs: Job[]): Problem[] {
  const problems: Problem[] = [];
  const last = new Map<string, Job>();
  const taken = jobs.filter((job) => job.mode === 'session' && job.accepted_at !== undefined);
  for (const job of taken.sort((a, b) => a.accepted_at!.localeCompare(b.accepted_at!))) {
    const before = last.get(job.session_id);
    if (before && before.created_at > job.created_at)
      problems.push({ kind: 'wrong', text: `${job.job_id} was taken after ${before.job_id}, which came later` });
    last.set(job.session_id, job);
  }
  return problems;
}
