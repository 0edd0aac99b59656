import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** A key that no server knows; the pretended API takes any. */
export const testKey = 'sk-ant-test-000000000000000000000';

const repo = (): string => process.env.COURIER_REPO ?? process.cwd();

/** Installs the locked Claude Code once, below `.vscode-test/`, and returns its executable. */
export function installClaude(): string {
  const source = path.join(repo(), 'test', 'claude-code');
  const lock = fs.readFileSync(path.join(source, 'package-lock.json'), 'utf8');
  const packages = JSON.parse(lock).packages as Record<string, { version: string }>;
  const { version } = packages['node_modules/@anthropic-ai/claude-code']!;
  const target = path.join(repo(), '.vscode-test', `claude-code-${version}`);
  const executable = path.join(target, 'node_modules', '.bin', 'claude');
  const stamp = path.join(target, 'package-lock.json');
  if (fs.existsSync(executable) && fs.readFileSync(stamp, 'utf8') === lock) return executable;

  // Built aside and renamed: an interrupted install is never taken for a finished one.
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const building = fs.mkdtempSync(`${target}-`);
  try {
    for (const file of ['package.json', 'package-lock.json']) {
      fs.copyFileSync(path.join(source, file), path.join(building, file));
    }
    // Install scripts may be blocked: the package's own one is run by name, it links the platform's binary into place.
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: building, stdio: 'pipe' });
    const own = path.join(building, 'node_modules', '@anthropic-ai', 'claude-code');
    execFileSync(process.execPath, ['install.cjs'], { cwd: own, stdio: 'pipe' });
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(building, target);
  } finally {
    fs.rmSync(building, { recursive: true, force: true });
  }
  return executable;
}

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
