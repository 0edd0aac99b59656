import * as vscode from 'vscode';
import { type Conversation, isAtRest } from '../core/conversations';
import { t } from './l10n';
import { clockTime, stateWords } from './words';

type Row = vscode.QuickPickItem & { conversation: Conversation };

/** A conversation as it is offered: what it is about, when it was last used, who began it, and whether it still runs. */
export function conversationRow(conversation: Conversation): Row {
  const { agent, stored, title } = conversation;
  const time = clockTime(new Date(stored.updatedAt).toISOString());
  return {
    label: title ?? t('without a title'),
    description: [time, agent.title].join(' · '),
    detail: [begunBy(conversation), runs(conversation)].filter(Boolean).join(' · '),
    iconPath: new vscode.ThemeIcon(iconOf(conversation)),
    conversation,
  };
}

function iconOf({ ours, stored }: Conversation): string {
  if (ours?.kind === 'session') return 'check';
  return stored.running.kind === 'yes' ? 'warning' : ours ? 'archive' : 'terminal';
}

/** Who began it, as far as that is known: where it runs says in which terminal. */
function begunBy({ ours, stored }: Conversation): string {
  switch (ours?.kind) {
    case 'session': {
      const { name, state } = ours.session.metadata;
      return t('already in session "{0}" ({1})', name, stateWords(state));
    }
    case 'deleted':
      return t('in the deleted session "{0}", which is restored', ours.name);
    case 'begun':
      return t('begun by Tmux Courier, in a session that is gone or for one job');
    case undefined:
      if (stored.inTerminal === undefined) return t('begun in a terminal, or by another program');
      return stored.inTerminal ? t('begun in a terminal') : t('begun by another program');
  }
}

function runs({ ours, stored: { running } }: Conversation): string {
  if (running.kind === 'no') return '';
  // Its own agent runs it; of one at rest somebody else does.
  if (ours?.kind === 'session' && (running.kind === 'unknown' || !isAtRest(ours.session))) return '';
  if (running.kind === 'unknown') return t('whether it still runs is not known');
  switch (running.where) {
    case 'tmux':
      return t('still runs in tmux (process {0})', running.pid);
    case 'terminal':
      return t('still runs in a terminal (process {0})', running.pid);
    case 'background':
      return t('still open in a background process ({0})', running.pid);
  }
}
