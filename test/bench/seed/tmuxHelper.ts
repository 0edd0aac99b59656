import { execFile } from 'node:child_process';
import { cliCommand, sleep, tmuxClaudeInitDelay, tmuxSendCommandDelay, tmuxSendEnterDelay } from './config';

/** The seed guide's tmux_helper.py. */
export class TmuxHelper {
  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** Creates a tmux session and starts Claude in it; false when tmux can't. */
  async createSession(sessionName: string, workingDir: string): Promise<boolean> {
    if ((await this.run('new-session', '-d', '-s', sessionName)) !== 0) return false;
    await this.sendLiteralCommand(sessionName, `cd ${workingDir}`, 0.5);
    await this.sendLiteralCommand(sessionName, cliCommand, tmuxClaudeInitDelay);
    // "Bypass initial prompts"
    for (let i = 0; i < 3; i++) {
      await this.run('send-keys', '-t', sessionName, 'Enter');
      await sleep(0.5);
    }
    return true;
  }

  async sendInstruction(sessionName: string, instruction: string): Promise<boolean> {
    await this.sendLiteralCommand(sessionName, instruction, tmuxSendEnterDelay);
    return true;
  }

  async killSession(sessionName: string): Promise<void> {
    await this.run('kill-session', '-t', sessionName);
  }

  private async sendLiteralCommand(sessionName: string, command: string, waitAfter: number): Promise<void> {
    await this.run('send-keys', '-t', sessionName, '-l', command);
    await sleep(tmuxSendCommandDelay);
    await this.run('send-keys', '-t', sessionName, 'Enter');
    await sleep(waitAfter);
  }

  /** subprocess.run(["tmux", ...]): its exit code. */
  private run(...args: string[]): Promise<number> {
    return new Promise((resolve) => execFile('tmux', args, { env: this.env }, (error) => resolve(error ? 1 : 0)));
  }
}
