import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { InferInput } from 'valibot';
import type { AgentSettings, Settings } from '../../src/core/store/settings';
import { AgentCourier } from './agentCourier';
import { startGeminiApi } from './geminiApi';
import { type Cli, installCli } from './installCli';
import type { Script } from './messagesTurns';
import { makeTempDir } from './tempDir';
import { TestCourier } from './testCourier';

/** The Gemini CLI that tests run. */
export const geminiCli: Cli = { folder: 'gemini-cli', package: '@google/gemini-cli', bin: 'gemini' };

/** What a test wants different from a Gemini CLI that is logged in and trusts the workspace. */
export interface GeminiCourierOptions {
  script: Script;
  settings?: Partial<InferInput<typeof Settings>>;
  agent?: InferInput<typeof AgentSettings>;
  /** True by default: the trust question of the workspace is already answered. */
  trusted?: boolean;
  /** Whether it knows how to log in, and a key; true by default. */
  loggedIn?: boolean;
}

/** The whole environment in which a Gemini CLI of this HOME runs, with the API at this address. */
export const geminiEnv = (home: string, url: string): Record<string, string> => ({
  HOME: home,
  PATH: process.env.PATH ?? '',
  LANG: 'C.UTF-8',
  TMPDIR: path.join(home, 'tmp'),
  GEMINI_CLI_HOME: home,
  GEMINI_CLI_TRUSTED_FOLDERS_PATH: '',
  GEMINI_CLI_TRUST_WORKSPACE: '',
  GEMINI_API_KEY: 'none',
  GOOGLE_API_KEY: '',
  GOOGLE_GEMINI_BASE_URL: url,
});

/** A private workspace whose agent is the real Gemini CLI, talking to a pretended API. */
export class GeminiCourier extends AgentCourier {
  static async create(options: GeminiCourierOptions): Promise<GeminiCourier> {
    const { script, trusted = true, loggedIn = true, agent = {} } = options;
    const command = installCli(geminiCli);
    const { path: home, remove } = await makeTempDir();
    const api = await startGeminiApi(script);
    const env = { ...geminiEnv(home, api.url), ...(loggedIn ? {} : { GEMINI_API_KEY: '' }), ...agent.env };
    const courier = await TestCourier.create({
      settings: {
        version: '1.0',
        default_agent: 'gemini',
        scan_interval_s: 0.5,
        ...options.settings,
        agents: { gemini: { command, ...agent, env } },
      },
    });
    for (const dir of ['tmp', '.gemini']) fs.mkdirSync(path.join(home, dir), { mode: 0o700 });
    // In a folder of git's it refuses to read what git ignores, which `.courier` is.
    execFileSync('git', ['init', '-q', courier.workspace], { env: { ...process.env, HOME: home } });
    const write = (name: string, value: unknown) =>
      fs.writeFileSync(path.join(home, '.gemini', name), `${JSON.stringify(value)}\n`, { mode: 0o600 });
    write('settings.json', {
      general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
      model: { name: 'gemini-2.5-flash' },
      privacy: { usageStatisticsEnabled: false },
      ...(loggedIn ? { security: { auth: { selectedType: 'gemini-api-key' } } } : {}),
    });
    if (trusted) write('trustedFolders.json', { [courier.workspace]: 'TRUST_FOLDER' });
    return new GeminiCourier(courier, api, home, remove);
  }
}
