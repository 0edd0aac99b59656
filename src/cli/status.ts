import type { Command } from 'commander';
import { readSnapshot } from '../core/store/snapshot';
import { type FolderOptions, openContext, unreadRequests, withFolder } from './context';
import { note, plain, print, printJson } from './print';
import { statusJson, statusLines } from './statusText';

/** `courier status`: shows a folder's runner, sessions and live jobs; changes nothing. */
export function registerStatus(program: Command): void {
  const command = program.command('status').description('show the runner, the sessions and their live jobs');
  withFolder(command, { json: true }).action(async (options: FolderOptions) => {
    const context = await openContext(options);
    const { layout, user, clock } = context;
    const snapshot = await readSnapshot(layout, user, clock, { historyLimit: 20 });
    const unread = (await unreadRequests(layout)).length;
    if (options.json) printJson(statusJson(snapshot));
    else print(plain(statusLines(context, snapshot, unread).join('\n')));
    for (const problem of snapshot.problems) note(`problem: ${problem}`);
    if (snapshot.standing.kind === 'foreign') {
      note(`${snapshot.standing.why}, so nothing in it runs. If you trust what it holds: courier adopt`);
    }
  });
}
