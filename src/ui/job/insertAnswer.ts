import * as vscode from 'vscode';
import { codeBlocks } from '../../core/model/codeBlocks';
import { t } from '../l10n';
import { pickOne, showWarning } from '../messages';
import type { JobNode } from '../nodes';
import { jobLabel } from '../words';
import { readAnswer } from './answerFiles';
import { openSourceDocument, rangeOfSent, sourcePath } from './sourceDocument';

/** Puts an answer below the text that it is about, or in its place, as a previewed edit that can be undone. */
export async function insertAnswer(node: JobNode, how: 'below' | 'instead'): Promise<void> {
  const answer = await chooseText(await readAnswer(node.folder, node.job));
  if (answer === undefined) return;
  const place = (await placeOf(node)) ?? (await askForCursor(how));
  if (!place) return;
  const { document, range } = place;
  const edit = new vscode.WorkspaceEdit();
  const metadata = { needsConfirmation: true, label: t('Answer to {0}', jobLabel(node.job)) };
  if (how === 'instead') edit.replace(document.uri, range, asText(answer, document, range), metadata);
  else {
    const line = document.lineAt(lastLine(range));
    const eol = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
    edit.insert(document.uri, line.range.end, `${eol}${withEol(answer.trimEnd(), eol)}`, metadata);
  }
  await vscode.window.showTextDocument(document, { preview: false });
  await vscode.workspace.applyEdit(edit, { isRefactoring: true });
}

interface Place {
  document: vscode.TextDocument;
  range: vscode.Range;
}

/** All of an answer, or one of its code blocks: asked for where there are any. */
async function chooseText(answer: string): Promise<string | undefined> {
  const blocks = codeBlocks(answer);
  if (blocks.length === 0) return answer;
  const rows = [
    ...blocks.map(({ language, code }, at) => ({
      label: blocks.length === 1 ? t('The code block') : t('Code block {0}', at + 1),
      description: [language, linesOf(code)].filter(Boolean).join(' · '),
      detail: code.split('\n').find((line) => line.trim() !== ''),
      text: code,
    })),
    { label: t('The whole answer'), description: linesOf(answer), text: answer },
  ];
  return (await pickOne(rows, { title: t('Insert Answer'), placeHolder: t('Which part of it?') }))?.text;
}

function linesOf(text: string): string {
  const count = text.trimEnd().split('\n').length;
  return count === 1 ? t('1 line') : t('{0} lines', count);
}

/** Where the text that was sent stands now; undefined when it came from no file, or isn't there as it was. */
async function placeOf(node: JobNode): Promise<Place | undefined> {
  const file = sourcePath(node);
  // An agent can write the record of a job: it may not choose which file of the person's is offered for a change.
  if (file === undefined || !vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file))) return undefined;
  const document = await openSourceDocument(node, file);
  const range = await rangeOfSent(node, document);
  return range && { document, range };
}

/** The selection of the editor in front, when the person wants that instead. */
async function askForCursor(how: 'below' | 'instead'): Promise<Place | undefined> {
  const editor = vscode.window.activeTextEditor;
  const why = t('What was sent does not stand in its file as it was sent. Nothing was changed.');
  const button = how === 'instead' ? t('Replace the Selection of Now') : t('Insert at the Cursor');
  if (!editor) {
    void showWarning(`${why} ${t('Open the file and put the cursor where the answer belongs.')}`);
    return undefined;
  }
  if ((await showWarning(why, button)) !== button) return undefined;
  return { document: editor.document, range: editor.selection };
}

/** A replacement ends as what it replaces: with a line end, or without one. */
function asText(answer: string, document: vscode.TextDocument, range: vscode.Range): string {
  const eol = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
  return withEol(answer.trimEnd(), eol) + (range.end.character === 0 && !range.isEmpty ? eol : '');
}

const withEol = (text: string, eol: string) => text.replace(/\r?\n/g, eol);

/** A range that ends at the very start of a line takes nothing of that line. */
function lastLine({ start, end }: vscode.Range): number {
  return end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
}
