import { createFolder } from '../../src/core/store/folder';
import { Layout } from '../../src/core/store/layout';
import { UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { writeLongHistory } from './longHistory';

/** How much stands on disk. */
export const many = { sessions: 1000, jobsOfEach: 10, days: 5 };

/** Makes a folder of this machine's own with very many sessions, each with a few finished jobs and their files. */
export async function writeManySessions(workspace: string, directory?: string, user = UserState.fromEnvironment()) {
  const layout = new Layout(workspace, directory);
  await createFolder(layout, user, systemClock);
  for (let i = 0; i < many.sessions; i++) writeLongHistory(layout, `s-${i}`, many.jobsOfEach, many.days);
  return layout;
}
