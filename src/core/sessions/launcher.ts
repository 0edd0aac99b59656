import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Agent } from '../agents/agent';
import { hookScript } from '../agents/receipts';
import { createAgent } from '../agents/registry';
import { idPattern } from '../model/ids';
import type { Waiting } from '../model/waiting';
import type { Layout, SessionLayout } from '../store/layout';
import type { Settings } from '../store/settings';
import { writeTextIfDifferent } from '../store/textFile';
import { type FolderState, namesIn } from '../store/userState';
import type { Clock } from '../support/clock';
import { CourierError, hasCode } from '../support/errors';
import type { PathWatcher } from '../support/watch';
import type { TmuxClient } from '../tmux/client';
import { killSession, listPanes, newSession, type Pane } from '../tmux/commands';
import { AgentPane } from './agentPane';
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
  /** Where stable copies of the hook script and the Demo agent are kept (the extension's own folder moves at each upgrade). */
  runtimeDir: string;
  distDir: string;
  nodePath: string;
  /** Throws when this runner no longer owns the folder: a server that has died could not refuse it. */
  guard(): Promise<void>;
}

/** Starts CLIs in tmux sessions of their own, and takes over those that an earlier runner started. */
export class Launcher {
  private readonly hook: string;
  private readonly demoScript: string;

  constructor(private readonly options: LauncherOptions) {
    this.hook = path.join(options.runtimeDir, 'hook.sh');
    this.demoScript = path.join(options.runtimeDir, 'demo-agent.js');
  }

  agent(id: string): Agent {
    return createAgent(id, this.options.settings, { node: this.options.nodePath, script: this.demoScript });
  }

  /** Starts an agent; its program is running (or has ended already) when this resolves. Throws with what to do when it can't be started. */
  async launch(
    agent: Agent,
    session: SessionLayout,
    tmuxName: string,
    resume?: string,
  ): Promise<{ pane: AgentPane; conversationId: string }> {
    const { layout, folder, tmux, epoch, clock } = this.options;
    await this.installRuntime();
    await this.clear(tmuxName);
    const launchId = `l-${clock.random().slice(0, 16)}`;
    const files = folder.launch(launchId);
    await fs.mkdir(files.receipts, { recursive: true, mode: 0o700 });
    const conversation = { id: resume ?? randomUUID(), resume: resume !== undefined };
    const launch = await agent.launch({
      workspace: layout.workspace,
      session,
      launch: files,
      hookScript: this.hook,
      conversation,
    });
    for (const file of launch.files) await fs.writeFile(file.path, file.text, { mode: 0o600 });
    await this.options.guard();
    const made = await tmux.callStarting(
      newSession(epoch, {
        session: tmuxName,
        launch_id: launchId,
        argv: launch.argv,
        env: launch.env,
        cwd: layout.workspace,
      }),
    );
    if (!made)
      throw new CourierError('superseded', 'Another Tmux Courier has taken this folder over; nothing was started.');
    const own = (await tmux.call(listPanes())).find((pane) => pane.session === tmuxName);
    if (!own) throw new CourierError('start_failed', `tmux made no session "${tmuxName}".`);
    const pane = this.adopt(own, agent);
    pane.see([own]);
    return { pane, conversationId: conversation.id };
  }

  /** Takes a pane over that runs already. `earlier` is what it was last shown to wait for. */
  adopt(pane: Pane, agent: Agent, earlier?: Waiting): AgentPane {
    const { tmux, epoch, clock, panes, folder, receiptsWatcher } = this.options;
    const launch = folder.launch(pane.launch_id);
    const own = new AgentPane(agent, tmux, epoch, pane, launch, clock, earlier);
    panes.add(own);
    receiptsWatcher.add(launch.receipts);
    return own;
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
    );
    pane.ended = { kind: 'gone' };
    return pane;
  }

  /** Forgets a pane and removes what its launch left in the user's folder. */
  async discard(pane: AgentPane): Promise<void> {
    this.options.panes.remove(pane);
    this.options.receiptsWatcher.remove(pane.launch.receipts);
    // Out of the way first: a hook that the dying program still runs would put its receipt into a folder that is being emptied.
    const gone = `${pane.launch.dir}.gone`;
    try {
      await fs.rename(pane.launch.dir, gone);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      throw error;
    }
    await fs.rm(gone, { recursive: true, force: true });
  }

  /** Ends what still stands under a name of ours, such as a start that a crash cut off. */
  private async clear(tmuxName: string): Promise<void> {
    const { tmux, epoch, folder } = this.options;
    const left = (await tmux.callIfServer(listPanes()))?.find((pane) => pane.session === tmuxName);
    if (!left) return;
    await tmux.call(killSession(epoch, tmuxName));
    if (idPattern.test(left.launch_id))
      await fs.rm(folder.launch(left.launch_id).dir, { recursive: true, force: true });
  }

  /** Removes the launch folders of which nothing is known any more: neither a pane nor a job that runs. */
  async sweep(known: Set<string>): Promise<void> {
    const { folder } = this.options;
    for (const id of await namesIn(folder.launches))
      if (!known.has(id)) await fs.rm(folder.launch(id).dir, { recursive: true, force: true });
  }

  private async installRuntime(): Promise<void> {
    const { runtimeDir, distDir } = this.options;
    await fs.mkdir(runtimeDir, { recursive: true, mode: 0o700 });
    await writeTextIfDifferent(this.hook, hookScript);
    await writeTextIfDifferent(this.demoScript, await fs.readFile(path.join(distDir, 'demo-agent.js'), 'utf8'));
  }
}
