import type { WaitingKind } from '../model/waiting';
import type { SessionLayout } from '../store/layout';
import type { LaunchLayout } from '../store/userState';
import type { Program } from './program';

/** What a pane shows: its rows, its title, and where the cursor is (column, row, and how many rows have scrolled away). */
export interface Screen {
  text: string;
  title: string;
  cursor: string;
}

/** A dialog on the screen, with the keys of each choice; nothing else is ever pressed in it. */
export interface Dialog {
  kind: WaitingKind;
  text: string;
  choices: { id: string; label: string; keys: string[] }[];
  /** The receipt that told of it, which tells it from others with the same words; else it is known by its words. */
  receipt?: string;
  /** Whether its words on the screen, which are others than the receipt's, may be these. */
  isShownAs?(text: string): boolean;
  /** Whether a choice may be made again though nothing on the screen moved since: it may lead back to the same. */
  repeats?: boolean;
  /** Whether it still stands, for what is no dialog of the CLI's own; by default the same dialog must be on the screen. */
  stands?(look: { state: ScreenState; text: string }): boolean;
}

/** What a CLI is doing, as far as its screen tells. */
export type ScreenState =
  /** The input row is there and empty, and no turn runs. `turn` is how the last one ended, where the CLI gives no receipt of that; `done` whether the screen shows the end of the one that our line began, where it can. */
  | { kind: 'ready'; turn?: ShownEnd; done?: boolean }
  /** No turn runs, and the input row holds text. */
  | { kind: 'typed'; text: string }
  | { kind: 'working' }
  | { kind: 'dialog'; dialog: Dialog }
  | { kind: 'unknown' };

/** The end of a turn as the screen shows it: on an error, or by a person. `message` is in the CLI's words. */
export interface ShownEnd {
  kind: 'failed' | 'interrupted';
  message: string;
}

/** A receipt of a CLI, in our words. */
export type AgentEvent =
  | { kind: 'started'; conversationId: string; resumed: boolean }
  /** It took a line; `prompt` is the whole line. */
  | { kind: 'accepted'; promptId: string; prompt: string; conversationId: string }
  | { kind: 'activity'; promptId?: string; what: string }
  /**
   * It asks for a permission: `what` in words for a person, and words that its dialog on the screen holds, if they are
   * known. `yesOrNo` is false for what wants more of an answer than that.
   */
  | { kind: 'permission'; promptId?: string; what: string; holds?: string; yesOrNo: boolean }
  | { kind: 'finished'; promptId?: string; message: string }
  /** The turn ended on an error of the API. */
  | { kind: 'failed'; promptId?: string; message: string }
  /** The turn was ended by a person in the terminal. */
  | { kind: 'interrupted'; promptId?: string; message: string }
  /** The CLI leaves; `wished` when a person ended it there. */
  | { kind: 'ended'; reason: string; wished: boolean };

/** What a launch is made from. */
export interface LaunchContext {
  workspace: string;
  session: SessionLayout;
  launch: LaunchLayout;
  /** The path of the hook script, for CLIs that run one for each event. */
  hookScript: string;
  /** A file that the folder's runner touches as long as it lives. */
  alive: string;
  /** The conversation to begin or to go on with. */
  conversation: { id: string; resume: boolean };
  /** Which of the CLI's own agents it runs as, where it has such. */
  subagent?: string;
}

/** How a CLI is started: arguments and environment, and the files that it is to find. */
export interface Launch {
  argv: string[];
  env: Record<string, string>;
  files: { path: string; text: string }[];
}

/**
 * Whether a program has a conversation open now, and where: under a tmux server, in a terminal, or in a background process of the
 * CLI's own, which keeps it for a while after it was closed.
 */
export type Running =
  | { kind: 'no' }
  | { kind: 'unknown' }
  | { kind: 'yes'; pid: number; where: 'tmux' | 'terminal' | 'background' };

/** A conversation that a CLI itself keeps of a folder, whoever began it. */
export interface StoredConversation {
  /** Of the shape of `ConversationId`. */
  id: string;
  /** What the CLI, or a person in it, calls it. */
  title?: string;
  /** The beginning of the first prompt that was typed. */
  firstPrompt?: string;
  /** When it was last written, in milliseconds. */
  updatedAt: number;
  /** Whether it was begun in the CLI's terminal program, and not by another one that uses the CLI; undefined where that is not known. */
  inTerminal?: boolean;
  running: Running;
}

/** A profile of a CLI: all that the rest of the program knows of it. */
export interface Agent {
  readonly id: string;
  readonly title: string;
  /** Whether it proves what it does by receipts; without them the screen and quiet time must do. */
  readonly receipts: boolean;
  /** Whether its first receipt comes with the first line that it takes: that it has started is seen by its input row alone. */
  readonly startsSilently?: boolean;
  /** Whether its receipt for the end of a turn also comes for one that failed or was interrupted: then its screen says which it was. */
  readonly endsAlike?: boolean;
  /** The exit status by which it asks to be started again, such as to take up what was answered in a dialog. */
  readonly restartStatus?: number;
  /** Whether it gives no receipt when it leaves: an exit status of 0 is then taken for a person's wish. */
  readonly endsSilently?: boolean;
  /** Whether a conversation can be gone on with after its program ended. */
  readonly canResume: boolean;
  /** Whether it can run as an agent of its own that has a name. */
  readonly hasSubagents?: boolean;
  /** Milliseconds for which output and screen must not change at the end of a turn. */
  readonly quietMs: number;
  /** How often Enter may be pressed for one line, while the input row still shows it. */
  readonly enterTries: number;
  /** What submits a typed line; one call of keys. */
  readonly submitKeys: string[];
  readonly interruptKeys: string[];
  /** The line that is typed for a job, in place of ours: with `{job}`, `{prompt}` and `{output}` (see runner/instruction.ts). */
  readonly instruction?: string;
  /** What empties an input row that holds our own unsent line; one call of keys. */
  readonly clearKeys: string[];
  /** A command that installs it, for a person to copy. */
  readonly install?: string;
  /** Its CLI on this machine; undefined when it is a part of ours. Throws `no_agent`. */
  program(): Promise<Program | undefined>;
  /** What its hook prints for each choice (by id) when it waits for a decision on a permission; absent without such a hook. */
  readonly decisions?: Readonly<Record<string, string>>;
  launch(context: LaunchContext): Promise<Launch>;
  readScreen(screen: Screen): ScreenState;
  /** Whether the last words of a program that ended say that there is no conversation of this id to go on with. */
  hasForgotten(lastWords: string, conversationId: string): boolean;
  /**
   * The conversations that the CLI keeps of a workspace folder, last used first, the newest of many; or only the one of an id,
   * if it is there. Reads only. Absent where it keeps none.
   */
  conversations?(workspace: string, only?: string): Promise<StoredConversation[]>;
  readReceipt(payload: unknown): AgentEvent | undefined;
}
