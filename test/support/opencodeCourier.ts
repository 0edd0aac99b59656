import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { InferInput } from 'valibot';
import type { AgentSettings, Settings } from '../../src/core/store/settings';
import { AgentCourier } from './agentCourier';
import { startChatApi } from './chatApi';
import { type Cli, installCli, versionOf } from './installCli';
import type { Script } from './messagesTurns';
import { makeTempDir } from './tempDir';
import { TestCourier } from './testCourier';

/** The OpenCode that tests run. It has no lock file: not all of its platforms' packages could be reached when it was made. */
export const opencodeCli: Cli = {
  folder: 'opencode',
  package: 'opencode-ai',
  bin: 'opencode',
  script: 'postinstall.mjs',
};

/** What a test wants different from an OpenCode that knows a model and asks before it leaves its folder. */
export interface OpencodeCourierOptions {
  script: Script;
  /** Without, it has no provider at all: not even its maker's own, whose models it would offer, and no test can reach. */
  loggedIn?: boolean;
  settings?: Partial<InferInput<typeof Settings>>;
  agent?: InferInput<typeof AgentSettings>;
}

/** How npm's registry is reached, from which it fetches a package at its start; without it, it waits some 10 s longer. */
const network = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(NODE_EXTRA_CA_CERTS|(HTTPS?|NO)_PROXY)$/i.test(name)),
) as Record<string, string>;

/** The whole environment in which an OpenCode of this HOME runs. */
export const opencodeEnv = (home: string): Record<string, string> => ({
  ...network,
  HOME: home,
  XDG_STATE_HOME: path.join(home, 'state'),
  XDG_CONFIG_HOME: path.join(home, 'config'),
  XDG_DATA_HOME: path.join(home, 'data'),
  XDG_CACHE_HOME: path.join(home, 'cache'),
  PATH: process.env.PATH ?? '',
  LANG: 'C.UTF-8',
  TMPDIR: path.join(home, 'tmp'),
  // It can't be reached, and would be waited for.
  OPENCODE_DISABLE_MODELS_FETCH: '1',
});

/**
 * A HOME in which it has been started once, beside its program, with its data base (about 10 s) and, since we give it a plugin, the
 * package that it fetches for plugins before its first screen (about 30 s).
 */
function usedHome(command: string): string {
  const home = path.resolve(path.dirname(command), '../../home-with-plugins');
  if (fs.existsSync(home)) return home;
  const making = fs.mkdtempSync(`${home}-`);
  fs.mkdirSync(path.join(making, 'tmp'));
  execFileSync(command, ['session', 'list'], {
    env: opencodeEnv(making),
    cwd: making,
    stdio: 'pipe',
    timeout: 120_000,
  });
  const config = path.join(making, ...configFolder);
  const wanted = { dependencies: { '@opencode-ai/plugin': versionOf(opencodeCli) } };
  fs.writeFileSync(path.join(config, 'package.json'), JSON.stringify(wanted));
  // With its lock file: without one, it fetches them once more.
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: config, stdio: 'pipe' });
  fs.renameSync(making, home);
  return home;
}

const configFolder = ['config', 'opencode'];

/** A private workspace whose agent is the real OpenCode, talking to a pretended API. */
export class OpencodeCourier extends AgentCourier {
  static async create({
    script,
    loggedIn = true,
    settings,
    agent = {},
  }: OpencodeCourierOptions): Promise<OpencodeCourier> {
    const command = installCli(opencodeCli);
    const { path: home, remove } = await makeTempDir();
    fs.cpSync(usedHome(command), home, { recursive: true });
    const env = { ...opencodeEnv(home), ...agent.env };
    const courier: TestCourier = await TestCourier.create({
      settings: {
        version: '1.0',
        default_agent: 'opencode',
        scan_interval_s: 0.5,
        ...settings,
        agents: { opencode: { command, ...agent, env } },
      },
    });
    const api = await startChatApi(script, () => courier.workspace);
    const config = path.join(home, ...configFolder);
    for (const dir of [path.join(home, 'tmp'), config]) fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
    const test = {
      npm: '@ai-sdk/openai-compatible',
      name: 'Test',
      options: { baseURL: `${api.url}/v1`, apiKey: 'none' },
      models: { test: { name: 'Test' } },
    };
    const models = loggedIn ? { provider: { test }, model: 'test/test' } : { disabled_providers: ['opencode'] };
    fs.writeFileSync(path.join(config, 'opencode.json'), JSON.stringify({ ...models, autoupdate: false }), {
      mode: 0o600,
    });
    return new OpencodeCourier(courier, api, home, remove);
  }
}
