import type { Agent, AgentEvent, Dialog, ScreenState } from '../agents/agent';
import { ReceiptFolder } from '../agents/receipts';
import type { Waiting } from '../model/waiting';
import type { LaunchLayout } from '../store/userState';
import type { Clock } from '../support/clock';
import { Emitter } from '../support/events';
import type { TmuxClient } from '../tmux/client';
import { type Capture, capturePane, killSession, listPanes, type Pane, type } from '../tmux/commands';
import { Attention, same } from './attention';

/** What is seen in one look at a pane. `text` is all of the screen; `digest` differs when anything on it moved. */
export interface Look {
  state: ScreenState;
  text: string;
  digest: string;
}

/** How a CLI's program ended. `gone` is a pane that isn't there any more. */
export type PaneEnd = { kind: 'exited'; exit_status?: number; signal?: string } | { kind: 'gone' };

/** A running CLI in its tmux pane: its screen, its receipts, and the only way to type into it. */
export class AgentPane {
  /** The receipts of this launch since the last `forget`, oldest first. */
  readonly events: AgentEvent[] = [];
  readonly attention: Attention;
  ended: PaneEnd | undefined;
  started = false;
  private readonly receipts: ReceiptFolder;
  private readonly changed = new Emitter<void>();
  private reading: Promise<void> = Promise.resolve();
  /** Fires when a receipt came, the program ended, or what it waits for changed. */
  readonly onDidChange = this.changed.event;

  constructor(
    readonly agent: Agent,
    private readonly tmux: TmuxClient,
    readonly epoch: number,
    readonly at: { session: string; pane_id: string; launch_id: string },
    readonly launch: LaunchLayout,
    clock: Clock,
    earlier?: Waiting,
  ) {
    this.receipts = new ReceiptFolder(launch.receipts);
    this.attention = new Attention(clock, earlier);
    this.attention.onDidChange(() => this.changed.fire());
  }

  /** Reads what receipts came since the last time. */
  readReceipts(): Promise<void> {
    this.reading = this.reading.then(async () => {
      const payloads = await this.receipts.readNew();
      for (const payload of payloads) {
        const event = this.agent.readReceipt(payload);
        if (event?.kind === 'started') this.started = true;
        if (event) this.events.push(event);
      }
      if (payloads.length > 0) this.changed.fire();
    });
    return this.reading;
  }

  /** Drops the receipts that were read: a new job's evidence begins here. */
  async forget(): Promise<void> {
    await this.receipts.clear();
    this.events.length = 0;
  }

  /** Takes over what a list of all panes says of this one. */
  see(panes: Pane[]): void {
    if (this.ended) return;
    const own = panes.find((pane) => pane.pane_id === this.at.pane_id && pane.launch_id === this.at.launch_id);
    if (own && !own.dead) return;
    this.ended = own ? { kind: 'exited', exit_status: own.exit_status, signal: own.signal } : { kind: 'gone' };
    this.attention.clear();
    this.changed.fire();
  }

  /** Asks tmux whether the program has ended; for when a call about the pane failed. */
  async checkEnd(): Promise<void> {
    this.see((await this.tmux.callIfServer(listPanes())) ?? []);
  }

  /**
   * How the program ended, once tmux knows. tmux 3.3a misses the SIGCHLD of about every third program that ends
   * (measured) and then has no exit status: the signal is given to it again.
   */
  async exitStatus(): Promise<{ exit_status?: number; signal?: string }> {
    if (this.ended?.kind !== 'exited') return {};
    for (
      let tries = 0;
      tries < 20 && this.ended.exit_status === undefined && this.ended.signal === undefined;
      tries++
    ) {
      const own = (await this.tmux.callIfServer(listPanes()))?.find((pane) => pane.pane_id === this.at.pane_id);
      if (!own) break;
      const { exit_status, signal } = own;
      this.ended = { kind: 'exited', exit_status, signal };
      if (exit_status === undefined && signal === undefined) process.kill(own.server_pid, 'SIGCHLD');
    }
    return this.ended;
  }

  /** Looks at the screen. Throws TmuxError when the pane is gone. */
  async look(): Promise<Look> {
    const screen = await this.tmux.call(capturePane(this.at.pane_id));
    return { state: this.read(screen), text: screen.text, digest: `${screen.cursor}\n${screen.text}` };
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

  /** Types one line of text, without Enter; false when the gate refused and nothing was typed. */
  typeText(text: string): Promise<boolean> {
    return this.tmux.call(type(this.epoch, this.at, { text }));
  }

  /** Presses named keys; false when the gate refused. */
  press(keys: string[]): Promise<boolean> {
    return this.tmux.call(type(this.epoch, this.at, { keys }));
  }

  /** Presses a choice's keys after checking that its dialog still stands; false when it doesn't. */
  async choose(dialog: Dialog, keys: string[]): Promise<boolean> {
    const look = await this.look();
    const { state } = look;
    const stands = dialog.stands?.(look) ?? (state.kind === 'dialog' && same(state.dialog, dialog));
    if (!stands) return false;
    return keys === leaveMode ? this.leaveCopyMode() : this.press(keys);
  }

  /** Leaves a copy mode that nobody looks at. */
  leaveCopyMode(): Promise<boolean> {
    return this.tmux.call(type(this.epoch, this.at, { leaveMode: true }));
  }

  kill(): Promise<boolean> {
    return this.tmux.call(killSession(this.epoch, this.at.session));
  }
}

const leaveMode: string[] = [];
