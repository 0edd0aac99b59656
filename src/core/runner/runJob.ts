import type { AgentPane } from '../sessions/agentPane';
import { settle } from '../sessions/settle';
import { endedAtStart, endOf, startOften } from '../sessions/startOften';
import { isoTime } from '../support/clock';
import { isSuperseded, messageOf } from '../support/errors';
import { shortened } from '../support/shortened';
import { Throttled } from '../support/throttled';
import { Aborted } from '../support/until';
import { instructionFor, reminderFor } from './instruction';
import type { JobRun, Outcome, StopReason } from './jobRun';
import { keepLastMessage } from './lastMessage';
import { settledOutput } from './output';
import { goOnSending, lastAcceptance, type Sent, sameLine, sendInstruction } from './sendInstruction';
import { takeEdits } from './updatePrompt';
import { watchTurn } from './watchTurn';

/**
 * A job's whole way, in one direction: pane ready → line typed → accepted → turn watched → output checked → end.
 * A job that an earlier runner began goes on from where the evidence says it is; nothing is typed twice.
 */
export async function runJob(run: JobRun): Promise<void> {
  let outcome: Outcome;
  try {
    // As after a crash, it goes on from where the evidence says it is.
    outcome = await run.whileRefused(() => execute(run));
  } catch (error) {
    if (isSuperseded(error)) return;
    if (error instanceof Aborted) {
      const why = error.reason as StopReason;
      if (why.kind === 'runner') return;
      await interrupt(run);
      outcome = { status: 'cancelled', message: why.message };
    } else {
      run.context.log.error(`${run.job.job_id}: failed`, error);
      outcome = { status: 'failed', reason: 'session_lost', message: messageOf(error) };
    }
  }
  await run.finish(outcome);
  await run.giveBack(turnEnded(outcome));
}

/** Whether the CLI itself said that the turn is over, so that it takes the next line as soon as its row is back. */
function turnEnded({ status, reason }: Outcome): boolean {
  return status === 'completed' || reason === 'no_output' || reason === 'agent_error' || reason === 'refused';
}

async function execute(run: JobRun): Promise<Outcome> {
  const accepted = run.job.attempts > 0 ? await findAcceptance(run) : await sendToReadyPane(run);
  if ('status' in accepted) return accepted;
  let turn = await followTurn(run, accepted.promptId);
  let unreminded = '';
  // A command was typed in place of our line: once more, it would be done twice.
  if (turn.kind === 'none' && !accepted.reminded && !run.pane?.agent.instruction) {
    const again = await remind(run, turn.inferred);
    if (again && 'status' in again) return again;
    if (again) turn = await followTurn(run, again.promptId);
    else unreminded = ' The program that ran this job ended while it was typing a reminder, which was not sent again.';
  }
  if (turn.kind === 'outcome') return turn.outcome;
  const kept = await keepLastMessage(run, turn.message);
  const message = `The turn ended and left no answer file.${unreminded}${kept}`;
  return { status: 'failed', reason: 'no_output', message, inferred: turn.inferred };
}

/** `reminded` is set when what was accepted is the reminder. */
type Accepted = { promptId: string; reminded?: boolean };

/** Refusals in a row that are no longer a matter of the moment. */
const mostRefusals = 5;

/** Gets a pane that takes input and types the instruction there, once. A pane that ends before that is replaced once. */
async function sendToReadyPane(run: JobRun): Promise<Accepted | Outcome> {
  const { context } = run;
  run.step('starting', { started_at: run.job.started_at ?? isoTime(context.clock.now()) });
  let refusals = 0;
  for (let replaced = 0; ; ) {
    let pane: AgentPane;
    try {
      pane = await acquirePane(run);
    } catch (error) {
      if (error instanceof Aborted) throw error;
      return { status: 'failed', reason: 'start_failed', message: messageOf(error) };
    }
    run.setPane(pane);
    const settled = await settle(pane, { ...context, signal: run.signal, starting: false });
    if (settled === 'ended') {
      if (replaced++ > 0 || run.isFresh) return exited(pane);
      continue;
    }
    const wrong = await takeEdits(context, run.session, run.job);
    if (wrong) return { status: 'failed', reason: 'refused', message: `${wrong} Nothing was sent.` };
    // Written before a key is pressed: after a crash from here on, the line is never typed again.
    run.step('sending', { attempts: 1, launch_id: pane.at.launch_id });
    await Promise.all([run.whileRefused(() => pane.forget()), run.queueWritten()]);
    const sent = await sendInstruction(pane, instructionFor(run.job, pane.agent.instruction), run.job.job_id, {
      ...context,
      signal: run.signal,
    });
    if (sent.kind === 'accepted') return noteAcceptance(run, sent.event.promptId, sent.event.conversationId);
    if (sent.kind === 'ended') return exited(pane);
    // Nothing was submitted, so it may be typed anew.
    await context.guard();
    await pane.checkEnd();
    if (pane.ended && run.isFresh) return exited(pane);
    run.step('starting', { attempts: 0, launch_id: undefined });
    if (++refusals >= mostRefusals && !pane.ended) {
      const message = `tmux took no line for ${pane.agent.title}, ${refusals} times, though its pane looks ready. Nothing was sent.`;
      return { status: 'failed', reason: 'refused', message };
    }
  }
}

