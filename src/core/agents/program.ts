import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { AgentSettings } from '../store/settings';
import { pathFolders } from '../support/executablePlaces';
import { findExecutable, search } from '../support/findExecutable';

/** An agent's CLI: its full path, and what its environment needs to be on top of the usual one. */
export interface Program {
  file: string;
  env: Record<string, string>;
}

/**
 * Finds an agent's CLI, and the PATH that it is started with: ours, and at its end the folder of a CLI that isn't on it, and of
 * the interpreter that its first line names (`#!/usr/bin/env node`). Always said, since the tmux server has the PATH of
 * whoever started it. Throws `no_agent`.
 */
export async function findProgram(command: string, title: string, settings: AgentSettings): Promise<Program> {
  const own = { ...process.env, ...(settings.env.PATH === undefined ? {} : { PATH: settings.env.PATH }) };
  const file = await findExecutable(command, title, 'courier.agents', own);
  const added: string[] = [];
  const withAdded = () => [own.PATH, ...added].filter(Boolean).join(path.delimiter);
  const add = (folder: string) => void (pathFolders({ PATH: withAdded() }).includes(folder) || added.push(folder));
  add(path.dirname(file));
  const interpreter = await interpreterOf(file);
  const found = interpreter && (await search(interpreter, { ...own, PATH: withAdded() })).file;
  if (found) add(path.dirname(found));
  return { file, env: { ...settings.env, PATH: withAdded() } };
}

/** The program that `env` looks up for a script; undefined for other files. */
async function interpreterOf(file: string): Promise<string | undefined> {
  const handle = await fs.open(file).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
    const first = buffer.toString('latin1', 0, bytesRead).split('\n')[0] ?? '';
    return /^#!\s*\/\S*\/env\s+(?:-S\s*)?([\w.+-]+)/.exec(first)?.[1];
  } finally {
    await handle.close();
  }
}
