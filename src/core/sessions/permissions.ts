import type { Agent, AgentEvent, Dialog, ScreenState } from '../agents/agent';
import { permissionChoices } from '../agents/choices';
import type { Decisions } from '../agents/decisions';
import { idPattern } from '../model/ids';
import type { Clock } from '../support/clock';
import { same } from './attention';

/** A dialog is drawn about 0.1 s after its receipt, and gone about 0.3 s after a decision (measured); bounds, in milliseconds. */
const drawnWithin = 3000;
const goneWithin = 3000;

type PermissionEvent = Extract<AgentEvent, { kind: 'permission' }>;

/** A permission that a receipt says is asked for. */
interface Ask {
  receipt: string;
  event: PermissionEvent;
  /** Whether its hook waits for a decision. */
  waits: boolean;
  /** Since when (monotonic clock) its dialog is on the screen, or was when that was last looked at. */
  drawnAt?: number;
  /** When it was heard of, and when it was decided, on the monotonic clock. */
  heardAt: number;
  decidedAt?: number;
  /** Whether its hook has taken the decision. */
  taken?: boolean;
}

/**
 * What a CLI asks permission for. Its hook tells of it before the dialog is drawn, and may wait for a decision; the screen
 * tells which one is being asked, and that one was answered in the terminal, which no receipt does. Several can wait at
 * once (tools that run side by side); the CLI shows their dialogs one after the other.
 */
export class Permissions {
  private list: Ask[] = [];
  private dialogSeenAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly agent: Pick<Agent, 'decisions'>,
    private readonly decisions: Decisions,
    private readonly clock: Clock,
  ) {}

  /** Notes what a receipt asks for. */
  async hear(receipt: string, event: PermissionEvent): Promise<void> {
    if (!this.agent.decisions || !idPattern.test(receipt)) return;
    if (!event.yesOrNo) return this.decisions.letGo(receipt);
    const waits = await this.decisions.waits(receipt);
    this.list.push({ receipt, event, waits, heardAt: this.clock.monotonic() });
  }

  /** What is asked for by the receipts alone: the first for which a hook waits. */
  get heard(): Dialog | undefined {
    const ask = this.list.find(isOpen);
    return ask && dialogOf(ask);
  }

  /** Whether this dialog may still stand, as far as receipts tell. */
  isOpen({ receipt }: Dialog): boolean {
    return receipt === undefined || this.list.some((ask) => ask.receipt === receipt && ask.decidedAt === undefined);
  }

  /** The dialog that stands, by the screen and the receipts together. What was asked for and is no longer is let go. */
  async standing(state: ScreenState): Promise<Dialog | undefined> {
    const screen = state.kind === 'dialog' ? state.dialog : undefined;
    if (this.list.length === 0) return screen;
    for (const ask of this.list) ask.waits &&= await this.decisions.waits(ask.receipt);
    // What hides the CLI's screen needs no answer while a hook can take one.
    if (screen && hidesScreen(screen)) return this.heard ?? screen;
    if (screen && isPermission(screen)) return this.drawn(screen);
    await this.leave((ask) => ask.drawnAt !== undefined || this.isOverdue(ask));
    return this.heard ?? screen;
  }

  /**
   * Gives the hook that waits for this dialog the choice's decision; false when none takes it. `state` is the screen's: a
   * dialog that was on it and isn't any more has been answered there. It may show another one by now: the CLI itself
   * chooses which of several it draws, and each has a hook of its own.
   */
  async decide(dialog: Dialog, choice: string, state: ScreenState): Promise<boolean> {
    await this.standing(state);
    const ask = this.list.find((one) => one.receipt === dialog.receipt);
    const text = this.agent.decisions?.[choice];
    if (!ask || !isOpen(ask) || text === undefined) return false;
    ask.decidedAt = this.clock.monotonic();
    ask.taken = false;
    ask.taken = await this.decisions.decide(ask.receipt, text);
    if (ask.taken) return true;
    ask.decidedAt = undefined;
    ask.waits = false;
    return false;
  }

  /** Lets every hook go: nothing is asked for any more. */
  leaveAll(): Promise<void> {
    return this.leave(() => true);
  }

  /** A permission's dialog is on the screen: whose it is. */
  private async drawn(screen: Dialog): Promise<Dialog | undefined> {
    this.dialogSeenAt = this.clock.monotonic();
    const own = this.askOn(screen);
    const others = this.list.filter((ask) => ask !== own);
    // What is asked for while a dialog stands can be drawn over it (measured: the CLI goes by the order of its tools).
    for (const ask of others)
      if (own && own.heardAt > (ask.drawnAt ?? Number.POSITIVE_INFINITY)) ask.drawnAt = undefined;
    await this.leave((ask) => ask !== own && (ask.drawnAt !== undefined || ask.taken === true));
    if (!own) return screen;
    own.drawnAt ??= this.dialogSeenAt;
    if (own.decidedAt === undefined) return dialogOf(own, screen);
    if (this.dialogSeenAt - own.decidedAt < goneWithin) return undefined;
    // The CLI has not taken what its hook was given.
    await this.leave((ask) => ask === own);
    return screen;
  }

  private askOn(screen: Dialog): Ask | undefined {
    const fitting = this.list.filter((ask) => holds(ask.event, screen.text));
    const decided = fitting.find((ask) => ask.decidedAt !== undefined);
    const open = fitting.filter(isOpen);
    const found = decided ?? open.find((ask) => ask.drawnAt !== undefined) ?? open[0] ?? fitting.at(-1);
    if (found) return found;
    // Words that aren't found on the screen: it is the only one that can be meant.
    const waiting = this.list.filter((ask) => isOpen(ask) && ask.drawnAt === undefined);
    return waiting.length === 1 && waiting[0]!.event.holds === undefined ? waiting[0] : undefined;
  }

  /** Whether the screen should have shown it by now. */
  private isOverdue(ask: Ask): boolean {
    const since = Math.max(ask.heardAt, this.dialogSeenAt);
    return (ask.waits || ask.decidedAt !== undefined) && this.clock.monotonic() - since >= drawnWithin;
  }

  private async leave(which: (ask: Ask) => boolean): Promise<void> {
    const left = this.list.filter(which);
    this.list = this.list.filter((ask) => !left.includes(ask));
    for (const ask of left) await this.decisions.letGo(ask.receipt);
  }
}

