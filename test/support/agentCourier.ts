import { readdirSync, readFileSync } from 'node:fs';
import type { Waiting } from '../../src/core/model/waiting';
import type { ModelApi } from './messagesApi';
import type { TestCourier } from './testCourier';
import { waitFor } from './waitFor';

/** A private workspace whose agent is a real CLI, talking to a pretended API. */
export class AgentCourier<Api extends ModelApi = ModelApi> {
  constructor(
    readonly courier: TestCourier,
    readonly api: Api,
    /** The agent's HOME. */
    readonly home: string,
    private readonly removeHome: () => Promise<void>,
  ) {}

  /** How often a line of this job was typed, into whichever conversation. */
  taken(jobId: string): number {
    // A conversation that was resumed after a crash may have lost a line, and the API counts in the longest one it saw.
    const turns = this.api.turns.filter((turn) => turn.instruction.startsWith(`Job ${jobId}:`));
    return Math.max(this.api.taken(`Job ${jobId}:`), turns.length);
  }

  /** Waits until the session waits for a person with this kind of thing, and gives it. */
  async waiting(kind: Waiting['kind']): Promise<Waiting> {
    const session = await this.courier.sessionWhere(`waits with ${kind}`, (s) => s.waiting?.kind === kind);
    return session.waiting!;
  }

  /** Answers what the session waits for with the choice whose label begins so. */
  answer(waiting: Waiting, label: string) {
    const choice = waiting.choices.find((one) => one.label.startsWith(label));
    if (!choice) throw new Error(`no choice "${label}" in ${JSON.stringify(waiting)}`);
    return this.courier.client.answer({ target: 'main', dialog_id: waiting.dialog_id, choice: choice.id });
  }

  /** Presses keys as a person at the terminal does. */
  press(...keys: string[]): Promise<string> {
    return this.courier.tmux('send-keys', '-t', '=courier_main:', ...keys);
  }

  /** The process id of the session's CLI. */
  async pid(session = 'courier_main'): Promise<number> {
    return Number(await this.courier.tmux('display-message', '-p', '-t', `=${session}:`, '#{pane_pid}'));
  }

  /** The agent's processes. */
  processes(): string[] {
    return processesOf(this.home);
  }

  /** Starts the session by a first job, and waits for that. */
  async warm(): Promise<void> {
    const job = await this.courier.ended(await this.courier.send('Say that you are there.'));
    if (job.status !== 'completed') throw new Error(`the first job: ${JSON.stringify(job)}`);
    await this.courier.sessionWhere('is ready', (session) => session.state === 'ready');
  }

  /** Ends everything; fails when a process of the agent's is left. */
  async stop(): Promise<void> {
    const { courier, api } = this;
    await courier.stop();
    await api.stop();
    await waitFor(() => this.processes().length === 0, {
      what: () => `the end of the agent's processes: ${this.processes().join(', ')}`,
    });
    await this.removeHome();
  }
}

/** The processes whose HOME is this folder; zombies and systems without /proc have none. */
export function processesOf(home: string): string[] {
  let names: string[] = [];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return names.flatMap((pid) => {
    try {
      const own = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${home}`);
      return own ? [`${pid}: ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()}`] : [];
    } catch {
      return [];
    }
  });
}
