import * as vscode from 'vscode';
import type { Waiting } from '../core/model/waiting';
import type { Config } from './config';
import { commands, sessionsView } from './contributions';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import { t } from './l10n';
import { showWarning } from './messages';
import { isForeign, type Node, ownDialog } from './nodes';
import { choiceWords, notificationWords } from './words';

interface Dialog {
  target: string;
  name: string;
  waiting: Waiting;
  /** The session or fresh job whose terminal shows it. */
  place: Node;
}

/** Of more questions than this that come at once, one message tells. */
const mostAlone = 3;

/** Says once for each dialog that an agent waits, with its choices as buttons. */
export class WaitingNotifier implements vscode.Disposable {
  private readonly told = new Set<string>();
  private readonly listening: vscode.Disposable;

  constructor(
    folders: FolderService,
    private readonly config: Config,
  ) {
    this.listening = vscode.Disposable.from(
      folders.onDidChange(() => {
        const found = folders.all.filter((folder) => !isForeign(folder)).flatMap((folder) => this.newIn(folder));
        if (!this.config.tells('important')) return;
        if (found.length > mostAlone) void tellMany(found.length);
        else for (const { folder, dialog } of found) void tell(folder, dialog);
      }),
    );
  }

  private newIn(folder: CourierFolder): { folder: CourierFolder; dialog: Dialog }[] {
    return dialogsIn(folder).flatMap((dialog) => {
      const key = `${folder.workspaceFolder.uri.toString()} ${dialog.waiting.dialog_id}`;
      if (this.told.has(key)) return [];
      this.told.add(key);
      return [{ folder, dialog }];
    });
  }

  dispose(): void {
    this.listening.dispose();
  }
}

function dialogsIn(folder: CourierFolder): Dialog[] {
  return folder.sessions.flatMap((session) => {
    const { metadata, jobs } = session;
    const { session_id, name, state, waiting } = metadata;
    const own: Dialog[] =
      state === 'waiting' && waiting
        ? [{ target: session_id, name, waiting, place: { kind: 'session', folder, session } }]
        : [];
    const fresh = jobs.flatMap((job): Dialog[] => {
      const dialog = ownDialog(job);
      const place: Node = { kind: 'job', folder, session, job };
      return dialog ? [{ target: job.job_id, name: job.job_id, waiting: dialog, place }] : [];
    });
    return [...own, ...fresh];
  });
}

async function tellMany(count: number): Promise<void> {
  const show = t('Show');
  const message = t('{0} agents wait for an answer.', count);
  if ((await showWarning(message, show)) === show) await vscode.commands.executeCommand(`${sessionsView}.focus`);
}

async function tell(folder: CourierFolder, { target, name, waiting, place }: Dialog): Promise<void> {
  const terminal = t('Open Terminal');
  const labels = buttonLabels(waiting.choices, terminal);
  const chosen = await showWarning(notificationWords(name, waiting), ...labels, terminal);
  const choice = chosen === undefined ? undefined : waiting.choices[labels.indexOf(chosen)];
  if (choice) {
    const node: Node = { kind: 'choice', folder, target, waiting, choice };
    await vscode.commands.executeCommand(commands.answer, node);
  } else if (chosen === terminal) await vscode.commands.executeCommand(commands.attach, place);
}

/** A button for each choice. An agent may word its choices as it likes: one that reads like another button has its number. */
function buttonLabels(choices: Waiting['choices'], own: string): string[] {
  const shown = choices.map(choiceWords);
  const alone = (label: string) => [own, ...shown].filter((one) => one === label).length === 1;
  return shown.map((label, i) => (alone(label) ? label : `${i + 1}. ${label}`));
}
