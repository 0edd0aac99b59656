import * as vscode from 'vscode';
import type { Waiting } from '../core/model/waiting';
import { commands } from './contributions';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import { isForeign, type Node, ownDialog } from './nodes';
import { dialogWords, shortened, waitingWords } from './words';

interface Dialog {
  target: string;
  name: string;
  waiting: Waiting;
  /** The session or fresh job whose terminal shows it. */
  place: Node;
}

/** Says once for each dialog that an agent waits, with its choices as buttons. */
export class WaitingNotifier implements vscode.Disposable {
  private readonly told = new Set<string>();
  private readonly listening: vscode.Disposable;

  constructor(folders: FolderService) {
    this.listening = vscode.Disposable.from(
      folders.onDidChange(() => {
        for (const folder of folders.all) if (!isForeign(folder)) this.look(folder);
      }),
    );
  }

  private look(folder: CourierFolder): void {
    for (const dialog of dialogsIn(folder)) {
      const key = `${folder.workspaceFolder.uri.toString()} ${dialog.waiting.dialog_id}`;
      if (this.told.has(key)) continue;
      this.told.add(key);
      void tell(folder, dialog);
    }
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

async function tell(folder: CourierFolder, { target, name, waiting, place }: Dialog): Promise<void> {
  const terminal = 'Open Terminal';
  const text = shortened(dialogWords(waiting), 160);
  const labels = waiting.choices.map((choice) => choice.label);
  const chosen = await vscode.window.showWarningMessage(
    `${name}: ${waitingWords[waiting.kind]} ${text}`,
    ...labels,
    terminal,
  );
  const choice = waiting.choices.find(({ label }) => label === chosen);
  if (choice) {
    const node: Node = { kind: 'choice', folder, target, waiting, choice };
    await vscode.commands.executeCommand(commands.answer, node);
  } else if (chosen === terminal) await vscode.commands.executeCommand(commands.attach, place);
}