async function acquirePane(run: JobRun): Promise<AgentPane> {
  const { context, session } = run;
  if (!run.isFresh) return run.whileStarting(context.ensureStarted(session));
  if (run.pane && !run.pane.ended) return run.pane;
  return startOften(
    () => startFresh(run),
    (message) => session.log('info', `${run.job.job_id}: ${message}`),
  );
}

async function startFresh(run: JobRun): Promise<AgentPane> {
  const { context, session } = run;
  const { agent, subagent } = session.metadata;
  const pane = await context.launcher.launch(
    context.launcher.agent(run.job.agent),
    session.files,
    run.freshName,
    run.job.agent === agent ? { subagent } : {},
  );
  run.setPane(pane);
  const settled = await settle(pane, { ...context, signal: run.signal, starting: true });
  if (settled !== 'ended') return pane;
  const ended = await endedAtStart(pane);
  await context.launcher.discard(pane);
  throw ended;
}

function noteAcceptance(run: JobRun, promptId: string, conversationId: string): Accepted {
  const when = run.pane?.agent.receipts ? 'soon' : 'now';
  run.step('accepted', { accepted_at: isoTime(run.context.clock.now()), prompt_id: promptId }, when);
  if (!run.isFresh && !run.pane?.ended) run.session.rest('busy');
  if (!run.isFresh) noteTurn(run, conversationId);
  return { promptId };
}

/** A turn that the CLI took: its conversation is the one to come back to. What a start had to say was there to be read before this job. */
function noteTurn({ session, job }: JobRun, conversationId: string): void {
  session.noteConversation(conversationId);
  const { notice, ready_at } = session.metadata;
  if (notice !== undefined && (job.started_at ?? '') > (ready_at ?? '')) session.patch({ notice: undefined });
}

/** For a job whose line an earlier runner was typing: only its receipt, or the line itself standing unsent, lets it go on. */
async function findAcceptance(run: JobRun): Promise<Accepted | Outcome> {
  const pane = run.pane;
  if (!pane) return interruptedRunner('its session is gone');
  await pane.readReceipts();
  const event = lastAcceptance(pane, run.job.job_id);
  if (run.job.accepted_at) {
    const reminded = event ? sameLine(event.prompt, reminderFor(run.job)) : run.job.reminded_at !== undefined;
    return { promptId: event?.promptId ?? run.job.prompt_id ?? '', reminded };
  }
  if (event) return noteAcceptance(run, event.promptId, event.conversationId);
  const sent = pane.ended
    ? undefined
    : await goOnSending(pane, instructionFor(run.job, pane.agent.instruction), run.job.job_id, {
        ...run.context,
        signal: run.signal,
      });
  if (sent?.kind === 'accepted') return noteAcceptance(run, sent.event.promptId, sent.event.conversationId);
  // A program that stands still shows the line only when it goes on.
  run.willTakeBack(pane, 'line');
  return interruptedRunner('no receipt of the agent says that it took the line');
}

function interruptedRunner(why: string): Outcome {
  const message = `The program that ran this job ended while it was typing, and ${why}. It was not sent again; run it again if its work is not there.`;
  return { status: 'failed', reason: 'runner_interrupted', message };
}

/** How often the tool that the agent uses is written at most, in milliseconds: each time is a write of the queue. */
const activityEvery = 1000;

type Followed = { kind: 'none'; message: string; inferred?: true } | { kind: 'outcome'; outcome: Outcome };

