import { idPattern } from '../model/ids';
import { SessionMetadata } from '../model/session';
import { readHistory } from './history';
import { readJson } from './jsonFile';
import type { Layout } from './layout';
import { isRealFolder } from './realFolder';
import { namesIn } from './userState';

/** A session in `sessions/deleted/`. `folder` is what a request to restore or purge it names. */
export interface DeletedSession {
  folder: string;
  session_id: string;
  name: string;
  agent: string;
  conversation_id?: string;
  deleted_at: string;
  /** How many finished jobs its history holds; at most `mostJobs` are counted. */
  jobs: number;
}

export const mostJobs = 1000;

/** The sessions that can be restored, last deleted first. What can't be read as one is told in `problems`. */
export async function readDeletedSessions(layout: Layout): Promise<{ deleted: DeletedSession[]; problems: string[] }> {
  const deleted: DeletedSession[] = [];
  const problems: string[] = [];
  for (const folder of (await namesIn(layout.deleted)).filter((name) => idPattern.test(name))) {
    const files = layout.deletedSession(folder);
    if (!(await isRealFolder(layout, files.dir))) {
      problems.push(`${files.dir} is no folder, or behind a link`);
      continue;
    }
    const read = await readJson(SessionMetadata, files.metadata);
    if (read.kind !== 'ok') {
      problems.push(read.kind === 'missing' ? `${files.dir} has no metadata.json` : read.message);
      continue;
    }
    const { session_id, name, agent, conversation_id, updated_at, created_at } = read.value;
    const jobs = (await readHistory(files, mostJobs)).length;
    deleted.push({ folder, session_id, name, agent, conversation_id, deleted_at: updated_at ?? created_at, jobs });
  }
  deleted.sort((a, b) => b.deleted_at.localeCompare(a.deleted_at));
  return { deleted, problems };
}
