import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import type { AgentSettings } from '../store/settings';
import { namesIn } from '../store/userState';
import { readFrontMatter } from '../support/frontMatter';
import { claudeFolder } from './claudeFolder';

/** An agent that Claude Code itself knows by name. */
export interface Subagent {
  name: string;
  description?: string;
  from: 'workspace' | 'user';
  /** Whether its tools let it write a file, and so an answer. */
  writes: boolean;
}

/** More than a definition has; what is larger is passed over. */
const largest = 1024 * 1024;

/**
 * The agents that Claude Code started in this workspace folder knows: those of `.claude/agents` there, which go before the
 * user's own of the same name. Reads definitions only; what has no name that may be an argument is passed over.
 */
export async function findSubagents(
  workspace: string,
  settings: Pick<AgentSettings, 'env'> | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Subagent[]> {
  const config = claudeFolder(settings, env);
  const [user, project] = await Promise.all([
    subagentsIn(path.join(config, 'agents'), 'user'),
    subagentsIn(path.join(workspace, '.claude', 'agents'), 'workspace'),
  ]);
  const byName = new Map([...user, ...project].map((one) => [one.name, one]));
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name));
}

async function subagentsIn(dir: string, from: Subagent['from']): Promise<Subagent[]> {
  const files = (await namesIn(dir)).filter((name) => name.endsWith('.md'));
  const found = files.map((name) => readSubagent(path.join(dir, name), from).catch(() => undefined));
  return (await Promise.all(found)).filter((one) => one !== undefined);
}

async function readSubagent(file: string, from: Subagent['from']): Promise<Subagent | undefined> {
  const stat = await fs.stat(file);
  if (!stat.isFile() || stat.size > largest) return undefined;
  const { name, description, tools } = readFrontMatter(await fs.readFile(file, 'utf8')).fields;
  if (name === undefined || !idPattern.test(name)) return undefined;
  const writes = tools === undefined || /\bWrite\b|\*/.test(tools);
  return { name, ...(description ? { description } : {}), from, writes };
}
