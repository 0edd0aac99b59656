import * as path from 'node:path';
import type { AgentSettings } from '../store/settings';
import { homeOf } from '../support/executablePlaces';

/** Where Claude Code keeps what is the user's own: `~/.claude`, or what CLAUDE_CONFIG_DIR says in the agent's environment. */
export function claudeFolder(
  settings: Pick<AgentSettings, 'env'> | undefined,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const own = { ...env, ...settings?.env };
  return own.CLAUDE_CONFIG_DIR || path.join(homeOf(own), '.claude');
}
