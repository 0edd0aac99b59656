import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Layout } from '../../src/core/store/layout';

/** How much of a file is told, in characters; of a longer one its end. */
const most = 4000;

/** Every file of a `.courier` that says something of a job, by its name or by its content, and what else waits in the inbox. */
export async function jobTraces(layout: Layout, jobId: string): Promise<string> {
  const names = (await fs.readdir(layout.root, { recursive: true }).catch(() => [])).sort();
  const told = await Promise.all(
    names.map(async (name) => {
      const file = path.join(layout.root, name);
      const stat = await fs.lstat(file).catch(() => undefined);
      if (!stat?.isFile()) return [];
      const text = await fs.readFile(file, 'utf8').catch((error) => String(error));
      const lines = text.split('\n').filter((line) => line.includes(jobId));
      const inInbox = path.dirname(file) === layout.inbox;
      if (!inInbox && !name.includes(jobId) && lines.length === 0) return [];
      const state = /\.json$/.test(name) ? text : lines.join('\n');
      return [`-- ${name} (${stat.mtime.toISOString()}, ${stat.size} bytes)\n${state.slice(-most)}`];
    }),
  );
  return told.flat().join('\n') || `nothing below ${layout.root} names it`;
}
