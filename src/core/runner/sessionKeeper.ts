import type { RecoveryAction } from '../model/session';
import type { AgentPane } from '../sessions/agentPane';
import { keepEvidence } from '../sessions/evidence';
import { judge, recommended } from '../sessions/health';
import type { ManagedSession } from '../sessions/managedSession';
import { recover } from '../sessions/recover';
import { DisposableStore } from '../support/disposables';
import { seeGone } from '../support/processGone';
import { checkTmux } from '../tmux/client';
import { listPanes } from '../tmux/commands';
import { sessionName } from '../tmux/names';
import { AutoRecovery } from './autoRecovery';
import type { RequestContext } from './context';

/** Brings sessions up, sees their ends, and brings them up again: the one place that begins a start, whoever wants it. */
export class SessionKeeper {
  private readonly own = new DisposableStore();
  private readonly auto: AutoRecovery;
  private readonly judging = new Map<AgentPane, Promise<void>>();
  private readonly retiring = new Set<Promise<void>>();
  private readonly settling = new Set<Promise<void>>();
  private readonly starts = new WeakMap<Promise<AgentPane>, { stopper: AbortController; settled: Promise<void> }>();

  constructor(private readonly context: RequestContext) {
    this.auto = this.own.add(new AutoRecovery(context));
  }

  /** A session's pane: the one that it has, or that of the start that is under way, or of one that is begun now. */
  ensureStarted(session: ManagedSession): Promise<AgentPane> {
    if (session.starting) return session.starting;
    if (session.pane && !session.pane.ended && session.isUp) return Promise.resolve(session.pane);
    return this.begin(session, async (signal) => {
      await this.judgeEnd(session);
      const { state } = session.metadata;
      if (state === 'lost' || state === 'error') this.auto.noteTry(session);
      return this.restart(session, recommended(state, session.judged), signal);
    });
  }

  /**
   * Recovers a session because a person asked for it, also one that seems well or is about to start. What its agent was
   * doing ends with that reason. The session has left its state when this returns.
   */
  recover(session: ManagedSession, action: RecoveryAction): Promise<AgentPane> {
    const reason = `a person asked for ${action}`;
    const before = session.starting && this.starts.get(session.starting);
    before?.stopper.abort({ kind: 'recovery' });
    const leave = () => {
      if (session.isUp) session.moveTo('lost', {}, { action, reason });
      session.moveTo('folder_created', { ready_at: undefined }, { action, reason });
    };
    session.setRecoveries([]);
    leave();
    return this.begin(session, async (signal) => {
      await before?.settled;
      const { pane } = session;
      await this.keepEvidence(session, pane, action, reason);
      if (pane && !pane.ended) pane.endedBecause = `it was ended by Recover Session, ${action}`;
      leave();
      return this.restart(session, action, signal);
    });
  }

  /** A start, or what is left of one that an earlier runner began; jobs share it. */
  begin(session: ManagedSession, work: (signal: AbortSignal) => Promise<AgentPane>): Promise<AgentPane> {
    const stopper = new AbortController();
    const working = work(AbortSignal.any([this.context.stopping, stopper.signal]));
    const starting: Promise<AgentPane> = working
      .catch((error) => {
        // Another start has taken this one's place, and whoever waits for a pane gets that one's.
        if (stopper.signal.aborted && session.starting && session.starting !== starting) return session.starting;
        throw error;
      })
      .finally(() => {
        if (session.starting === starting) session.starting = undefined;
        this.context.wake();
      });
    const settled = working.then(
      () => undefined,
      () => undefined,
    );
    this.starts.set(starting, { stopper, settled });
    this.settling.add(settled);
    void settled.then(() => this.settling.delete(settled));
    session.starting = starting;
    return starting;
  }

  /** Sees which sessions' programs have ended, and what is to become of those that are lost. */
  async look(): Promise<void> {
    for (const session of this.context.sessions.values())
      if (!session.starting && session.pane?.ended) await this.judgeEnd(session);
    this.auto.look();
  }

  private judgeEnd(session: ManagedSession): Promise<void> {
    const { pane } = session;
    const known = pane && this.judging.get(pane);
    if (known) return known;
    if (!pane?.ended || !session.isUp) return Promise.resolve();
    const judging = this.judgePane(session, pane).finally(() => this.judging.delete(pane));
    this.judging.set(pane, judging);
    return judging;
  }

  private async judgePane(session: ManagedSession, pane: AgentPane): Promise<void> {
    const { tmux, settings } = this.context;
    await pane.readReceipts();
    const panes = await tmux.callIfServer(listPanes());
    const last = pane.events.findLast((event) => event.kind === 'ended');
    const {
      state,
      reason = '',
      action,
      tmux_active,
    } = judge({
      server: panes !== undefined,
      session: panes?.some((one) => one.session === sessionName(settings, session.id)) ?? false,
      program: {
        ended: await pane.exitStatus(),
        wished: last?.wished,
        receipts: pane.agent.receipts,
        interrupted: pane.interrupted,
      },
    });
    if (session.pane !== pane || !session.isUp) return;
    if (state === 'stopped') return this.setDown(session, pane);
    session.moveTo('lost', { message: `${reason}; ${this.auto.prospect(session)}.` }, { action, reason, tmux_active });
    // Whoever starts it again waits for this.
    if (action) await this.keepEvidence(session, pane, action, reason);
  }

  /** Evidence that can't be kept (a full disk) is no reason to leave a session lost. */
  private async keepEvidence(
    session: ManagedSession,
    pane: AgentPane | undefined,
    action: RecoveryAction,
    reason: string,
  ): Promise<void> {
    try {
      const name = await keepEvidence(session, { pane, action, reason }, this.context);
      session.log('info', `what it showed is kept in logs/${name}`);
    } catch (error) {
      session.log('warn', `what it showed could not be kept: ${error}`);
    }
  }

  /** A person ended the agent in its terminal: the session is at rest as after Stop. */
  private async setDown(session: ManagedSession, pane: AgentPane): Promise<void> {
    session.setPane(undefined);
    session.moveTo('stopped', { tmux_session: null, message: 'The agent was ended in its terminal.' });
    await pane.kill().catch((error) => this.context.log.debug(`${session.id}: ${error}`));
    this.retire(pane);
  }

  private async restart(session: ManagedSession, action: RecoveryAction, signal: AbortSignal): Promise<AgentPane> {
    const { clock, settings, launcher, tmux, epoch } = this.context;
    await checkTmux(settings.tmux_path);
    const old = session.pane;
    session.setPane(undefined);
    // Its tmux is gone, and a program can outlive that.
    if (old?.ended && old.program) await seeGone(await old.program, clock);
    try {
      return await recover(session, action, { launcher, options: { clock, settings }, signal, tmux, epoch });
    } finally {
      if (old) this.retire(old);
    }
  }

  /** Discards a pane when no job reads its receipts any more. */
  private retire(pane: AgentPane): void {
    const holders = [...this.context.runs.values()].filter((run) => run.pane === pane);
    const retiring = Promise.all(holders.map((run) => run.done))
      .then(() => this.context.launcher.discard(pane))
      .catch((error) => this.context.log.debug(`${pane.at.launch_id}: ${error}`))
      .finally(() => this.retiring.delete(retiring));
    this.retiring.add(retiring);
  }

  /** Ends the waiting for what is planned; resolves when nothing is started or written any more. */
  async stop(): Promise<void> {
    this.own.dispose();
    await Promise.all(this.settling);
    await Promise.all(this.retiring);
  }
}