const isOpen = (ask: Ask): boolean => ask.waits && ask.decidedAt === undefined;

const bare = (text: string) => text.replace(/\s+/g, '');

function holds({ holds: words }: PermissionEvent, text: string): boolean {
  return words === undefined || bare(text).includes(bare(words));
}

/** A CLI asks for permission also by dialogs whose question isn't known. */
const isPermission = ({ kind, choices }: Dialog) => kind === 'permission' || (kind === 'unknown' && choices.length > 0);

const hidesScreen = ({ kind, choices }: Dialog) => kind === 'copy_mode' || (kind === 'unknown' && choices.length === 0);

/** The dialog of a request: its words are the receipt's; its keys are known once its dialog is on the screen. */
function dialogOf(ask: Ask, screen?: Dialog): Dialog {
  const keysOf = (id: string) => screen?.choices.find((choice) => choice.id === id)?.keys ?? [];
  const named = permissionChoices.map((choice) => ({ ...choice, keys: keysOf(choice.id) }));
  const unnamed = screen !== undefined && !ask.waits && named.some((choice) => choice.keys.length === 0);
  return {
    kind: 'permission',
    receipt: ask.receipt,
    isShownAs: (text) => holds(ask.event, text),
    text: ask.event.what,
    choices: unnamed ? screen.choices : named,
    stands: ({ state }) => screen !== undefined && state.kind === 'dialog' && same(state.dialog, screen),
  };
}
