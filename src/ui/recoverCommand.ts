import type * as vscode from 'vscode';
import { type RecoveryAction, recoveryActions } from '../core/model/session';
import { recommended } from '../core/sessions/health';
import type { SessionView } from '../core/store/snapshot';
import { translated } from './coreWords';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import { pickOne } from './messages';

type ActionPick = vscode.QuickPickItem & { action: RecoveryAction };

/** What each action is called, and what it does to what is there. */
const words: Record<RecoveryAction, () => { label: string; detail: string }> = {
  restart_claude: () => ({
    label: t('Restart the agent'),
    detail: t('In its tmux session, so that open terminals stay. The conversation goes on.'),
  }),
  restart_tmux: () => ({
    label: t('Restart tmux and the agent'),
    detail: t('The tmux session is ended and made anew. The conversation goes on.'),
  }),
  initialize: () => ({
    label: t('Start it'),
    detail: t('For a session that was never started, or was stopped.'),
  }),
  recreate: () => ({
    label: t('Begin anew'),
    detail: t('A new tmux session and a new conversation. Queue, prompts, answers and history stay.'),
  }),
};

/** Recovers a session by the action that is named, or that a person chooses; the recommended one stands first. */
export async function recoverSession(
  { folder, session }: { folder: CourierFolder; session: SessionView },
  named: unknown,
): Promise<void> {
  const recovery = recoveryActions.find((action) => action === named) ?? (await pickAction(session));
  if (!recovery) return;
  await folder.request({ action: 'recover_session', session_id: session.metadata.session_id, recovery });
}

async function pickAction({ metadata, health, jobs }: SessionView): Promise<RecoveryAction | undefined> {
  const best = recommended(metadata.state, health ?? {});
  const why = health?.reason ?? metadata.message;
  const items = [best, ...recoveryActions.filter((action) => action !== best)].map((action): ActionPick => {
    const description = action !== best ? action : why ? t('recommended: {0}', translated(why)) : t('recommended');
    return { action, description, ...words[action]() };
  });
  const works = jobs.some((job) => job.status === 'running' && job.mode === 'session');
  return (
    await pickOne(items, {
      title: t('Recover Session "{0}"', metadata.name),
      placeHolder: works
        ? t('The job that it works on ends; it is not sent again by itself.')
        : t('What is to be done?'),
    })
  )?.action;
}
