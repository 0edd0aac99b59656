import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { InferInput } from 'valibot';
import type { AgentSettings, Settings } from '../../src/core/store/settings';
import { AgentCourier } from './agentCourier';
import { type Cli, installCli } from './installCli';
import type { Script } from './messagesTurns';
import { type ResponsesApi, startResponsesApi } from './responsesApi';
import { makeTempDir } from './tempDir';
import { TestCourier } from './testCourier';

/** The Codex that tests run. */
export const codexCli: Cli = { folder: 'codex', package: '@openai/codex', bin: 'codex' };

/** What a test wants different from a Codex that is logged in and trusts the workspace. */
export interface CodexCourierOptions {
  script: Script;
  settings?: Partial<InferInput<typeof Settings>>;
  agent?: InferInput<typeof AgentSettings>;
  /** True by default: the trust question of the workspace, a git folder, is already answered. */
  trusted?: boolean;
  /** Whether it knows an API and a key for it; true by default. */
  loggedIn?: boolean;
}

/** The whole environment in which a Codex of this HOME runs. */
export const codexEnv = (home: string): Record<string, string> => ({
  HOME: home,
  PATH: process.env.PATH ?? '',
  LANG: 'C.UTF-8',
  TMPDIR: path.join(home, 'tmp'),
  TEST_KEY: 'none',
});

/** A private workspace whose agent is the real Codex, talking to a pretended API. */
export class CodexCourier extends AgentCourier<ResponsesApi> {
  static async create(options: CodexCourierOptions): Promise<CodexCourier> {
    const { script, trusted = true, loggedIn = true, agent = {} } = options;
    const command = installCli(codexCli);
    const { path: home, remove } = await makeTempDir();
    const api = await startResponsesApi(script);
    const env = { ...codexEnv(home), ...agent.env };
    const courier = await TestCourier.create({
      settings: {
        version: '1.0',
        default_agent: 'codex',
        scan_interval_s: 0.5,
        ...options.settings,
        agents: { codex: { command, ...agent, env } },
      },
    });
    for (const dir of ['tmp', '.codex']) fs.mkdirSync(path.join(home, dir), { mode: 0o700 });
    // It asks whether it may trust a folder where that is one of git's.
    execFileSync('git', ['init', '-q', courier.workspace], { env: { ...process.env, ...env } });
    const provider = [
      'model = "test"',
      'model_provider = "test"',
      '[model_providers.test]',
      'name = "test"',
      `base_url = "${api.url}/v1"`,
      'env_key = "TEST_KEY"',
      'wire_api = "responses"',
      'request_max_retries = 1',
      'stream_max_retries = 1',
    ];
    const trust = [`[projects."${courier.workspace}"]`, 'trust_level = "trusted"'];
    const config = [
      'check_for_update_on_startup = false',
      ...(loggedIn ? provider : []),
      ...(trusted ? trust : []),
      // Else its sandbox leaves folders of its own in /tmp itself.
      '[sandbox_workspace_write]',
      'exclude_slash_tmp = true',
    ].join('\n');
    fs.writeFileSync(path.join(home, '.codex', 'config.toml'), `${config}\n`, { mode: 0o600 });
    return new CodexCourier(courier, api, home, remove);
  }
}
