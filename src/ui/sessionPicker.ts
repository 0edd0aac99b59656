import * as vscode from 'vscode';
import type { SessionView } from '../core/store/snapshot';
import { type AgentChoice, agentChoices } from './agentChoices';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import { sessionIcon } from './icons';
import { t } from './l10n';
import { askLine, pickMany, pickOne, showInformation } from './messages';
import { agentKind } from './rows';
import { newSessionId, suggestName } from './sessionIds';
import { pickSubagent } from './subagentPicker';
import { themeIcon } from './treeItems';
import { stateWords } from './words';

/** A session to send to. One that is not there yet has its agent and name with it. */
export interface Target {
  session_id: string;
  create?: { agent: string; name: string; subagent?: string };
}

type SessionPick = vscode.QuickPickItem & { session?: SessionView };
type SeveralPick = SessionPick & { agent?: AgentChoice };
type AgentPick = vscode.QuickPickItem & { agent: AgentChoice };
type FolderPick = vscode.QuickPickItem & { folder: CourierFolder };

/** Asks which session to use, and remembers the last one of each folder. Undefined always means: nothing was chosen. */
export class SessionPicker {
  constructor(
    private readonly folders: FolderService,
    private readonly memory: vscode.Memento,
  ) {}

  /** The folder to work in: the one that holds the file, the only one, or the one that is chosen. */
  async pickFolder(near?: vscode.Uri): Promise<CourierFolder | undefined> {
    const found = near && this.folders.containing(near);
    if (found) return found;
    const all = this.folders.all;
    if (all.length === 0) {
      const chosen = await showInformation(
        t('Tmux Courier keeps prompts and answers in a folder. Open one first; nothing was sent.'),
        t('Open Folder'),
      );
      if (chosen) await vscode.commands.executeCommand('workbench.action.files.openFolder');
      return undefined;
    }
    if (all.length === 1) return all[0];
    const items = all.map(
      (folder): FolderPick => ({ label: folder.name, description: folder.layout.workspace, folder }),
    );
    return (await pickOne(items, { title: t('Workspace Folder'), placeHolder: t('In which folder?') }))?.folder;
  }

  /** A session to send to: last used first, then New Session…; with no session at all, an agent for the first one. */
  async pickTarget(folder: CourierFolder): Promise<Target | undefined> {
    if (folder.sessions.length === 0) return this.pickFirst(folder);
    const news: SessionPick = { label: t('New Session…'), iconPath: new vscode.ThemeIcon('add'), alwaysShow: true };
    const separator: SessionPick = { label: '', kind: vscode.QuickPickItemKind.Separator };
    const items = [...this.inOrder(folder).map((session) => sessionPick(folder, session)), separator, news];
    const chosen = await pickOne(items, {
      title: t('Send to Session'),
      placeHolder: t('Which session takes the prompt?'),
      matchOnDescription: true,
    });
    if (!chosen) return undefined;
    return chosen.session ? { session_id: chosen.session.metadata.session_id } : this.pickNew(folder);
  }

  /** Several sessions to send one prompt to, and new ones with an agent; those of the last time are marked already. */
  async pickSeveral(folder: CourierFolder): Promise<Target[] | undefined> {
    const last = this.memory.get<string[]>(this.severalKey(folder), []);
    const rows: SeveralPick[] = [
      ...this.inOrder(folder).map((session) => ({
        ...sessionPick(folder, session),
        picked: last.includes(session.metadata.session_id),
      })),
      { label: t('New Session'), kind: vscode.QuickPickItemKind.Separator },
      ...agentChoices(folder.settings).map((agent) => ({
        ...{ label: t('New session with {0}', agent.title), description: agent.id, detail: agent.detail, agent },
        iconPath: new vscode.ThemeIcon('add'),
      })),
    ];
    const chosen = await pickMany(rows, {
      title: t('Send to Several Sessions'),
      placeHolder: t('Which sessions take the prompt?'),
      matchOnDescription: true,
    });
    const taken = new Set(this.taken(folder));
    return chosen?.flatMap(({ session, agent }): Target[] => {
      if (session) return [{ session_id: session.metadata.session_id }];
      if (!agent) return [];
      const name = suggestName(agent.id, taken);
      const session_id = newSessionId(name, taken);
      taken.add(session_id);
      return [{ session_id, create: { agent: agent.id, name } }];
    });
  }

