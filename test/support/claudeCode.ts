import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Cli, installCli } from './installCli';

/** A key that no server knows; the pretended API takes any. */
export const testKey = 'sk-ant-test-000000000000000000000';

/** The Claude Code that tests run. */
export const claudeCode: Cli = {
  folder: 'claude-code',
  package: '@anthropic-ai/claude-code',
  bin: 'claude',
  // It links the platform's binary into place.
  script: 'install.cjs',
};

/** Installs the locked Claude Code once, and returns its executable. */
export const installClaude = (): string => installCli(claudeCode);

/** What a private home says to Claude Code before it starts. */
export interface ClaudeHome {
  /** Folders whose trust question is already answered. */
  trust?: string[];
  /** The warning about bypassing permissions is already accepted. */
  bypassAccepted?: boolean;
  /** First-run screens are done; true by default. */
  onboarded?: boolean;
  /** The API key whose use is already approved; the test key by default, none when null. */
  key?: string | null;
}

/** Writes a private HOME for Claude Code and returns its path. */
export function claudeHome(
  dir: string,
  { trust = [], bypassAccepted, onboarded = true, key = testKey }: ClaudeHome = {},
): string {
  fs.mkdirSync(path.join(dir, '.claude'), { recursive: true, mode: 0o700 });
  fs.mkdirSync(path.join(dir, 'tmp'), { recursive: true, mode: 0o700 });
  const state = {
    ...(onboarded ? { hasCompletedOnboarding: true, theme: 'dark' } : {}),
    ...(key === null ? {} : { customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] } }),
    projects: Object.fromEntries(trust.map((folder) => [fs.realpathSync(folder), { hasTrustDialogAccepted: true }])),
  };
  fs.writeFileSync(path.join(dir, '.claude.json'), JSON.stringify(state), { mode: 0o600 });
  const settings = bypassAccepted ? { skipDangerousModePermissionPrompt: true } : {};
  fs.writeFileSync(path.join(dir, '.claude', 'settings.json'), JSON.stringify(settings), { mode: 0o600 });
  return dir;
}

/** The environment in which Claude Code talks to nobody but the given API. */
export function claudeEnv(options: {
  home: string;
  apiUrl: string;
  /** The test key by default; null leaves it out. */
  key?: string | null;
  /** Lets root start with permissions bypassed. */
  sandbox?: boolean;
}): Record<string, string> {
  const { home, apiUrl, key = testKey, sandbox } = options;
  return {
    HOME: home,
    PATH: process.env.PATH ?? '',
    LANG: 'C.UTF-8',
    TMPDIR: path.join(home, 'tmp'),
    ANTHROPIC_BASE_URL: apiUrl,
    ...(key === null ? {} : { ANTHROPIC_API_KEY: key }),
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    ...(sandbox ? { IS_SANDBOX: '1' } : {}),
  };
}
