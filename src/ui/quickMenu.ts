import * as vscode from 'vscode';
import { type CommandId, commands, extensionId, sessionsView } from './contributions';
import type { FolderService } from './folderService';
import { type Icon, jobIcon, otherIcons } from './icons';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { pickOne } from './messages';
import type { NewAnswers } from './newAnswers';
import { isForeign, type JobNode, type Node, type SessionNode } from './nodes';
import { registerCommand } from './notifications';
import { themeIcon } from './treeItems';
import { dialogWords, jobLabel, jobState, waitingWords } from './words';

/** What the quick menu needs. */
export interface QuickMenuServices {
  log: LogChannel;
  folders: FolderService;
  answers: NewAnswers;
}

interface Row extends vscode.QuickPickItem {
  run?: { command: string; argument?: Node };
}

/** Registers the menu of the status bar: what needs a person first, then what goes on, then what can be done. */
export function registerQuickMenu(services: QuickMenuServices): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(services.log, commands.showMenu, async () => {
      const chosen = await pickOne(rowsOf(services), { title: 'Tmux Courier', matchOnDescription: true });
      if (chosen?.run) await vscode.commands.executeCommand(chosen.run.command, chosen.run.argument);
    }),
    registerCommand(services.log, commands.openSettings, () =>
      vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${extensionId}`),
    ),
  );
}

function rowsOf({ folders, answers }: QuickMenuServices): Row[] {
  const own = folders.all.filter((folder) => !isForeign(folder));
  const sessions = own.flatMap((folder) =>
    folder.sessions.map((session) => ({ kind: 'session', folder, session }) as const),
  );
  const live = sessions.flatMap((node) => node.session.jobs.map((job): JobNode => ({ ...node, kind: 'job', job })));
  const unseen = sessions.flatMap((node) =>
    node.session.finished.filter((job) => answers.isNew(job)).map((job): JobNode => ({ ...node, kind: 'job', job })),
  );
  return [
    ...group(t('Need you'), sessions.flatMap(waitingRow)),
    ...group(t('New'), unseen.map(newRow)),
    ...group(t('At work'), live.map(liveRow)),
    ...group(t('Actions'), actionRows(sessions)),
  ];
}

function group(label: string, rows: Row[]): Row[] {
  return rows.length > 0 ? [{ label, kind: vscode.QuickPickItemKind.Separator }, ...rows] : [];
}

function waitingRow(node: SessionNode): Row[] {
  const { state, waiting, name } = node.session.metadata;
  if (state !== 'waiting' || !waiting) return [];
  return [
    {
      label: name,
      description: `${waitingWords(waiting.kind)} ${dialogWords(waiting)}`,
      iconPath: themeIcon(otherIcons.dialog),
      run: { command: `${sessionsView}.focus` },
    },
  ];
}

function newRow(node: JobNode): Row {
  const completed = node.job.status === 'completed';
  return {
    label: jobLabel(node.job),
    description: `${jobState(node.job)} · ${node.session.metadata.name}`,
    iconPath: themeIcon(completed ? otherIcons.newAnswer : jobIcon(node.job)),
    run: { command: completed ? commands.openOutput : commands.openJob, argument: node },
  };
}

function liveRow(node: JobNode): Row {
  return {
    label: jobLabel(node.job),
    description: `${jobState(node.job)} · ${node.session.metadata.name}`,
    iconPath: themeIcon(jobIcon(node.job)),
    run: { command: commands.openJob, argument: node },
  };
}

function actionRows(sessions: readonly SessionNode[]): Row[] {
  const action = (label: string, command: CommandId | string, icon: Icon['name']): Row => ({
    label,
    iconPath: new vscode.ThemeIcon(icon),
    run: { command },
  });
  const paused = sessions.some(({ session }) => session.metadata.paused_at !== undefined);
  return [
    action(t('Write a Prompt…'), commands.writePrompt, 'edit'),
    action(t('New Session…'), commands.newSession, 'add'),
    ...(sessions.length === 0
      ? []
      : [
          paused
            ? action(t('Resume All Sessions'), commands.resumeAll, 'debug-continue')
            : action(t('Pause All Sessions'), commands.pauseAll, 'debug-pause'),
        ]),
    action(t('Show the Courier View'), `${sessionsView}.focus`, 'list-tree'),
    action(t('Check Setup'), commands.checkSetup, 'checklist'),
    action(t('Open Settings'), commands.openSettings, 'settings-gear'),
  ];
}
