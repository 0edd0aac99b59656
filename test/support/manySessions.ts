import { createFolder } from '../../src/core/store/folder';
import { Layout } from '../../src/core/store/layout';
import { UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { writeLongHistory } from './longHistory';

/** How much stands on disk for what is measured. */
export const many = { sessions: 1000, jobsOfEach: 10, days: 5 };

/**
 * Makes a folder of this machine's own with very many sessions (`s-0`, `s-1`, …), each with a few finished jobs and their files.
 * `directory` is another name than the usual one; `user` is the environment's when not given.
 */
export async function writeManySessions(
  workspace: string,
  {
    directory,
    user = UserState.fromEnvironment(),
    ...how
  }: Partial<typeof many & { directory: string; user: UserState }>,
) {
  const { sessions, jobsOfEach, days } = { ...many, ...how };
  const layout = new Layout(workspace, directory);
  await createFolder(layout, user, systemClock);
  for (let i = 0; i < sessions; i++) writeLongHistory(layout, `s-${i}`, jobsOfEach, days);
  return layout;
}
