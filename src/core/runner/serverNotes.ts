import { CoalescedFile } from '../store/coalescedFile';
import { makeWay } from '../store/jsonFile';
import { readTmuxSessions, type TmuxSession, TmuxSessionsFile } from '../store/tmuxSessions';
import { isoTime } from '../support/clock';
import { isSuperseded } from '../support/errors';
import type { Pane } from '../tmux/commands';
import { freshSessionName, sessionName } from '../tmux/names';
import type { RunnerContext } from './context';

/** Writes `tmux_sessions.json` when a list of panes says something new of the tmux server. */
export class ServerNotes {
  private readonly file: CoalescedFile<TmuxSessionsFile>;
  private noted = '';
  /** Whether a newer version's file stands there. */
  private foreign = false;
  /** Whether the server had any session when it was last looked at. */
  anySession = false;

  constructor(private readonly context: RunnerContext) {
    const failed = (error: unknown) => {
      if (!isSuperseded(error)) context.log.error('tmux_sessions.json could not be written', error);
    };
    this.file = new CoalescedFile(context.folder.tmuxSessions, context.clock, context.guard, failed);
  }

  /** Reads what is noted already, so that a runner that finds the same writes nothing. */
  async begin(): Promise<void> {
    const { folder, clock, log } = this.context;
    this.foreign = !(await makeWay(TmuxSessionsFile, folder.tmuxSessions, clock.now(), (message) => log.warn(message)));
    this.noted = JSON.stringify(await readTmuxSessions(folder));
  }

  /** Resolves when what is seen is on disk, or could not be written, which is told in the log. */
  async note(panes: readonly Pane[]): Promise<void> {
    const sessions = tmuxSessions(this.context, panes);
    this.anySession = sessions.length > 0;
    const text = JSON.stringify(sessions);
    if (text === this.noted || this.foreign) return;
    this.noted = text;
    this.file.set({ version: '1.0', epoch: this.context.epoch, sessions });
    await this.file.flush().catch(() => undefined);
  }

  /** Resolves when what was noted is on disk. */
  flush(): Promise<void> {
    return this.file.flush();
  }
}

/** The tmux sessions of a list of panes, each told whether it is ours. */
export function tmuxSessions(context: RunnerContext, panes: readonly Pane[]): TmuxSession[] {
  const { settings } = context;
  const sessions = [...context.sessions.values()];
  const fresh = sessions.flatMap((s) => s.jobs.filter((job) => job.mode === 'fresh' && job.status === 'running'));
  const ours = new Set([
    ...sessions.map((session) => sessionName(settings, session.id)),
    ...fresh.map((job) => freshSessionName(settings, job.job_id)),
  ]);
  const found = new Map<string, TmuxSession>();
  for (const { session: name, attached, created, launch_id } of panes) {
    if (found.has(name)) continue;
    const mark = launch_id === '' ? {} : { launch_id };
    found.set(name, { name, managed: ours.has(name), attached, created_at: isoTime(created * 1000), ...mark });
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}
