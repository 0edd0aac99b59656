import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { collectDiagnostics, diagnosticsName, writeDiagnostics } from '../core/diagnostics/collect';
import type { UserState } from '../core/store/userState';
import { systemClock } from '../core/support/clock';
import { commands } from './contributions';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { showInformation } from './messages';
import { registerCommand, reportError } from './notifications';
import type { SessionPicker } from './sessionPicker';

export interface DiagnosticsServices {
  log: LogChannel;
  picker: SessionPicker;
  user: UserState;
  programVersion: string;
}

/** Registers Collect Diagnostics: a zip that can be shown to others. */
export function registerDiagnosticsCommand(services: DiagnosticsServices): vscode.Disposable {
  return registerCommand(services.log, commands.collectDiagnostics, () => collect(services));
}

async function collect({ log, picker, user, programVersion }: DiagnosticsServices): Promise<void> {
  const folder = await picker.pickFolder();
  if (!folder) return;
  const { layout, settings } = folder;
  const versions = { courier: programVersion, vscode: `${vscode.version} ${vscode.env.appName}` };
  const remote = vscode.env.remoteName;
  const input = { layout, user, settings, clock: systemClock, versions: remote ? { ...versions, remote } : versions };
  const texts = await collectDiagnostics(input);
  const dir = path.join(user.root, 'diagnostics');
  await fs.mkdir(dir, { recursive: true, mode: 0o700 });
  const file = path.join(dir, diagnosticsName(systemClock.now()));
  await writeDiagnostics(file, texts);
  log.info(`diagnostics: ${file}`);
  // Not awaited: the command is done, and the message may stand for long.
  offer(file).catch((error) => reportError(log, error));
}

async function offer(file: string): Promise<void> {
  const message = t(
    'Diagnostics are in {0}. They hold no prompts, answers or screens; look into them before you pass them on.',
    file,
  );
  const [reveal, copy] = [t('Reveal'), t('Copy Path')];
  // The other side of a remote window has no file manager.
  const buttons = vscode.env.remoteName === undefined ? [reveal, copy] : [copy];
  const chosen = await showInformation(message, ...buttons);
  if (chosen === reveal) await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(file));
  if (chosen === copy) await vscode.env.clipboard.writeText(file);
}
