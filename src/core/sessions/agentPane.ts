import type { Agent, AgentEvent, Dialog, ScreenState } from '../agents/agent';
import { Decisions } from '../agents/decisions';
import { ReceiptFolder } from '../agents/receipts';
import type { Waiting } from '../model/waiting';
import type { LaunchLayout } from '../store/userState';
import type { Clock } from '../support/clock';
import { Emitter } from '../support/events';
import type { ProcessIdentity } from '../support/processIdentity';
import { until } from '../support/until';
import { type TmuxClient, TmuxError } from '../tmux/client';
import { type Capture, capturePane, killSession, listPanes, type Pane, type Typing, type } from '../tmux/commands';
import { Attention, same } from './attention';
import { Permissions } from './permissions';

/** What is seen in one look at a pane. `text` is all of the screen; `digest` differs when anything on it moved. */
export interface Look {
  state: ScreenState;
  text: string;
  digest: string;
}

/** How a CLI's program ended. `gone` is a pane that isn't there any more. */
export type PaneEnd = { kind: 'exited'; exit_status?: number; signal?: string } | { kind: 'gone' };

/** How long tmux may take to know how a program ended, in milliseconds. */
const statusMs = 2000;

/** After these nothing is asked for any more. */
const leaves = new Set<AgentEvent['kind']>(['finished', 'failed', 'interrupted', 'ended']);

/** A running CLI in its tmux pane: its screen, its receipts, and the only way to type into it. */
export class AgentPane {
  /** The receipts of this launch since the last `forget`, oldest first. */
  readonly events: AgentEvent[] = [];
  readonly attention: Attention;
  ended: PaneEnd | undefined;
  /** Why we ended it, in words that end a sentence "it …"; undefined when it ended otherwise. */
  endedBecause: string | undefined;
  started = false;
  /** Whether its interrupt key was pressed by us since the last line. */
  interrupted = false;
  /** What it asked permission for that was refused from here, if it has done nothing since. */
  refused: string | undefined;
  /** Its process, if it was alive when the pane was taken over. */
  program: Promise<ProcessIdentity> | undefined;
  /** The title as the last list of panes had it. */
  title = '';
  private readonly receipts: ReceiptFolder;
  private readonly permissions: Permissions;
  private readonly changed = new Emitter<void>();
  private reading: Promise<void> = Promise.resolve();
  private heardAt: number;
  /** Fires when a receipt came, the program ended, or what it waits for changed. */
  readonly onDidChange = this.changed.event;

  constructor(
    readonly agent: Agent,
    private readonly tmux: TmuxClient,
    readonly epoch: number,
    readonly at: { session: string; pane_id: string; launch_id: string },
    readonly launch: LaunchLayout,
    private readonly clock: Clock,
    earlier?: Waiting,
    /** Is told of what came as a receipt and is none. */
    say?: (message: string) => void,
  ) {
    this.heardAt = clock.monotonic();
    this.receipts = new ReceiptFolder(launch.receipts, say);
    this.permissions = new Permissions(agent, new Decisions(launch.decisions, clock), clock);
    this.attention = new Attention(clock, earlier);
    this.attention.onDidChange(() => this.changed.fire());
  }

  /** Reads what receipts came since the last time. */
  readReceipts(): Promise<void> {
    // A look that failed, such as by a full disk, is that look's alone.
    this.reading = this.reading.catch(() => undefined).then(() => this.readNewReceipts());
    return this.reading;
  }

  private async readNewReceipts(): Promise<void> {
    const payloads = await this.receipts.readNew();
    if (payloads.length === 0) return;
    const heard = payloads.map(({ id, payload }) => ({ id, event: this.agent.readReceipt(payload) }));
    for (const { event } of heard) {
      if (event?.kind === 'started') this.started = true;
      if (event?.kind === 'activity') this.refused = undefined;
      if (event) this.events.push(event);
    }
    try {
      for (const { id, event } of heard) if (event) await this.hear(id, event);
    } finally {
      this.heardAt = this.clock.monotonic();
      this.changed.fire();
    }
  }

