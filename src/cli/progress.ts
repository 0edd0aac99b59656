import type { Job } from '../core/model/job';
import type { Waiting } from '../core/model/waiting';
import type { SessionView } from '../core/store/snapshot';
import type { Context } from './context';
import { commandFor, describeJob, note } from './print';

/** The lines that show a dialog and the commands that answer it. */
export function dialogLines(context: Pick<Context, 'dir'>, target: string, waiting: Waiting): string[] {
  const text = waiting.text.trimEnd().replace(/^/gm, '  | ');
  const answers = waiting.choices.map((c) => `  ${commandFor(context, 'answer', target, c.id)}    ${c.label}`);
  return [`${target} waits for a person (${waiting.kind}):`, text, ...answers];
}

/** Whose dialog a job waits with: a fresh job's are its own, any other's are its session's. */
export function dialogTarget(job: Pick<Job, 'job_id' | 'session_id' | 'mode'>): string {
  return job.mode === 'fresh' ? job.job_id : job.session_id;
}

/** Tells a person who waits for a job how it goes: each phase when stderr is a terminal, each dialog always. */
export class Progress {
  private lastPhase = '';
  private lastDialog = '';
  private saidPaused = false;

  constructor(
    private readonly context: Pick<Context, 'dir'>,
    private readonly detailed: boolean = process.stderr.isTTY === true,
    private readonly say: (text: string) => void = note,
  ) {}

  show(job: Job, session: Pick<SessionView, 'metadata'>): void {
    const phase = describeJob({ status: job.status, phase: job.phase });
    if (this.detailed && phase !== this.lastPhase) this.say(`${job.job_id} in ${job.session_id}: ${phase}`);
    this.lastPhase = phase;
    const held =
      job.status === 'paused' ? [job.job_id] : session.metadata.paused_at ? ['--session', job.session_id] : undefined;
    const isHeld = held !== undefined && job.status !== 'running';
    if (isHeld && !this.saidPaused) {
      const goOn = commandFor(this.context, 'resume', ...held);
      this.say(`${held.at(-1)} is paused, so ${job.job_id} does not begin. This lets it go on: ${goOn}`);
    }
    this.saidPaused = isHeld;
    const waiting = job.waiting ?? (job.mode === 'session' ? session.metadata.waiting : undefined);
    if (waiting && waiting.dialog_id !== this.lastDialog) {
      this.say(dialogLines(this.context, dialogTarget(job), waiting).join('\n'));
    }
    this.lastDialog = waiting?.dialog_id ?? '';
  }
}
