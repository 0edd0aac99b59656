import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { readDeletedSessions } from '../../src/core/store/deletedSessions';
import { readSettings } from '../../src/core/store/settings';
import { readSnapshot } from '../../src/core/store/snapshot';
import { systemClock } from '../../src/core/support/clock';
import type { TestCourier } from './testCourier';

/** Where the frozen state of each version is (test/scripts/freezeState.mjs). */
export const frozen = path.resolve('test/fixtures/stateFolder');

/** All that a folder's files say of its sessions, jobs and deleted sessions. */
export async function summaryOf({ layout, user }: TestCourier) {
  const snapshot = await readSnapshot(layout, user, systemClock, { historyLimit: 1000 });
  const { deleted, problems } = await readDeletedSessions(layout);
  return {
    standing: snapshot.standing.kind,
    // The mark is of this disk, and of nothing that stands there.
    sessions: snapshot.sessions.map(({ historyMark: _, ...session }) => session),
    unmanaged: snapshot.unmanaged,
    deleted,
    problems: [...snapshot.problems, ...problems],
    settings: await readSettings(user),
  };
}

/** Whoever beat in a frozen state has been silent since, in seconds of the epoch. */
const longAgo = 1_000_000_000;

/** Puts a frozen state into a test's workspace, as if it had been made there. */
export async function thaw(version: string, courier: TestCourier): Promise<void> {
  await copy(path.join(frozen, version, 'courier'), courier.layout.root, courier.root);
  await copy(path.join(frozen, version, 'user'), courier.user.root, courier.root);
}

async function copy(from: string, to: string, root: string): Promise<void> {
  await fs.mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await fs.readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copy(source, target, root);
    else {
      const text = (await fs.readFile(source, 'utf8')).replaceAll('@ROOT@', root);
      await fs.writeFile(target, text, { mode: 0o600 });
      await fs.utimes(target, longAgo, longAgo);
    }
  }
}
