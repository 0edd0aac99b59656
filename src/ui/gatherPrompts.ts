import * as vscode from 'vscode';
import { CourierError } from '../core/support/errors';
import { t } from './l10n';
import { type DocumentItem, fromEditor, fromFile, isBlank, refusal } from './promptItem';

/** What a command was called on: the prompts, and why others of them are not sent. */
export interface Gathered {
  items: DocumentItem[];
  refused: unknown[];
}

/** What a menu, the palette or a key press means: files of the explorer, an editor's tab, or the text editor in front. Throws when that is nothing. */
export async function gather(first: unknown, second: unknown): Promise<Gathered> {
  const found = await gatherIfAny(first, second);
  if (found) return found;
  throw new CourierError('nothing_to_send', t('There is nothing to send: open a text file, or select text in one.'));
}

/** As `gather`; undefined when no file was named and no text editor is in front. */
export async function gatherIfAny(first: unknown, second: unknown): Promise<Gathered | undefined> {
  const uris = Array.isArray(second) ? second.filter((uri) => uri instanceof vscode.Uri) : [];
  if (uris.length > 0) return fromFiles(uris);
  const editor = vscode.window.activeTextEditor;
  const asked = first instanceof vscode.Uri ? first : undefined;
  if (!editor || (asked && asked.toString() !== editor.document.uri.toString())) {
    return asked && fromFiles([asked]);
  }
  // Only a tab's menu says which editor group it belongs to, and a tab stands for the whole file.
  const tab = typeof second === 'object' && second !== null && 'groupId' in second;
  const item = fromEditor(editor, tab);
  return isBlank(item) ? { items: [], refused: [refusal(item.name, 'empty')] } : { items: [item], refused: [] };
}

/** Files as prompts, in their order. */
export async function fromFiles(uris: vscode.Uri[]): Promise<Gathered> {
  const results = await Promise.allSettled(uris.map(fromFile));
  return {
    items: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    refused: results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
  };
}
