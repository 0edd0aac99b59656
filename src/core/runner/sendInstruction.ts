import type { AgentEvent } from '../agents/agent';
import type { AgentPane, Look } from '../sessions/agentPane';
import { lookOrEnd } from '../sessions/settle';
import type { Settings } from '../store/settings';
import type { Clock } from '../support/clock';
import { until } from '../support/until';

/** How long one Enter may go without a receipt before the row is looked at again, in milliseconds (the receipt takes 25 ms, measured). */
const enterBound = 1000;

/** What became of typing a line. */
export type Sent =
  | { kind: 'accepted'; event: Extract<AgentEvent, { kind: 'accepted' }> }
  /** The gate refused: nothing was typed. */
  | { kind: 'refused' }
  | { kind: 'ended' };

export interface SendContext {
  clock: Clock;
  settings: Settings;
  signal: AbortSignal;
}

/**
 * Types a line once and submits it: the text, then, when the input row shows it, Enter in a call of its own, then the
 * CLI's receipt. Only Enter is repeated, and only while the row still shows the line. The text is never typed again.
 */
export async function sendInstruction(
  pane: AgentPane,
  text: string,
  jobId: string,
  context: SendContext,
): Promise<Sent> {
  const { clock, settings, signal } = context;
  const limit = settings.accept_timeout_s * 1000;
  const waits = { clock, signal, wake: pane.onDidChange };
  const from = pane.events.length;
  if (!(await pane.typeText(text))) return { kind: 'refused' };
  let typed: Look | undefined;
  await until(
    async () => {
      typed = await lookOrEnd(pane);
      return pane.ended || (typed && shows(typed, pane, jobId)) ? true : undefined;
    },
    { ...waits, pollMs: 10, limitMs: limit },
  );
  const receipt = () => acceptedIn(pane, from, jobId);
  const proof = async (pollMs: number, limitMs?: number) =>
    until<Sent>(
      async () => {
        await pane.readReceipts();
        const event = receipt() ?? (await movedOn(pane, typed, jobId));
        if (event) return { kind: 'accepted', event };
        return pane.ended ? { kind: 'ended' } : undefined;
      },
      { ...waits, pollMs, limitMs },
    );
  for (let press = 0; press < pane.agent.enterTries && !pane.ended; press++) {
    if (press > 0) {
      const look = await lookOrEnd(pane);
      if (!look || !shows(look, pane, jobId)) break;
    }
    // Refused: somebody scrolled in the meantime, or the program ended; the line stands there, and attention is asked for below.
    if (!(await pane.press(['Enter']))) break;
    const sent = await proof(100, enterBound);
    if (sent) return sent;
  }
  const late = await proof(100, limit);
  return late ?? askForAttention(pane, jobId, proof);
}

/** Shows that the line was typed and not taken; goes on when a person's Enter, or the named choice, brings the receipt. */
async function askForAttention(
  pane: AgentPane,
  jobId: string,
  proof: (pollMs: number) => Promise<Sent | undefined>,
): Promise<Sent> {
  const text = `The instruction of job ${jobId} was typed, and ${pane.agent.title} has not taken it. It is not typed again.`;
  pane.attention.show({
    kind: 'not_accepted',
    text,
    choices: [{ id: 'enter', label: 'Press Enter again', keys: ['Enter'] }],
    stands: (look) => shows(look, pane, jobId),
  });
  try {
    // With no limit, only an acceptance, an end or an abort ends the wait.
    return (await proof(250)) ?? { kind: 'ended' };
  } finally {
    pane.attention.clear();
  }
}

/** Whether the input row (or, of a CLI whose row we can't tell, the screen's end) holds this job's line. */
export function shows(look: Pick<Look, 'state' | 'text'>, pane: AgentPane, jobId: string): boolean {
  // Long lines are wrapped by the CLI itself, at words or in the middle of one.
  const within = (text: string) => text.replace(/\s+/g, '').includes(`Job${jobId}:`);
  if (look.state.kind === 'typed') return within(look.state.text);
  return !pane.agent.receipts && within(look.text.trimEnd().split('\n').slice(-12).join(''));
}

/** The receipt that the CLI took this job's line, after the event at index `from`. */
export function acceptedIn(pane: AgentPane, from: number, jobId: string) {
  return pane.events.slice(from).find((event) => event.kind === 'accepted' && event.prompt.includes(`Job ${jobId}:`)) as
    | Extract<AgentEvent, { kind: 'accepted' }>
    | undefined;
}

/** Without receipts: a screen that moved after Enter is taken as the line's acceptance. */
async function movedOn(pane: AgentPane, typed: Look | undefined, jobId: string) {
  if (pane.agent.receipts || !typed) return undefined;
  const now = await lookOrEnd(pane);
  if (!now || now.digest === typed.digest) return undefined;
  return { kind: 'accepted' as const, promptId: '', prompt: `Job ${jobId}:`, conversationId: '' };
}
