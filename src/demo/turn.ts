import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { composeAnswer } from './answer';
import { ChoiceDialog } from './choiceDialog';
import { readInstruction } from './instruction';
import { type ModeName, type Modes, numberOf } from './modes';
import { summarizePrompt } from './promptSummary';
import type { ToolUse, WriteReceipt } from './receipts';

/** What a turn needs from the program around it. Every promise rejects when the turn is interrupted. */
export interface TurnHost {
  cwd: string;
  modes: Modes;
  signal: AbortSignal;
  receipt: WriteReceipt;
  print(line: string): void;
  ask(dialog: ChoiceDialog): Promise<number>;
  wait(ms: number): Promise<unknown>;
  /** Shows and does nothing more; ends only by an interrupt. */
  freeze(): Promise<never>;
  exit(code: number): never;
}

const spoken =
  'I am the Demo agent. Give me a line that names a prompt file and an output file, and I compute an answer.';

class ApiError extends Error {}

/** One turn of the agent: from a submitted line to its Stop receipt. */
export class Turn {
  private readonly promptId = randomUUID();
  private modes: Modes;

  /** `promptOf` remembers, over turns, which prompt file belongs to an output file, for reminders. */
  constructor(
    private readonly host: TurnHost,
    private readonly promptOf: Map<string, string>,
  ) {
    this.modes = host.modes;
  }

  /** Does what the line asks for; rejects when interrupted, and then no Stop was written. */
  async run(line: string): Promise<void> {
    this.host.receipt({ hook_event_name: 'UserPromptSubmit', prompt_id: this.promptId, prompt: line });
    try {
      this.end(await this.work(line));
    } catch (error) {
      this.host.signal.throwIfAborted();
      if (error instanceof ApiError) this.fail(error.message);
      else this.end(`I could not do it: ${(error as Error).message}`);
    }
  }

  private async work(line: string): Promise<string> {
    const instruction = readInstruction(line);
    if (instruction.type === 'talk') {
      await this.behave();
      return spoken;
    }
    const outputPath = resolve(this.host.cwd, instruction.outputPath);
    const promptPath = instruction.promptPath
      ? resolve(this.host.cwd, instruction.promptPath)
      : this.promptOf.get(outputPath);
    if (promptPath === undefined) return `I was not told which prompt belongs to ${instruction.outputPath}.`;
    this.promptOf.set(outputPath, promptPath);
    const answer = await this.answer(instruction.jobId, promptPath);
    await this.behave();
    if (this.has('never-output') || (this.has('no-output') && instruction.type === 'job')) {
      return 'I thought about it and wrote nothing.';
    }
    return this.write(answer, instruction.outputPath, outputPath);
  }

  private async answer(jobId: string, promptPath: string): Promise<string> {
    const use: ToolUse = { tool_name: 'Read', tool_input: { file_path: promptPath } };
    this.host.receipt({ hook_event_name: 'PreToolUse', prompt_id: this.promptId, ...use });
    const summary = await summarizePrompt(promptPath, this.host.signal);
    this.host.receipt({ hook_event_name: 'PostToolUse', prompt_id: this.promptId, ...use });
    this.modes = new Map([...this.host.modes, ...summary.modes]);
    return this.has('one-byte') ? '1' : composeAnswer(jobId, summary);
  }

  /** The modes that stand in the middle of any turn. */
  private async behave(): Promise<void> {
    if (this.has('crash')) {
      this.host.print('demo: crashed in the middle of the turn');
      this.host.exit(numberOf(this.modes, 'crash'));
    }
    if (this.has('slow')) await this.host.wait(numberOf(this.modes, 'slow'));
    if (this.has('freeze')) await this.host.freeze();
    if (this.has('api-error'))
      throw new ApiError(this.modes.get('api-error') || 'API Error: 400 (asked for by a mode)');
  }

  private async write(answer: string, shownPath: string, path: string): Promise<string> {
    const use: ToolUse = { tool_name: 'Write', tool_input: { file_path: path } };
    this.host.receipt({ hook_event_name: 'PreToolUse', prompt_id: this.promptId, ...use });
    if (this.has('permission') && !(await this.mayWrite(use, shownPath))) {
      return `I was not allowed to write ${shownPath}; nothing was written.`;
    }
    const file = await open(path, 'w', 0o600);
    try {
      const cut = this.has('two-step') ? Math.floor(answer.length / 2) : 0;
      if (cut > 0) {
        await file.write(answer.slice(0, cut));
        await this.host.wait(numberOf(this.modes, 'two-step'));
      }
      await file.write(answer.slice(cut));
    } finally {
      await file.close();
    }
    this.host.receipt({ hook_event_name: 'PostToolUse', prompt_id: this.promptId, ...use });
    if (this.has('late-stop')) await this.host.wait(numberOf(this.modes, 'late-stop'));
    return `done: wrote ${shownPath}`;
  }

  private async mayWrite(use: ToolUse, shownPath: string): Promise<boolean> {
    const question = `Demo agent asks: may it write ${shownPath}?`;
    this.host.receipt({ hook_event_name: 'PermissionRequest', prompt_id: this.promptId, ...use });
    this.host.receipt({
      hook_event_name: 'Notification',
      prompt_id: this.promptId,
      notification_type: 'permission_prompt',
      message: question,
    });
    const allowed = (await this.host.ask(new ChoiceDialog(question, ['Yes', 'No']))) === 0;
    this.host.print(allowed ? 'allowed by you' : 'refused by you');
    return allowed;
  }

  private end(message: string): void {
    this.host.signal.throwIfAborted();
    this.host.print(message);
    this.host.receipt({ hook_event_name: 'Stop', prompt_id: this.promptId, last_assistant_message: message });
  }

  private fail(message: string): void {
    this.host.print(message);
    this.host.receipt({
      hook_event_name: 'StopFailure',
      prompt_id: this.promptId,
      error: 'api_error',
      last_assistant_message: message,
    });
  }

  private has(name: ModeName): boolean {
    return this.modes.has(name);
  }
}
