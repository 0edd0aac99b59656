import * as path from 'node:path';
import { MonitorFile } from '../monitor/post';
import { ClaimFile, claimFile, newestEpoch } from '../runner/claims';
import { readDeletedSessions } from '../store/deletedSessions';
import { readJson } from '../store/jsonFile';
import type { Layout } from '../store/layout';
import { readSnapshot } from '../store/snapshot';
import { ServerFile } from '../tmux/serverProcess';
import type { SetupCheck, SetupInput } from './check';

/** How many files are named; a folder that was spoilt as a whole may have thousands. */
const named = 10;

/** The state files that can't be read, each with the reason; nothing is said when all can. */
export async function checkFiles({ user, clock }: SetupInput, layout: Layout): Promise<SetupCheck[]> {
  const { standing, problems } = await readSnapshot(layout, user, clock, { historyLimit: 0 });
  const found = [...problems, ...(await readDeletedSessions(layout)).problems];
  if (standing.kind === 'own') {
    const folder = user.folder(standing.registration.folder_id);
    const claim = path.join(folder.claims, claimFile(await newestEpoch(folder)));
    const reads = await Promise.all([
      readJson(MonitorFile, folder.monitor),
      readJson(ServerFile, folder.tmuxServer),
      readJson(ClaimFile, claim),
    ]);
    for (const read of reads) if ('message' in read) found.push(read.message);
  }
  if (found.length === 0) return [];
  const more = found.length > named ? ` … and ${found.length - named} more.` : '';
  return [
    {
      id: 'files',
      status: 'warning',
      title: found.length === 1 ? 'A file that can not be read' : `${found.length} files that can not be read`,
      detail: `${found.slice(0, named).join('. ')}.${more} A runner sets what is unreadable aside, beside itself, and goes on; what a newer version wrote is left as it is.`,
      fixes: [],
    },
  ];
}
