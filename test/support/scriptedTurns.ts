import { jobIdIn, pathIn, type TurnPosition } from './messagesRequest';
import type { Step } from './messagesStream';
import { type Script, type Steps, say, type Turn } from './messagesTurns';

interface RunningTurn {
  steps: Steps;
  depth: number;
  step: Step | undefined;
  next: Promise<Step> | undefined;
}

/** What a pretended model does with the turns of all its conversations, whichever protocol they come by. */
export class ScriptedTurns {
  /** Every turn the model was asked to take, in order; retries and tool results are no new turns. */
  readonly turns: Turn[] = [];
  /** What a script threw; such a turn ends with a text. */
  readonly errors: Error[] = [];
  private readonly running = new Map<string, RunningTurn>();
  private readonly typed = new Map<string, string>();

  constructor(private readonly script: Script) {}

  /** How often a text was typed into all conversations together: 1 says that nothing was sent twice. */
  taken(text: string): number {
    return [...this.typed.values()].reduce((sum, said) => sum + said.split(text).length - 1, 0);
  }

  /** Notes all that was typed into a conversation, as one of its requests tells it. */
  noteTyped(conversation: string, text: string): void {
    if (text.length > (this.typed.get(conversation)?.length ?? 0)) this.typed.set(conversation, text);
  }

  /** The next step at a place of a conversation whose client works in this folder. */
  async stepFor(at: TurnPosition | undefined, cwd: string): Promise<Step> {
    if (!at) return say('Nothing was asked.');
    const key = `${at.conversation} ${at.ordinal} ${at.instruction}`;
    let turn = this.running.get(key);
    // A turn that starts over at depth 0 after it had moved on is the client's history cut back: the same words, taken anew.
    if (!turn || at.depth < turn.depth) {
      turn = this.begin(at, cwd);
      this.running.set(key, turn);
    }
    // The same depth again is a retry of the client: only an error gives way to the next step, all else is said again.
    if (at.depth !== turn.depth || turn.step?.kind === 'fail') {
      turn.depth = at.depth;
      turn.step = undefined;
      turn.next = this.advance(turn, at.result);
    }
    turn.step = await turn.next!;
    return turn.step;
  }

  private begin({ conversation, instruction }: TurnPosition, cwd: string): RunningTurn {
    const turn: Turn = {
      conversation,
      instruction,
      cwd,
      jobId: jobIdIn(instruction),
      promptPath: pathIn(instruction, 'prompts', cwd),
      outputPath: pathIn(instruction, 'output', cwd),
    };
    this.turns.push(turn);
    return { steps: this.script(turn), depth: -1, step: undefined, next: undefined };
  }

  private async advance(turn: RunningTurn, result: string): Promise<Step> {
    try {
      const { value, done } = await turn.steps.next(result);
      return done ? say('Done.') : value;
    } catch (error) {
      this.errors.push(error as Error);
      return say(`The script failed: ${error}`);
    }
  }
}
