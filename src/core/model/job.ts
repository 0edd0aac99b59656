import * as v from 'valibot';
import { Id } from './ids';
import { Count, Time } from './values';
import { Waiting } from './waiting';

export const liveStatuses = ['pending', 'paused', 'running'] as const;
export const finalStatuses = ['completed', 'failed', 'timeout', 'cancelled'] as const;
export type LiveStatus = (typeof liveStatuses)[number];
export type FinalStatus = (typeof finalStatuses)[number];
export type JobStatus = LiveStatus | FinalStatus;

export const jobPhases = ['starting', 'sending', 'accepted', 'working', 'waiting'] as const;

export const failReasons = [
  'no_output',
  'agent_exited',
  'agent_error',
  'agent_interrupted',
  'runner_interrupted',
  'session_lost',
  'not_accepted',
  'refused',
  'invalid_request',
  'start_failed',
] as const;
export type FailReason = (typeof failReasons)[number];

/** Seconds of silence that end a job: up to a week. */
export const TimeoutSeconds = v.pipe(v.number(), v.minValue(1), v.maxValue(604_800));

/** Where a prompt's text came from; lines are 1-based and inclusive. */
export const PromptSource = v.object({
  path: v.optional(v.string()),
  language: v.optional(v.string()),
  start_line: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  end_line: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  dirty: v.optional(v.boolean()),
  git_head: v.optional(v.string()),
});
export type PromptSource = v.InferOutput<typeof PromptSource>;

/** One prompt file and the output file it must produce, as it stands in queue, history and `--json`. Paths are relative to the workspace folder. */
export const Job = v.looseObject({
  job_id: Id,
  session_id: Id,
  agent: Id,
  type: Id,
  mode: v.picklist(['session', 'fresh']),
  status: v.picklist([...liveStatuses, ...finalStatuses]),
  phase: v.optional(v.picklist(jobPhases)),
  /** While it works: the tool that the agent said last it uses, and on what. */
  activity: v.optional(v.string()),
  reason: v.optional(v.picklist(failReasons)),
  message: v.optional(v.string()),
  /**
   * Set when its agent gave no receipt of the turn's end, which was read from its screen, or told by quiet time. What we ended
   * ourselves, and a program's own end, are no such ends.
   */
  inferred: v.optional(v.boolean()),
  waiting: v.optional(Waiting),
  title: v.optional(v.string()),
  prompt_path: v.string(),
  output_path: v.string(),
  created_at: Time,
  started_at: v.optional(Time),
  accepted_at: v.optional(Time),
  finished_at: v.optional(Time),
  /** How often the instruction line was typed: never more than once. */
  attempts: Count,
  /** The prompt file's own mtime when it was written (nanoseconds since the epoch, decimal): an output may not be older. */
  prompt_mtime_ns: v.optional(v.string()),
  /** Which start of a CLI the line was typed into; its receipts are found by it. */
  launch_id: v.optional(Id),
  /** Set when the one reminder (turn ended with no output) was typed. */
  reminded_at: v.optional(Time),
  /** The CLI's own id of the turn, from its receipt; the turn's end is matched by it. */
  prompt_id: v.optional(v.string()),
  timeout_s: v.optional(TimeoutSeconds),
  retry_of: v.optional(Id),
  /** The job of the same conversation that it was queued right behind. */
  follows: v.optional(Id),
  /** Set for the moment in which it stands in this session and in that one. */
  moving_to: v.optional(Id),
  group_id: v.optional(Id),
  /** In the history: when a person picked its answer among those of its group; of several the last one counts. */
  picked_at: v.optional(Time),
  requested_by: v.optional(v.string()),
  source: v.optional(PromptSource),
  /** In the history: the claim of the runner that ended it. */
  epoch: v.optional(Count),
});
export type Job = v.InferOutput<typeof Job>;

const transitions: Record<JobStatus, readonly JobStatus[]> = {
  pending: ['running', 'paused', 'failed', 'cancelled'],
  paused: ['pending', 'failed', 'cancelled'],
  running: ['completed', 'failed', 'timeout', 'cancelled'],
  completed: [],
  failed: [],
  timeout: [],
  cancelled: [],
};

/** Whether a job may go from one status to another. */
export function canBecome(from: JobStatus, to: JobStatus): boolean {
  return transitions[from].includes(to);
}

/** Throws when a job may not go to this status: a fault of ours, never a person's. */
export function requireMove(job: Job, to: JobStatus): void {
  if (job.status !== to && !canBecome(job.status, to))
    throw new Error(`job ${job.job_id}: ${job.status} can't become ${to}`);
}

/** Whether a status is an end: such a job stands in the history and never changes again. */
export function isFinal(status: JobStatus): status is FinalStatus {
  return (finalStatuses as readonly string[]).includes(status);
}
