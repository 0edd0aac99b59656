import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { InferInput } from 'valibot';
import { readScreen } from '../../src/core/agents/claude';
import type { Waiting } from '../../src/core/model/waiting';
import type { AgentSettings, Settings } from '../../src/core/store/settings';
import { type ClaudeHome, claudeEnv, claudeHome, installClaude } from './claudeCode';
import { type MessagesApi, startMessagesApi } from './messagesApi';
import type { Script } from './messagesTurns';
import { makeTempDir } from './tempDir';
import { TestCourier } from './testCourier';
import { waitFor } from './waitFor';

/** What a test wants different from a Claude Code that is logged in, trusts the workspace and asks nothing. */
export interface ClaudeCourierOptions {
  script: Script;
  settings?: Partial<InferInput<typeof Settings>>;
  agent?: InferInput<typeof AgentSettings>;
  folderName?: string;
  home?: Omit<ClaudeHome, 'trust'>;
  /** True by default: the trust question of the workspace is already answered. */
  trusted?: boolean;
  /** Lets root start with permissions bypassed. */
  sandbox?: boolean;
}

/** A private workspace whose agent is the real Claude Code, talking to a pretended API. */
export class ClaudeCourier {
  private constructor(
    readonly courier: TestCourier,
    readonly api: MessagesApi,
    /** The agent's HOME. */
    readonly home: string,
    private readonly removeHome: () => Promise<void>,
  ) {}

  static async create(options: ClaudeCourierOptions): Promise<ClaudeCourier> {
    const { script, trusted = true, sandbox, home: state = {}, agent = {} } = options;
    const command = installClaude();
    const { path: home, remove } = await makeTempDir();
    const api = await startMessagesApi(script);
    const env = { ...claudeEnv({ home, apiUrl: api.url, key: state.key, sandbox }), ...agent.env };
    const courier = await TestCourier.create({
      folderName: options.folderName,
      settings: {
        version: '1.0',
        default_agent: 'claude',
        scan_interval_s: 0.5,
        ...options.settings,
        agents: { claude: { command, ...agent, env } },
      },
    });
    claudeHome(home, { ...state, trust: trusted ? [courier.workspace] : [] });
    return new ClaudeCourier(courier, api, home, remove);
  }

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

  /** Waits until a session's CLI has drawn its last turn to the end and stands idle. */
  async idle(session = 'main'): Promise<void> {
    const name = `courier_${session}`;
    const title = () => this.courier.tmux('display-message', '-p', '-t', `=${name}:`, '#{pane_title}');
    const look = async () => readScreen({ title: await title(), text: await this.courier.screen(session), cursor: '' });
    await waitFor(async () => (await look()).kind === 'ready', { what: `an idle CLI in session ${session}` });
  }

  /** Starts the session by a first job, and waits for that. */
  async warm(): Promise<void> {
    const job = await this.courier.ended(await this.courier.send('Say that you are there.'));
    if (job.status !== 'completed') throw new Error(`the first job: ${JSON.stringify(job)}`);
    await this.courier.sessionWhere('is ready', (session) => session.state === 'ready');
  }

  /** Ends everything; fails when a process of the agent's is left. */
  async stop(): Promise<void> {
    const { courier, api, home } = this;
    await courier.stop();
    await api.stop();
    await waitFor(() => processesOf(home).length === 0, {
      what: () => `the end of the agent's processes: ${processesOf(home).join(', ')}`,
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

/** Gives the tests of a suite their workspaces, one a call; each is stopped, and told about when its test failed. */
export function useClaude(): (options: ClaudeCourierOptions) => Promise<ClaudeCourier> {
  let made: ClaudeCourier[] = [];
  before(() => {
    installClaude();
  });
  afterEach(async function () {
    const own = made;
    made = [];
    for (const one of own) {
      if (this.currentTest?.state === 'failed') {
        console.error(one.courier.logged.join('\n'));
        console.error(await one.courier.screen().catch((error) => `no screen: ${error}`));
        if (one.api.errors.length > 0) console.error(one.api.errors);
      }
      await one.stop();
    }
  });
  return async (options) => {
    const one = await ClaudeCourier.create(options);
    made.push(one);
    return one;
  };
}

/** Checks again and again, for so many milliseconds, that a condition still holds. */
export async function staysTrue(condition: () => boolean | Promise<boolean>, ms: number, what: string): Promise<void> {
  const end = performance.now() + ms;
  await waitFor(
    async () => {
      if (!(await condition())) return 'broken';
      return performance.now() >= end && 'held';
    },
    { timeout: ms + 5000, interval: 50, what },
  ).then((how) => {
    if (how === 'broken') throw new Error(`not any more: ${what}`);
  });
}

/** A program in test/claude/fixtures that stands in for Claude Code, or between it and tmux. */
export const fixture = (name: string) =>
  path.join(process.env.COURIER_REPO ?? process.cwd(), 'test', 'claude', 'fixtures', name);