/** Watches a turn to its end and says what it came to; `none` is a turn that ended well and left no output. */
async function followTurn(run: JobRun, promptId: string): Promise<Followed> {
  const { context, job } = run;
  const pane = run.pane!;
  const shown = new Throttled<string>(context.clock, activityEvery, (activity) =>
    run.step('working', { activity }, 'soon'),
  );
  const watched = watchTurn(pane, {
    ...context,
    signal: run.signal,
    timeoutS: job.timeout_s ?? context.settings.job_timeout_s,
    promptId,
    startedAt: run.startedAt,
    output: () => run.output(),
    onActivity: (what) => {
      run.session.log('info', `${job.job_id}: ${what}`);
      shown.set(what);
    },
  });
  const end = await watched.finally(() => shown.dispose());
  const inferred = 'inferred' in end ? end.inferred : undefined;
  const outcome = (value: Outcome): Followed => ({ kind: 'outcome', outcome: { ...value, inferred } });
  const present = async () =>
    (await run.output()).kind === 'there' ? ` What it wrote so far is kept in ${job.output_path}.` : '';
  switch (end.kind) {
    case 'finished': {
      const output = await settledOutput(
        () => run.output(),
        pane.agent.receipts ? pane.agent.quietMs : 0,
        context.clock,
      );
      if (output.kind === 'there') return outcome({ status: 'completed' });
      if (output.kind === 'refused')
        return outcome({ status: 'failed', reason: 'refused', message: `The output was not taken: ${output.why}.` });
      return { kind: 'none', message: end.message, inferred };
    }
    case 'failed':
      return outcome({
        status: 'failed',
        reason: 'agent_error',
        message: `${pane.agent.title}: ${end.message}${await present()}`,
      });
    case 'ended':
      return outcome({ ...(await exited(pane)), message: `${(await exited(pane)).message}${await present()}` });
    case 'interrupted':
      return outcome({
        status: 'failed',
        reason: 'agent_interrupted',
        message: `${whyInterrupted(pane)}${end.message ? ` ${pane.agent.title}: ${end.message}` : ''}${await present()}`,
      });
    case 'timeout':
      await interrupt(run);
      return outcome({ status: 'timeout', message: `${end.message} It was interrupted.${await present()}` });
  }
}

function whyInterrupted({ refused }: AgentPane): string {
  if (refused === undefined) return 'The turn was interrupted in the terminal.';
  return `You refused a permission, which ended the turn: ${shortened(refused.replace(/\s+/g, ' '), 200)}.`;
}

/** Says once that the answer file isn't there yet; undefined when an earlier runner may have said so, and nothing proves it. */
async function remind(run: JobRun, inferred: true | undefined): Promise<Accepted | Outcome | undefined> {
  const pane = run.pane!;
  const sent = run.job.reminded_at ? await goOnReminding(run, pane) : await typeReminder(run, pane);
  if (!sent) return undefined;
  if (sent.kind === 'refused') {
    return {
      status: 'failed',
      reason: 'no_output',
      message: 'The turn ended and left no answer file, and the pane took no reminder.',
      inferred,
    };
  }
  if (sent.kind === 'ended') return exited(pane);
  run.step('accepted', { prompt_id: sent.event.promptId });
  return { promptId: sent.event.promptId };
}

async function typeReminder(run: JobRun, pane: AgentPane): Promise<Sent> {
  const context = { ...run.context, signal: run.signal };
  if ((await settle(pane, { ...context, starting: false })) === 'ended') return { kind: 'ended' };
  run.step('sending', { reminded_at: isoTime(run.context.clock.now()) });
  await run.queueWritten();
  return sendInstruction(pane, reminderFor(run.job), run.job.job_id, context);
}

/** For a reminder that an earlier runner was typing. */
async function goOnReminding(run: JobRun, pane: AgentPane): Promise<Sent | undefined> {
  if (pane.ended) return { kind: 'ended' };
  const { job, context, signal } = run;
  const from = pane.events.findIndex((event) => event.kind === 'accepted' && event.promptId === job.prompt_id) + 1;
  const sent = await goOnSending(pane, reminderFor(job), job.job_id, { ...context, signal }, from);
  if (!sent) run.willTakeBack(pane, 'line');
  return sent;
}

async function exited(pane: AgentPane): Promise<Outcome> {
  const lost = pane.ended?.kind === 'gone';
  const message = `${pane.agent.title} ended (${await endOf(pane)}).`;
  return { status: 'failed', reason: lost ? 'session_lost' : 'agent_exited', message };
}

/** Interrupts a turn that runs, or takes back our own line that stands unsent; giving the pane back sees that it came to that. */
async function interrupt(run: JobRun): Promise<void> {
  const { pane, job, context } = run;
  if (!pane || pane.ended || job.attempts === 0 || run.isFresh) return;
  try {
    await run.willTakeBack(pane)(await pane.look());
  } catch (error) {
    context.log.warn(`${job.job_id}: the agent could not be interrupted: ${messageOf(error)}`);
  }
}
