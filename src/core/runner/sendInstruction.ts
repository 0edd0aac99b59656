import type { AgentEvent, Dialog } from '../agents/agent';
import type { AgentPane, Look } from '../sessions/agentPane';
import { halfTyped, lookOrEnd } from '../sessions/settle';
import type { Settings } from '../store/settings';
import type { Clock } from '../support/clock';
import { until } from '../support/until';
import { keyWords } from '../tmux/keyWords';

/** How long one Enter may go without a receipt before the row is looked at again, in milliseconds (the receipt takes 25 ms, measured). */
const enterBound = 1000;

/** What became of typing a line. */
export type Sent =
  | { kind: 'accepted'; event: Extract<AgentEvent, { kind: 'accepted' }> }
  /** Nothing was submitted: the gate refused, or a person took the line back before Enter was pressed. */
  | { kind: 'refused' }
  | { kind: 'ended' };

export interface SendContext {
  clock: Clock;
  settings: Settings;
  signal: AbortSignal;
}

/**
 * Types a line once and submits it: the text, then, when the input row shows it and nothing else, Enter in a call of its
 * own, then the CLI's receipt. Only Enter is repeated, and only while the row still shows the line.
 */
export async function sendInstruction(
  pane: AgentPane,
  text: string,
  jobId: string,
  context: SendContext,
): Promise<Sent> {
  const from = pane.events.length;
  if (!(await pane.typeText(text))) return { kind: 'refused' };
  return submit(pane, text, jobId, from, context);
}

/**
 * Goes on with a line that an earlier runner may have typed, and never types it again: its receipt, after the event at index
 * `from`, may be on its way, or the input row holds exactly it, unsent. Undefined when neither is seen.
 */
export async function goOnSending(
  pane: AgentPane,
  text: string,
  jobId: string,
  context: SendContext,
  from = 0,
): Promise<Sent | undefined> {
  const { clock, signal, settings } = context;
  const found = await until<Sent | 'unsent'>(
    async () => {
      await pane.readReceipts();
      const event = acceptedIn(pane, from, jobId);
      if (event) return { kind: 'accepted', event };
      const look = await lookOrEnd(pane);
      if (pane.ended) return { kind: 'ended' };
      return look?.state.kind === 'typed' && sameLine(look.state.text, text) ? 'unsent' : undefined;
    },
    { clock, signal, wake: pane.onDidChange, pollMs: 50, limitMs: settings.accept_timeout_s * 1000 },
  );
  return found === 'unsent' ? submit(pane, text, jobId, from, context) : found;
}

async function submit(
  pane: AgentPane,
  text: string,
  jobId: string,
  from: number,
  { clock, settings, signal }: SendContext,
): Promise<Sent> {
  const limit = settings.accept_timeout_s * 1000;
  const waits = { clock, signal, wake: pane.onDidChange };
  let typed: Look | undefined;
  await until(
    async () => {
      typed = await lookOrEnd(pane);
      return pane.ended || rowOf(typed, pane, text) !== 'other' ? true : undefined;
    },
    { ...waits, pollMs: 2, limitMs: limit },
  );
  const proof: Proof = <T>(pollMs: number, limitMs?: number, otherwise?: () => Promise<Sent | T | undefined>) =>
    until<Sent | T>(
      async () => {
        await pane.readReceipts();
        const event = acceptedIn(pane, from, jobId) ?? (await movedOn(pane, typed, jobId));
        if (event) return { kind: 'accepted', event };
        return pane.ended ? { kind: 'ended' } : otherwise?.();
      },
      { ...waits, pollMs, limitMs },
    );
  let presses = 0;
  for (let look = typed; presses < pane.agent.enterTries; ) {
    // Somebody may have typed at the same time, or a dialog have come up, which Enter would answer.
    if (rowOf(look, pane, text) !== 'own') break;
    // Refused: somebody scrolled in the meantime, or the program ended; the line stands there, and attention is asked for below.
    if (!(await pane.press(pane.agent.submitKeys))) break;
    presses++;
    const sent = await proof(100, enterBound);
    if (sent) return sent;
    // A tmux that hangs may not have taken the Enter either: the row shows it, when it can be seen again.
    const seen = await proof(50, undefined, () => lookOrEnd(pane));
    if (!seen || 'kind' in seen) return seen ?? { kind: 'ended' };
    look = seen;
  }
  const late = presses > 0 ? await proof(100, limit) : undefined;
  return late ?? askForAttention(pane, text, { jobId, clock, proof, typed, submitted: presses > 0 });
}

/** Looks for the acceptance of a line, or the end of its program, or what `otherwise` gives. */
type Proof = <T = never>(
  pollMs: number,
  limitMs?: number,
  otherwise?: () => Promise<Sent | T | undefined>,
) => Promise<Sent | T | undefined>;

