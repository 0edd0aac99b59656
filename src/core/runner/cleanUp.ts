import * as fs from 'node:fs/promises';
import type { CleanItem } from '../clean/item';
import { planCleanUp } from '../clean/plan';
import { isoTime } from '../support/clock';
import { CourierError, messageOf } from '../support/errors';
import { listPanes, type Pane } from '../tmux/commands';
import type { RunnerContext } from './context';
import { killTmuxSession } from './killUnmanaged';
import { tmuxSessions } from './serverNotes';

/**
 * Removes what a person saw in a plan (ids) and what is still in a plan that is made now. Throws `clean_up` when
 * something could not be removed; the rest is removed all the same.
 */
export async function cleanUp(context: RunnerContext, asked: readonly string[]): Promise<void> {
  const panes = (await context.tmux.callIfServer(listPanes())) ?? [];
  const launchesInUse = new Set([...context.panes].map((pane) => pane.at.launch_id));
  const plan = await planCleanUp({ ...context, tmux: tmuxSessions(context, panes), launchesInUse });
  const wanted = new Set(asked);
  const removed: CleanItem[] = [];
  const problems: string[] = [];
  for (const item of plan.filter(({ id }) => wanted.has(id))) {
    await context.guard();
    try {
      await remove(context, item, panes);
      removed.push(item);
    } catch (error) {
      if (error instanceof CourierError && error.code === 'superseded') throw error;
      problems.push(`${item.name}: ${messageOf(error)}`);
    }
  }
  await noteInSessions(context, removed);
  await context.seeServer((await context.tmux.callIfServer(listPanes())) ?? []);
  context.log.info(`clean up: ${removed.length} of ${wanted.size} removed`);
  if (problems.length === 0) return;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more, which are in the log)` : '';
  for (const problem of problems) context.log.warn(`clean up: ${problem}`);
  throw new CourierError(
    'clean_up',
    `${removed.length} were removed, ${problems.length} could not be: ${problems[0]}${more}.`,
  );
}

async function remove(context: RunnerContext, item: CleanItem, panes: readonly Pane[]): Promise<void> {
  if (item.kind === 'fresh' || item.kind === 'orphan') {
    const pane = panes.find((one) => one.session === item.name);
    if (pane) await killTmuxSession(context, pane.session_id);
    return;
  }
  // A link is removed, never followed; only launches and drafts are folders.
  const recursive = item.kind === 'launch' || item.kind === 'draft';
  for (const file of item.files) await fs.rm(file, { force: true, recursive });
}

/** Says in each session up to which time its jobs' files are gone, so that whoever opens one is told why. */
async function noteInSessions(context: RunnerContext, removed: readonly CleanItem[]): Promise<void> {
  for (const session of context.sessions.values()) {
    const jobs = removed.filter((item) => item.session_id === session.id);
    if (jobs.length === 0) continue;
    const newest = isoTime(Math.max(...jobs.map((item) => item.changed)));
    const before = session.metadata.cleaned_until ?? '';
    session.patch({ cleaned_until: newest > before ? newest : before });
    session.log('info', `cleaned up: the files of ${jobs.length} jobs`);
    await session.flush();
  }
}