  rememberSeveral(folder: CourierFolder, sessionIds: readonly string[]): void {
    void this.memory.update(this.severalKey(folder), sessionIds);
  }

  private severalKey(folder: CourierFolder): string {
    return `severalSessions ${folder.workspaceFolder.uri.toString()}`;
  }

  /** A session that is there, for a command that came without one. */
  async pickSession(folder: CourierFolder, title: string): Promise<SessionView | undefined> {
    if (folder.sessions.length === 0) {
      void showInformation(t('There is no session yet. "Courier: New Session…" makes one.'));
      return undefined;
    }
    const items = this.inOrder(folder).map((session) => sessionPick(folder, session));
    return (await pickOne(items, { title }))?.session;
  }

  /** Agent and name of a new session. */
  async pickNew(folder: CourierFolder): Promise<Target | undefined> {
    const agent = await pickAgent(folder, t('New Session'));
    const as = agent && (await pickSubagent(folder, agent));
    if (!agent || !as) return undefined;
    const taken = this.taken(folder);
    const name = await askLine({
      title: t('New Session'),
      prompt: t('A name for the session with {0}', agent.title),
      value: suggestName(agent.id, taken),
      validateInput: (value) =>
        value.trim() === '' || value.length > 100 ? t('A name has 1 to 100 characters.') : undefined,
    });
    if (name === undefined || name.trim() === '') return undefined;
    return { session_id: newSessionId(name, taken), create: { agent: agent.id, name: name.trim(), ...as } };
  }

  /** The first session of a folder takes the one question that matters: which agent (and as which of its own, if it has any). */
  private async pickFirst(folder: CourierFolder): Promise<Target | undefined> {
    const agent = await pickAgent(folder, t('Send to a New Session'));
    const as = agent && (await pickSubagent(folder, agent));
    return agent && as && { session_id: 'main', create: { agent: agent.id, name: 'main', ...as } };
  }

  /** The session that is meant when none is named: the last used one, or the only one there is. */
  usual(folder: CourierFolder): SessionView | undefined {
    const last = this.memory.get<string>(this.key(folder));
    const only = folder.sessions.length === 1 ? folder.sessions[0] : undefined;
    return (last === undefined ? undefined : folder.session(last)) ?? only;
  }

  remember(folder: CourierFolder, sessionId: string): void {
    void this.memory.update(this.key(folder), sessionId);
  }

  taken(folder: CourierFolder): ReadonlySet<string> {
    return new Set(folder.sessions.map((session) => session.metadata.session_id));
  }

  private inOrder(folder: CourierFolder): SessionView[] {
    const last = this.memory.get<string>(this.key(folder));
    const isLast = (session: SessionView) => Number(session.metadata.session_id === last);
    return [...folder.sessions].sort((a, b) => isLast(b) - isLast(a));
  }

  private key(folder: CourierFolder): string {
    return `lastSession ${folder.workspaceFolder.uri.toString()}`;
  }
}

function sessionPick(folder: CourierFolder, session: SessionView): SessionPick {
  const { name, session_id, agent, state } = session.metadata;
  return {
    label: name || session_id,
    description: `${agent} · ${stateWords(state)}`,
    iconPath: themeIcon(sessionIcon(agentKind(folder, agent), state)),
    session,
  };
}

async function pickAgent(folder: CourierFolder, title: string): Promise<AgentChoice | undefined> {
  const items = agentChoices(folder.settings).map(
    (agent): AgentPick => ({ label: agent.title, description: agent.id, detail: agent.detail, agent }),
  );
  return (await pickOne(items, { title, placeHolder: t('Which agent?') }))?.agent;
}