  /** For how many milliseconds no receipt came. */
  get quietMs(): number {
    return this.clock.monotonic() - this.heardAt;
  }

  /** What a receipt says of permissions: one is asked for and shown at once, or the turn is over and none is any more. */
  private async hear(id: string, event: AgentEvent): Promise<void> {
    const { permissions, attention } = this;
    const { standing } = attention;
    if (event.kind === 'permission') await permissions.hear(id, event);
    else if (leaves.has(event.kind)) await permissions.leaveAll();
    if (this.ended) return;
    if (standing && !permissions.isOpen(standing)) attention.clear();
    if (!attention.standing && permissions.heard) attention.show(permissions.heard);
  }

  /** What the pane waits for a person with, by a look at its screen and by its receipts; undefined when it doesn't. */
  standing(look: Pick<Look, 'state'>): Promise<Dialog | undefined> {
    return this.permissions.standing(look.state);
  }

  /** Drops the receipts that were read: a new job's evidence begins here. */
  async forget(): Promise<void> {
    await this.permissions.leaveAll();
    await this.receipts.clear();
    this.events.length = 0;
  }

  /** Takes over what a list of all panes says of this one. */
  see(panes: Pane[]): void {
    if (this.ended) return;
    const own = panes.find((pane) => this.isOwn(pane));
    if (own) this.title = own.title;
    if (own && !own.dead) return;
    this.end(own ? { kind: 'exited', exit_status: own.exit_status, signal: own.signal } : { kind: 'gone' });
  }

  /** Notes that the program's process is provably gone, whatever tmux says of the pane. */
  noteGone(): void {
    if (!this.ended) this.end({ kind: 'exited' });
  }

  private end(how: PaneEnd): void {
    this.ended = how;
    this.attention.clear();
    this.changed.fire();
  }

  private isOwn({ pane_id, launch_id }: Pane): boolean {
    return pane_id === this.at.pane_id && launch_id === this.at.launch_id;
  }

  /** Asks tmux whether the program has ended; for when a call about the pane failed. */
  async checkEnd(): Promise<void> {
    this.see((await this.tmux.callIfServer(listPanes())) ?? []);
  }

  /**
   * How the program ended, once tmux knows. tmux 3.3a misses the SIGCHLD of about every third program that ends
   * (measured) and then has no exit status: the signal is given to it again. A program leaves its terminal before it is gone.
   */
  async exitStatus(): Promise<PaneEnd> {
    const { ended, clock } = this;
    if (ended?.kind !== 'exited') return { kind: 'gone' };
    const isKnown = ({ exit_status, signal }: Pick<Pane, 'exit_status' | 'signal'>) =>
      exit_status !== undefined || signal !== undefined;
    const look = async (): Promise<PaneEnd | undefined> => {
      const own = (await this.tmux.callIfServer(listPanes()))?.find((pane) => this.isOwn(pane));
      if (!own) return ended;
      if (isKnown(own)) return { kind: 'exited', exit_status: own.exit_status, signal: own.signal };
      process.kill(own.server_pid, 'SIGCHLD');
      return undefined;
    };
    if (!isKnown(ended)) {
      const waits = { clock, wake: new Emitter<void>().event, signal: new AbortController().signal };
      this.ended = (await until(look, { ...waits, pollMs: 10, limitMs: statusMs })) ?? ended;
    }
    return this.ended ?? ended;
  }

  /** Looks at the screen. Throws TmuxError when the pane is gone. */
  async look(): Promise<Look> {
    const screen = await this.tmux.call(capturePane(this.at.pane_id));
    const digest = `${screen.cursor}\n${screen.text}`;
    this.attention.noteLook(digest);
    return { state: this.read(screen), text: screen.text, digest };
  }

