import type { Dialog, ScreenState } from '../agents/agent';
import type { AgentPane } from '../sessions/agentPane';
import { judge } from '../sessions/health';
import type { ManagedSession } from '../sessions/managedSession';
import { lookOrEnd } from '../sessions/settle';
import { idlePane } from './atRest';
import type { RequestContext } from './context';
import { endIn } from './watchTurn';

/**
 * Keeps the state of sessions that have no job true to what a person does in their terminals: looks at a screen once when
 * something says that it may have changed. Types nothing, and keeps out of jobs, starts and recoveries.
 */
export class IdleFollower {
  private readonly titles = new WeakMap<AgentPane, string>();
  private readonly looking = new Set<AgentPane>();

  constructor(private readonly context: RequestContext) {}

  /** After a list of all panes: looks where the title is another, and where something is under way. */
  async lookAtChanged(): Promise<void> {
    for (const session of this.context.sessions.values()) {
      const pane = idlePane(this.context, session);
      if (!pane) continue;
      const same = this.titles.get(pane) === pane.title;
      this.titles.set(pane, pane.title);
      if (!same || session.metadata.state !== 'ready') await this.look(session, pane);
    }
  }

  /** After a receipt. */
  async lookAt(pane: AgentPane): Promise<void> {
    for (const session of this.context.sessions.values()) if (session.pane === pane) await this.look(session, pane);
  }

  private async look(session: ManagedSession, pane: AgentPane): Promise<void> {
    if (!idlePane(this.context, session) || this.looking.has(pane)) return;
    this.looking.add(pane);
    try {
      await pane.readReceipts();
      const look = await lookOrEnd(pane);
      const dialog = look && (await pane.standing(look));
      // A job or a start may have begun meanwhile, and it looks for itself.
      if (look && idlePane(this.context, session) === pane) this.take(session, pane, look.state, dialog);
    } finally {
      this.looking.delete(pane);
    }
  }

  private take(session: ManagedSession, pane: AgentPane, screen: ScreenState, dialog: Dialog | undefined): void {
    session.noteProbe();
    const taken = pane.events.findLast((event) => event.kind === 'accepted');
    if (taken) session.noteConversation(taken.conversationId);
    const turn = taken && { running: endIn(pane.events, taken.promptId) === undefined, quietMs: pane.quietMs };
    if (dialog) {
      pane.attention.show(dialog);
      return;
    }
    pane.attention.clear();
    if (screen.kind === 'dialog' || (screen.kind === 'unknown' && !turn)) return;
    const program = { saysEnd: pane.agent.receipts };
    const { state } = judge({ server: true, session: true, program, greeted: true, turn, screen: screen.kind });
    session.rest(state === 'busy' ? 'busy' : 'ready');
  }
}
