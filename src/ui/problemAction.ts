import * as vscode from 'vscode';
import { CourierError } from '../core/support/errors';
import { fenced } from '../core/templates/fence';
import { commands } from './contributions';
import { t } from './l10n';
import { registerCommand } from './notifications';
import { problemLines } from './problems';
import { type DocumentItem, fromDocument, placeOf } from './promptItem';
import { chooseFolder, chooseTarget, type SendServices, sendAll } from './sendPrompts';

/** Offers to send a problem where its fixes are offered, and registers the command that does it. */
export function registerProblemAction(services: SendServices): vscode.Disposable {
  const files = [{ scheme: 'file' }, { scheme: 'untitled' }];
  return vscode.Disposable.from(
    vscode.languages.registerCodeActionsProvider(files, { provideCodeActions: offer }, kinds),
    registerCommand(services.log, commands.sendProblem, (uri, problems) => sendProblem(services, uri, problems)),
  );
}

const kinds = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };

function offer(document: vscode.TextDocument, _: vscode.Range, context: vscode.CodeActionContext): vscode.CodeAction[] {
  const problems = [...context.diagnostics];
  if (problems.length === 0) return [];
  const title = t('Send Problem to Claude Session');
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.diagnostics = problems;
  action.command = { command: commands.sendProblem, title, arguments: [document.uri, problems] };
  return [action];
}

/** Sends the problems that the action was offered for; from the palette, those at the cursor. */
async function sendProblem(services: SendServices, uri: unknown, problems: unknown): Promise<void> {
  const found = uri instanceof vscode.Uri && Array.isArray(problems) ? { uri, problems } : atCursor();
  if (found.problems.length === 0) {
    const words = t('There is no problem at the cursor. Put it where the editor underlines one.');
    throw new CourierError('nothing_to_send', words);
  }
  const folder = await chooseFolder(services, undefined, found.uri);
  const target = folder && (await chooseTarget(services, undefined, folder));
  if (!folder || !target) return;
  const document = await vscode.workspace.openTextDocument(found.uri);
  await sendAll(services, folder, target, [problemItem(document, found.problems, folder.layout.workspace)]);
}

function atCursor(): { uri: vscode.Uri; problems: vscode.Diagnostic[] } {
  const editor = vscode.window.activeTextEditor;
  if (!editor) throw new CourierError('nothing_to_send', t('Open a file, and put the cursor on a problem.'));
  const { uri } = editor.document;
  const all = vscode.languages.getDiagnostics(uri);
  return { uri, problems: all.filter(({ range }) => range.intersection(editor.selection) !== undefined) };
}

/** The problem as the editor tells it, and the lines that it is in. */
function problemItem(
  document: vscode.TextDocument,
  problems: readonly vscode.Diagnostic[],
  workspace: string,
): DocumentItem {
  const place = placeOf(document.uri, workspace) ?? document.fileName;
  const first = Math.min(...problems.map(({ range }) => range.start.line));
  const last = Math.min(Math.max(...problems.map(({ range }) => range.end.line)), document.lineCount - 1);
  const lines = document.getText(new vscode.Range(first, 0, last + 1, 0));
  const where = first === last ? `Line ${first + 1}` : `Lines ${first + 1} to ${last + 1}`;
  const text = [
    `Fix ${problems.length === 1 ? 'this problem' : 'these problems'}. Find the cause first, and change no more than that needs. Say what you changed and why.`,
    problemLines(place, problems),
    `${where} of ${place}:`,
    fenced(lines, document.languageId),
  ].join('\n\n');
  const whole = fromDocument(document, text);
  return { ...whole, source: { ...whole.source, start_line: first + 1, end_line: last + 1 } };
}
