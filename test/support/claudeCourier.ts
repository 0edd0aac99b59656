import * as path from 'node:path';
import type { InferInput } from 'valibot';
import { readScreen } from '../../src/core/agents/claude';
import type { AgentSettings, Settings } from '../../src/core/store/settings';
import { AgentCourier } from './agentCourier';
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
export class ClaudeCourier extends AgentCourier<MessagesApi> {
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

  /** Waits until a session's CLI has drawn its last turn to the end and stands idle. */
  async idle(session = 'main'): Promise<void> {
    const name = `courier_${session}`;
    const title = () => this.courier.tmux('display-message', '-p', '-t', `=${name}:`, '#{pane_title}');
    const look = async () => readScreen({ title: await title(), text: await this.courier.screen(session), cursor: '' });
    await waitFor(async () => (await look()).kind === 'ready', { what: `an idle CLI in session ${session}` });
  }
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
