import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Agent } from '../agents/agent';
import { createAgent } from '../agents/registry';
import { idPattern } from '../model/ids';
import type { Waiting } from '../model/waiting';
import type { Layout, SessionLayout } from '../store/layout';
import { isRealFolder } from '../store/realFolder';
import { installRuntime, type Runtime } from '../store/runtime';
import type { Settings } from '../store/settings';
import { type FolderState, type LaunchLayout, namesIn } from '../store/userState';
import type { Clock } from '../support/clock';
import { CourierError, hasCode } from '../support/errors';
import { identityOf } from '../support/processIdentity';
import type { PathWatcher } from '../support/watch';
import { type TmuxClient, TmuxError } from '../tmux/client';
import { listPanes, newSession, type Pane, pipePane, respawnPane } from '../tmux/commands';
import { AgentPane } from './agentPane';
import { endTmuxSession, findPane, vacate } from './endProgram';
import { namePaneLog, paneLogCommand } from './paneLog';
import type { PaneSet } from './paneSet';

export interface LauncherOptions {
  layout: Layout;
  folder: FolderState;
  settings: Settings;
  tmux: TmuxClient;
  epoch: number;
  clock: Clock;
  panes: PaneSet;
  receiptsWatcher: PathWatcher;
  /** Stable copies of the hook script and the Demo agent. */
  runtime: Runtime;
  distDir: string;
  nodePath: string;
  /** Throws when this runner no longer owns the folder: a server that has died could not refuse it. */
  guard(): Promise<void>;
  /** Called when there may be a tmux server that nobody watches yet. */
  onServer(): void;
  /** Is told of files that agents wrote and that can't be used. */
  say(message: string): void;
}

/** Starts CLIs in tmux sessions of their own, and takes over those that an earlier runner started. */
export class Launcher {
  constructor(private readonly options: LauncherOptions) {}

  agent(id: string): Agent {
    const { settings, nodePath, runtime } = this.options;
    return createAgent(id, settings, { node: nodePath, script: runtime.demoAgent });
  }

  /**
   * Starts an agent in a tmux session of its own, or in the pane that stands under that name already; its program is
   * running (or has ended already) when this resolves. Throws with what to do when it can't be started.
   */
  async launch(
    agent: Agent,
    session: SessionLayout,
    tmuxName: string,
    {
      resume,
      begin,
      subagent,
      inPlace = false,
    }: { resume?: string; begin?: string; subagent?: string; inPlace?: boolean } = {},
  ): Promise<AgentPane> {
    const { folder, clock, runtime, distDir } = this.options;
    await installRuntime(runtime, distDir);
    for (let tries = 1; ; tries++) {
      const place = await this.makeRoom(tmuxName, inPlace);
      const launchId = `l-${clock.random().slice(0, 16)}`;
      try {
        return await this.begin(agent, session, { tmuxName, launchId, place, resume, begin, subagent });
      } catch (error) {
        await removeLaunch(folder.launch(launchId).dir);
        // The runner before, which no server could refuse while there was none, made one after our look. From our call on it is refused.
        if (isNameTaken(error) && tries === 1) continue;
        if (!(error instanceof TmuxError && error.noServer)) throw error;
        throw new CourierError('start_failed', `The tmux server ended while ${agent.title} was being started.`, {
          cause: error,
        });
      }
    }
  }

  private async begin(
    agent: Agent,
    session: SessionLayout,
    where: { tmuxName: string; launchId: string; place?: Pane; resume?: string; begin?: string; subagent?: string },
  ): Promise<AgentPane> {
    const { layout, folder, tmux, epoch } = this.options;
    const { tmuxName, launchId, place, resume, begin, subagent } = where;
    const files = folder.launch(launchId);
    for (const dir of [files.receipts, files.decisions]) await fs.mkdir(dir, { recursive: true, mode: 0o700 });
    const conversation = { id: resume ?? begin ?? randomUUID(), resume: resume !== undefined };
    const launch = await agent.launch({
      workspace: layout.workspace,
      session,
      launch: files,
      hookScript: this.options.runtime.hook,
      alive: folder.alive,
      conversation,
      subagent,
    });
    for (const file of launch.files) await fs.writeFile(file.path, file.text, { mode: 0o600 });
    // For as long as the launch lives, its hook and program stay where they are (sweepRuntimes).
    await fs.writeFile(files.programVersion, path.basename(this.options.runtime.dir), { mode: 0o600 });
    await this.options.guard();
    const pipe = this.options.settings.log_pane ? await this.paneLog(files, session) : undefined;
    const program = { launch_id: launchId, argv: launch.argv, env: launch.env, pipe };
    const made = place
      ? await tmux.call(respawnPane(epoch, place, program))
      : await tmux.callStarting(newSession(epoch, { ...program, session: tmuxName, cwd: layout.workspace }));
    if (!made)
      throw new CourierError('superseded', 'Another Tmux Courier has taken this folder over; nothing was started.');
    this.options.onServer();
    const listed = await tmux.call(listPanes());
    await tmux.noteServer(listed);
    const own = findPane(listed, tmuxName);
    if (!own) throw new CourierError('start_failed', `tmux made no session "${tmuxName}".`);
    const pane = this.adopt(own, agent);
    pane.see([own]);
    return pane;
  }

