import * as fs from 'node:fs/promises';
import { deletedName } from '../model/ids';
import { requireRealFolder } from '../store/realFolder';
import { isThere } from '../store/wholeFile';
import type { RunnerContext } from './context';

/** Moves a session's folder away, under a name that is free there and stays the same from then on. */
export async function moveToDeleted(context: RunnerContext, id: string): Promise<void> {
  const { layout, clock, guard } = context;
  await requireRealFolder(layout, layout.deleted);
  let name = id;
  while (await isThere(layout.deletedSession(name).dir)) name = deletedName(id, clock);
  await guard();
  await fs.rename(layout.session(id).dir, layout.deletedSession(name).dir);
}
