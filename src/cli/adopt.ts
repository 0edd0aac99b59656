import type { Command } from 'commander';
import { adoptFolder } from '../core/store/adopt';
import { type FolderOptions, openContext, withFolder } from './context';
import { note } from './print';

/** `courier adopt`: takes a folder that came from elsewhere as one's own. */
export function registerAdopt(program: Command): void {
  const command = program
    .command('adopt')
    .description('adopt a folder that came with a clone or a copy, so that jobs can run in it');
  withFolder(command).action(async (options: FolderOptions) => {
    const { layout, user, clock } = await openContext(options);
    const done = await adoptFolder(layout, user, clock);
    if (!done.adopted) {
      note(`${layout.root} is yours already; nothing was changed.`);
      return;
    }
    note(`${layout.root} is adopted. Nothing that came with it runs by itself:`);
    note(`  requests rejected: ${done.rejectedRequests}`);
    note(`  jobs paused: ${done.pausedJobs}, running jobs given up: ${done.failedJobs}`);
    for (const file of done.asideFiles) note(`  could not be read, and was renamed: ${file}`);
  });
}