  /** Takes a pane over that runs already. `earlier` is what it was last shown to wait for. */
  adopt(pane: Pane, agent: Agent, earlier?: Waiting): AgentPane {
    const { tmux, epoch, clock, panes, folder, receiptsWatcher } = this.options;
    const launch = folder.launch(pane.launch_id);
    const own = new AgentPane(agent, tmux, epoch, pane, launch, clock, earlier, this.options.say);
    if (!pane.dead) own.program = identityOf(pane.pid);
    panes.add(own);
    receiptsWatcher.add(launch.receipts);
    return own;
  }

  /** Begins or ends to keep what a pane shows that was taken over, when the setting has changed since. */
  async followPaneLog(pane: Pane, session: SessionLayout): Promise<void> {
    const { tmux, epoch, settings, folder } = this.options;
    if (pane.piped === settings.log_pane || pane.dead) return;
    await installRuntime(this.options.runtime, this.options.distDir);
    const launch = folder.launch(pane.launch_id);
    await tmux.call(pipePane(epoch, pane, settings.log_pane ? await this.paneLog(launch, session) : undefined));
    if (!settings.log_pane) await fs.rm(launch.paneLog, { force: true });
  }

  /** The command that keeps what a pane shows; undefined where `logs` is no folder of ours, which the session's log can't be written to either. */
  private async paneLog(launch: LaunchLayout, session: SessionLayout): Promise<string | undefined> {
    if (!(await isRealFolder(this.options.layout, session.logs))) return undefined;
    await namePaneLog(launch, session, this.options.clock.now());
    return paneLogCommand(this.options.runtime.paneLogger, launch);
  }

  /** Stands for a pane that is gone: only the receipts of its launch are left. */
  ghost(launchId: string, agent: Agent): AgentPane {
    const { tmux, epoch, clock, folder } = this.options;
    const pane = new AgentPane(
      agent,
      tmux,
      epoch,
      { session: '', pane_id: '', launch_id: launchId },
      folder.launch(launchId),
      clock,
      undefined,
      this.options.say,
    );
    pane.ended = { kind: 'gone' };
    return pane;
  }

  /** Forgets a pane and removes what its launch left in the user's folder. */
  async discard(pane: AgentPane): Promise<void> {
    this.options.panes.remove(pane);
    this.options.receiptsWatcher.remove(pane.launch.receipts);
    await removeLaunch(pane.launch.dir);
  }

  /** Ends what still stands under a name of ours, and removes what its launch left in the user's folder. */
  async clear(tmuxName: string): Promise<void> {
    await this.makeRoom(tmuxName, false);
  }

  /** Ends what still stands under a name of ours, such as a start that a crash cut off. Returns the pane that is to be used again. */
  private async makeRoom(tmuxName: string, inPlace: boolean): Promise<Pane | undefined> {
    const { tmux, folder, panes, guard } = this.options;
    const found = inPlace ? findPane((await tmux.callIfServer(listPanes())) ?? [], tmuxName) : undefined;
    // One without our mark is none of ours, or an agent has written over it: the gate would refuse to use it again.
    const place = found?.launch_id ? await vacate(this.options, found) : undefined;
    const left = place ? found : await endTmuxSession(this.options, tmuxName);
    // What a pane of ours has written is read to its end by whoever uses that pane, who then discards it.
    const known = [...panes].some((pane) => pane.at.launch_id === left?.launch_id);
    await guard();
    if (left && !known && idPattern.test(left.launch_id)) await removeLaunch(folder.launch(left.launch_id).dir);
    return place;
  }

  /** Removes the launch folders of which nothing is known any more: neither a pane nor a job that runs. */
  async sweep(known: Set<string>): Promise<void> {
    const { folder, guard } = this.options;
    const found = await namesIn(folder.launches);
    // Whoever took the folder over meanwhile has launches of its own, and its claim came before them.
    await guard();
    for (const id of found) if (!known.has(id)) await removeLaunch(folder.launch(id).dir);
  }
}

const isNameTaken = (error: unknown) => error instanceof TmuxError && /^duplicate session/m.test(error.message);

/** Removes what a launch left in the user's folder. */
async function removeLaunch(dir: string): Promise<void> {
  // Out of the way first: a hook that the dying program still runs would put its receipt into a folder that is being emptied.
  const gone = `${dir}.gone`;
  try {
    await fs.rename(dir, gone);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  await fs.rm(gone, { recursive: true, force: true });
}
