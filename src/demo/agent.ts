import { setTimeout as delay } from 'node:timers/promises';
import { ChoiceDialog } from './choiceDialog';
import type { Key } from './keys';
import { type EditorFaults, LineEditor } from './lineEditor';
import type { Modes } from './modes';
import type { WriteReceipt } from './receipts';
import type { Screen } from './screen';
import { Turn, type TurnHost } from './turn';

/** What the Demo agent is made of. */
export interface AgentParts {
  cwd: string;
  modes: Modes;
  source: 'startup' | 'resume';
  screen: Screen;
  receipt: WriteReceipt;
  /** Ends the process at once, as a crash does. */
  exit(code: number): never;
}

interface OpenDialog {
  dialog: ChoiceDialog;
  choose(index: number): void;
}

const banner = [
  '\x1b[1mTmux Courier Demo agent\x1b[0m',
  'A demo: it computes its answers from your prompt. No model and no account is behind it.',
  'Esc interrupts a turn; /exit, Ctrl-D or Ctrl-C twice leaves.',
  '',
];

/** The interactive program: what it shows, and what each key does in each state. */
export class DemoAgent {
  private readonly editor: LineEditor;
  private readonly promptOf = new Map<string, string>();
  private open: OpenDialog | undefined;
  private turn: { abort: AbortController; frozen: boolean } | undefined;
  /** Keys typed while a turn runs; they count when it has ended. */
  private typedAhead: Key[] = [];
  private started = false;
  private inputOver = false;
  private finish: (code: number) => void = () => {};

  constructor(private readonly parts: AgentParts) {
    const faults: EditorFaults = {
      swallowEnter: parts.modes.has('swallow-enter'),
      ignoreEnter: parts.modes.has('ignore-enter'),
    };
    this.editor = new LineEditor(faults);
  }

  /** Runs until the person leaves; resolves with the exit code. */
  async run(): Promise<number> {
    const { screen, modes } = this.parts;
    const finished = new Promise<number>((resolve) => {
      this.finish = resolve;
    });
    for (const line of banner) screen.print(line);
    if (modes.has('trust')) {
      const question = 'Is this a project you created or one you trust?';
      const answer = this.ask(new ChoiceDialog(question, ['Yes, I trust this folder', 'No, exit']));
      const code = await Promise.race([answer, finished]);
      if (code !== 0) return code;
    }
    this.parts.receipt({ hook_event_name: 'SessionStart', source: this.parts.source });
    this.started = true;
    this.settle();
    const code = await finished;
    screen.show([]);
    return code;
  }

  /** Takes the keys of one read. */
  press(keys: readonly Key[]): void {
    for (const key of keys) this.pressOne(key);
    this.showInput();
  }

  /** Ends when input is over: at once when a terminal is gone, after the running turn and what was typed for a pipe. */
  close(gone: boolean): void {
    this.inputOver = true;
    if (!this.started) this.open?.choose(1);
    else if (gone || !this.turn) this.leave('other');
  }

  /** Leaves with a SessionEnd receipt. */
  leave(reason: string, code = 0): void {
    if (this.started) this.parts.receipt({ hook_event_name: 'SessionEnd', reason });
    this.started = false;
    this.finish(code);
  }

  private pressOne(key: Key): void {
    const interrupts = key.type === 'interrupt' || (key.type === 'escape' && !this.open);
    if (this.turn?.frozen) {
      if (key.type === 'escape') this.turn.abort.abort();
    } else if (this.turn && interrupts) this.turn.abort.abort();
    else if (this.open) this.pressInDialog(this.open, key);
    else if (this.turn) this.typedAhead.push(key);
    else if (this.started) this.pressInLine(key);
  }

  private pressInDialog({ dialog, choose }: OpenDialog, key: Key): void {
    const choice = dialog.press(key.type === 'interrupt' ? { type: 'escape' } : key);
    if (choice === undefined) this.parts.screen.show(dialog.lines);
    else choose(choice);
  }

  private pressInLine(key: Key): void {
    const edit = this.editor.press(key);
    if (edit.type === 'exit') this.leave('prompt_input_exit');
    else if (edit.type === 'exit-hint') this.parts.screen.print('(Ctrl-C once more, or Ctrl-D, leaves)');
    else if (edit.type === 'submit') void this.runTurn(edit.line);
  }

  private async runTurn(line: string): Promise<void> {
    const { screen } = this.parts;
    const turn = { abort: new AbortController(), frozen: false };
    this.turn = turn;
    screen.show([]);
    screen.print(`you: ${line}`);
    const began = Date.now();
    const showWork = () => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      if (!turn.frozen && !this.open) {
        screen.show([`working… (esc to interrupt)${seconds > 0 ? ` ${seconds} s` : ''}`]);
      }
    };
    showWork();
    const ticker = setInterval(showWork, 1000);
    try {
      await new Turn(this.hostOf(turn, showWork), this.promptOf).run(line);
    } catch (error) {
      screen.print(turn.abort.signal.aborted ? 'Interrupted by you' : `demo: ${(error as Error).message}`);
    } finally {
      clearInterval(ticker);
      this.turn = undefined;
      this.settle();
    }
  }

  private hostOf(turn: { abort: AbortController; frozen: boolean }, showWork: () => void): TurnHost {
    const { cwd, modes, receipt, screen, exit } = this.parts;
    const { signal } = turn.abort;
    const aborted = () =>
      new Promise<never>((_, reject) => {
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    return {
      cwd,
      modes,
      signal,
      receipt,
      exit,
      print: (line) => screen.print(line),
      wait: (ms) => delay(ms, undefined, { signal }),
      freeze: () => {
        turn.frozen = true;
        return aborted();
      },
      ask: async (dialog) => {
        try {
          return await Promise.race([this.ask(dialog), aborted()]);
        } finally {
          this.open = undefined;
          showWork();
        }
      },
    };
  }

  private ask(dialog: ChoiceDialog): Promise<number> {
    this.parts.screen.show(dialog.lines);
    return new Promise((resolve) => {
      const choose = (index: number) => {
        this.open = undefined;
        this.parts.screen.show([]);
        resolve(index);
      };
      this.open = { dialog, choose };
    });
  }

  /** Shows the input row and takes what was typed ahead. */
  private settle(): void {
    while (this.started && !this.turn && this.typedAhead.length > 0) this.pressInLine(this.typedAhead.shift()!);
    this.showInput();
    if (this.inputOver && !this.turn) this.leave('other');
  }

  private showInput(): void {
    if (this.started && !this.turn && !this.open) this.parts.screen.show([`demo> ${this.editor.text}`]);
  }
}
