import * as vscode from 'vscode';
import type { PromptSource } from '../core/model/job';
import { CourierError } from '../core/support/errors';
import { workingDiff } from '../core/support/gitDiff';
import type { PlainVariable, Variable } from '../core/templates/template';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import { askLine } from './messages';
import { problemLines, problemsIn } from './problems';
import { type DocumentItem, placeOf, textOf } from './promptItem';
import { joined } from './sendPrompts';

/** The variables that are of a document; the others are of the folder, or of the person. */
const ofDocument: readonly Variable[] = [
  'selection',
  'file',
  'language',
  'lineRange',
  'diagnostics',
] satisfies PlainVariable[];

/** Whether a template's variable needs a file or an editor. */
export function needsDocument(variable: Variable): boolean {
  return ofDocument.includes(variable);
}

/** What the variables of a template stand for that are the same for every file; asks for inputs, and returns undefined when one is escaped. */
export async function commonValues(
  folder: CourierFolder,
  wanted: readonly Variable[],
  title: string,
): Promise<Map<Variable, string> | undefined> {
  const values = new Map<Variable, string>();
  for (const variable of wanted.filter((one) => !needsDocument(one))) {
    const value = await commonValue(folder, variable, title);
    if (value === undefined) return undefined;
    values.set(variable, value);
  }
  return values;
}

async function commonValue(folder: CourierFolder, variable: Variable, title: string): Promise<string | undefined> {
  if (variable === 'gitDiff') {
    const diff = await workingDiff(folder.layout.workspace);
    return required(diff, t('Nothing changed in "{0}" since the last commit, so nothing was sent.', folder.name));
  }
  if (variable === 'clipboard') {
    return required(
      await vscode.env.clipboard.readText(),
      t('There is no text in the clipboard, so nothing was sent.'),
    );
  }
  return askLine({ title, prompt: variable.replace(/^input:\s*/, '') });
}

/** What the variables of a template stand for in one document, or in several that are sent together. Throws when there is nothing that one could stand for. */
export async function documentValues(
  folder: CourierFolder,
  wanted: readonly Variable[],
  items: readonly DocumentItem[],
): Promise<Map<Variable, string>> {
  const values = new Map<Variable, string>();
  for (const variable of wanted.filter(needsDocument)) values.set(variable, await valueIn(folder, variable, items));
  return values;
}

async function valueIn(folder: CourierFolder, variable: Variable, items: readonly DocumentItem[]): Promise<string> {
  const place = (item: DocumentItem) => placeOf(item.uri, folder.layout.workspace) ?? item.name;
  const [only] = items;
  if (variable === 'selection') return textOf(items.length === 1 && only ? only : await joined(items, folder));
  if (variable === 'file') return items.map(place).join(', ');
  if (variable === 'diagnostics') {
    const lines = items.map((item) => problemLines(place(item), problemsIn(item))).filter((text) => text !== '');
    const names = items.map((item) => `"${item.name}"`).join(', ');
    return required(lines.join('\n'), t('The editor shows no problem in {0}, so nothing was sent.', names));
  }
  const documents = await Promise.all(items.map(({ uri }) => vscode.workspace.openTextDocument(uri)));
  if (variable === 'language') return [...new Set(documents.map(({ languageId }) => languageId))].join(', ');
  return items.map(({ source }, i) => linesOf(source, documents[i]!)).join(', ');
}

function linesOf(source: PromptSource, document: vscode.TextDocument): string {
  const { start_line = 1, end_line = document.lineCount } = source;
  return start_line === end_line ? String(start_line) : `${start_line}-${end_line}`;
}

function required(value: string, otherwise: string): string {
  if (value.trim() !== '') return value;
  throw new CourierError('nothing_to_send', otherwise);
}