  private read(screen: Capture): ScreenState {
    if (screen.input_off) {
      const text = 'The input of the pane is switched off. Switch it on there (tmux select-pane -e).';
      return { kind: 'dialog', dialog: { kind: 'unknown', text, choices: [] } };
    }
    if (!screen.in_mode) return this.agent.readScreen(screen);
    // Only a person scrolls; when nobody is attached any more, the mode is left over and may be left.
    const choices = screen.attached > 0 ? [] : [{ id: 'leave', label: 'Leave copy mode', keys: leaveMode }];
    return {
      kind: 'dialog',
      dialog: {
        kind: 'copy_mode',
        text: 'The pane is in copy mode: somebody scrolled in it. Leave it there (press q).',
        choices,
      },
    };
  }

  /** The last rows of the screen that hold words, with what scrolled away; for messages and evidence. */
  async lastScreen(rows = 40): Promise<string> {
    const { text } = await this.tmux.call(capturePane(this.at.pane_id, 200));
    // tmux writes its own notice of a dead pane to the last row, far below the words of a program that said little.
    const words = text.split('\n').filter((row) => !/^[─\s]*$/.test(row) && !row.startsWith('Pane is dead'));
    return words
      .slice(-rows)
      .map((row) => row.trimEnd())
      .join('\n');
  }

  /** Types one line of text, without Enter; false when nothing was typed: the gate refused, or the pane is gone. */
  typeText(text: string): Promise<boolean> {
    this.interrupted = false;
    this.refused = undefined;
    return this.send({ text });
  }

  /** Presses named keys; false when nothing was pressed: the gate refused, or the pane is gone. */
  press(keys: string[]): Promise<boolean> {
    if (keys === this.agent.interruptKeys) this.interrupted = true;
    return this.send({ keys });
  }

  /** What tmux gave no answer to may have been typed, or is typed when it wakes: it counts as typed, and the screen shows it. */
  private async send(what: Typing): Promise<boolean> {
    try {
      return await this.tmux.call(type(this.epoch, this.at, what));
    } catch (error) {
      if (error instanceof TmuxError && error.noAnswer) return true;
      await this.checkEnd();
      if (this.ended) return false;
      throw error;
    }
  }

  /**
   * Answers a dialog with one of its choices: by the decision that its hook waits for, else by the choice's keys after
   * checking that the dialog still stands, and that none were pressed for it. False when nothing was decided and nothing pressed.
   */
  async choose(dialog: Dialog, choice: Dialog['choices'][number]): Promise<boolean> {
    const before = this.refused;
    // What the agent does about it may be heard of before the key press is known to have worked.
    if (dialog.kind === 'permission') this.refused = choice.id === 'deny' ? dialog.text : undefined;
    const chosen = await this.decideOrPress(dialog, choice);
    if (!chosen) this.refused = before;
    return chosen;
  }

  private async decideOrPress(dialog: Dialog, { id, keys }: Dialog['choices'][number]): Promise<boolean> {
    if (dialog.receipt !== undefined && (await this.permissions.decide(dialog, id, (await this.look()).state))) {
      if (this.attention.standing?.receipt === dialog.receipt) this.attention.clear();
      return true;
    }
    if (keys.length === 0 && keys !== leaveMode) return false;
    const look = await this.look();
    const { state } = look;
    const stands = dialog.stands?.(look) ?? (state.kind === 'dialog' && same(state.dialog, dialog));
    if (!stands || this.attention.wasPressed) return false;
    if (keys === leaveMode) return this.leaveCopyMode();
    // What is ours, and no dialog of the agent's, may be pressed again: it is looked at each time.
    const takeBack = state.kind === 'dialog' && !dialog.repeats ? this.attention.notePressed(look.digest) : undefined;
    const pressed = await this.press(keys);
    if (!pressed) takeBack?.();
    return pressed;
  }

  /** Leaves a copy mode that nobody looks at. */
  leaveCopyMode(): Promise<boolean> {
    return this.send({ leaveMode: true });
  }

  kill(): Promise<boolean> {
    return this.tmux.call(killSession(this.epoch, this.at.session));
  }
}

const leaveMode: string[] = [];
