import type { Command } from 'commander';
import { readDeletedSessions } from '../core/store/deletedSessions';
import { readSnapshot } from '../core/store/snapshot';
import { type FolderOptions, openContext, unreadRequests, withFolder } from './context';
import { note, plain, print, printJson } from './print';
import { deletedLines, statusJson, statusLines } from './statusText';

/** `courier status`: shows a folder's runner, sessions and live jobs; changes nothing. */
export function registerStatus(program: Command): void {
  const command = program.command('status').description('show the runner, the sessions and their live jobs');
  command.option('--deleted', 'also list the deleted sessions, which can be restored');
  withFolder(command, { json: true }).action(async (options: FolderOptions & { deleted?: boolean }) => {
    const context = await openContext(options);
    const { layout, user, clock } = context;
    const snapshot = await readSnapshot(layout, user, clock, { historyLimit: 20 });
    const unread = (await unreadRequests(layout)).length;
    const archive = options.deleted ? await readDeletedSessions(layout) : undefined;
    if (options.json) printJson({ ...statusJson(snapshot), ...(archive ? { deleted: archive.deleted } : {}) });
    else print(plain([...statusLines(context, snapshot, unread), ...deletedLines(archive?.deleted)].join('\n')));
    for (const problem of archive?.problems ?? []) note(`problem: ${problem}`);
    for (const problem of snapshot.problems) note(`problem: ${problem}`);
    if (snapshot.standing.kind === 'foreign') {
      note(`${snapshot.standing.why}, so nothing in it runs. If you trust what it holds: courier adopt`);
    }
  });
}
