import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { RecoveryAction } from '../model/session';
import { namesIn } from '../store/userState';
import { writeWhole } from '../store/wholeFile';
import { type Clock, isoTime } from '../support/clock';
import { describeForLog } from '../support/errors';
import type { TmuxClient } from '../tmux/client';
import { capturePane } from '../tmux/commands';
import type { AgentPane } from './agentPane';
import { howItEnded } from './health';
import type { ManagedSession } from './managedSession';

/** How many lines that scrolled away are kept, and how many files. */
const lines = 2000;
const keptFiles = 20;

const fileName = /^\d{8}T\d{9}_(recreate|initialize|restart_tmux|restart_claude)\.txt$/;

/**
 * Keeps what is to be seen of a session before it is recovered, in `logs/<time>_<action>.txt`: why, how its program ended,
 * its screen with what scrolled away. The oldest of such files go. Returns the file's name.
 */
export async function keepEvidence(
  session: ManagedSession,
  found: { pane?: AgentPane; action: RecoveryAction; reason: string },
  { tmux, clock }: { tmux: TmuxClient; clock: Clock },
): Promise<string> {
  const { pane, action, reason } = found;
  const { metadata, files } = session;
  const now = isoTime(clock.now());
  const end = pane?.ended ? howItEnded(await pane.exitStatus()) : pane ? 'it runs' : 'nothing is known of it';
  const text = [
    `Session ${session.id} (${metadata.agent}), ${metadata.state}, at ${now}`,
    `Action: ${action}`,
    `Reason: ${reason}`,
    `Program: ${end}`,
    `Conversation: ${metadata.conversation_id ?? 'none yet'}`,
    `Jobs: ${session.jobs.map((job) => `${job.job_id} ${job.status} ${job.phase ?? ''}`.trim()).join(', ') || 'none'}`,
    '',
    await screenOf(tmux, pane),
  ].join('\n');
  const name = `${now.replace(/[-:.Z]/g, '')}_${action}.txt`;
  await session.mendFolder(files.logs);
  await writeWhole(path.join(files.logs, name), text);
  const all = (await namesIn(files.logs)).filter((one) => fileName.test(one)).sort();
  for (const old of all.slice(0, -keptFiles)) await fs.rm(path.join(files.logs, old), { force: true });
  return name;
}

async function screenOf(tmux: TmuxClient, pane: AgentPane | undefined): Promise<string> {
  if (!pane || pane.ended?.kind === 'gone') return 'Its screen is gone.\n';
  try {
    const { text } = await tmux.call(capturePane(pane.at.pane_id, lines));
    return `Its screen, below at most ${lines} lines that scrolled away:\n${text}`;
  } catch (error) {
    return `Its screen could not be read: ${describeForLog(error)}\n`;
  }
}