/**
 * Shows what stands between the line and its acceptance; goes on when a person's Enter, or the named choice, brings the
 * receipt. A line that was never submitted and that a person took back may be typed anew.
 */
async function askForAttention(
  pane: AgentPane,
  line: string,
  context: { jobId: string; clock: Clock; proof: Proof; typed: Look | undefined; submitted: boolean },
): Promise<Sent> {
  const { jobId, clock, proof, typed } = context;
  let { submitted } = context;
  const notAccepted: Dialog = {
    kind: 'not_accepted',
    text: `The instruction of job ${jobId} was typed, and ${pane.agent.title} has not taken it. It is not typed again.`,
    choices: [{ id: 'enter', label: `Press ${keyWords(pane.agent.submitKeys)} again`, keys: pane.agent.submitKeys }],
    stands: (look) => rowOf(look, pane, line) === 'own',
  };
  let emptySince: number | undefined;
  // A program that stands still has not read the line yet: its row is empty, and the line is on its way all the same.
  let moved = rowOf(typed, pane, line) !== 'other';
  const look = async (): Promise<Sent | undefined> => {
    const seen = await lookOrEnd(pane);
    if (!seen) return undefined;
    const { state } = seen;
    const dialog = await pane.standing(seen);
    // Only a CLI with receipts says by its screen that the row is empty.
    moved ||= seen.digest !== typed?.digest;
    const empty = state.kind === 'ready' && pane.agent.receipts && !submitted && moved;
    emptySince = empty ? (emptySince ?? clock.monotonic()) : undefined;
    // A person's own Enter empties the row, too: its receipt has this long to come.
    if (emptySince !== undefined && clock.monotonic() - emptySince >= enterBound) return { kind: 'refused' };
    if (!submitted && rowOf(seen, pane, line) === 'own') {
      // What stood in the way is gone: the line may go its way.
      submitted = await pane.press(pane.agent.submitKeys);
      pane.attention.clear();
    } else if (dialog) pane.attention.show(dialog);
    else if (state.kind === 'typed' && rowOf(seen, pane, line) !== 'own')
      pane.attention.show(halfTyped(pane, state.text));
    else if (emptySince !== undefined) pane.attention.clear();
    else pane.attention.show(notAccepted);
    return undefined;
  };
  try {
    // With no limit, only an acceptance, an end or an abort ends the wait.
    return (await proof(250, undefined, look)) ?? { kind: 'ended' };
  } finally {
    pane.attention.clear();
  }
}

/** Whether an input row's text is this line, however the CLI wrapped it: at words, or in the middle of one. */
export function sameLine(row: string, line: string): boolean {
  return bare(row) === bare(line);
}

const bare = (text: string) => text.replace(/\s+/g, '');

/** What the input row holds: our line, our line with somebody's text beside it, or something else (also a part of it, while it is drawn). */
function rowOf(
  look: Pick<Look, 'state' | 'text'> | undefined,
  pane: AgentPane,
  line: string,
): 'own' | 'merged' | 'other' {
  if (look?.state.kind === 'typed') {
    if (sameLine(look.state.text, line)) return 'own';
    return bare(look.state.text).includes(bare(line)) ? 'merged' : 'other';
  }
  // Of a CLI whose input row we can't tell, the screen's end must do.
  const tail = () => bare(look?.text.trimEnd().split('\n').slice(-12).join('') ?? '');
  return !pane.agent.receipts && tail().includes(bare(line.slice(0, line.indexOf(':') + 1))) ? 'own' : 'other';
}

/** The receipt that the CLI took this job's line, after the event at index `from`. */
function acceptedIn(pane: AgentPane, from: number, jobId: string) {
  return pane.events.slice(from).find((event) => event.kind === 'accepted' && event.prompt.includes(`Job ${jobId}:`)) as
    | Extract<AgentEvent, { kind: 'accepted' }>
    | undefined;
}

/** The newest receipt that the CLI took a line of this job: the instruction, or the reminder after it. */
export function lastAcceptance(pane: AgentPane, jobId: string) {
  const at = pane.events.findLastIndex((event) => event.kind === 'accepted' && event.prompt.includes(`Job ${jobId}:`));
  return at < 0 ? undefined : acceptedIn(pane, at, jobId);
}

/** Without receipts: a screen that moved after Enter is taken as the line's acceptance. */
async function movedOn(pane: AgentPane, typed: Look | undefined, jobId: string) {
  if (pane.agent.receipts || !typed) return undefined;
  const now = await lookOrEnd(pane);
  if (!now || now.digest === typed.digest) return undefined;
  return { kind: 'accepted' as const, promptId: '', prompt: `Job ${jobId}:`, conversationId: '' };
}
