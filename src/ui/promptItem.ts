import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { PromptSource } from '../core/model/job';
import { CourierError } from '../core/support/errors';
import { t } from './l10n';

/** One prompt that is to be sent: its words as they are on the screen, or a file whose bytes they are. */
export interface PromptItem {
  name: string;
  /** The document that it is of, if it is of one. */
  uri?: vscode.Uri;
  prompt: { text: string } | { file: string };
  source?: PromptSource;
}

/** A prompt that is of a document. */
export type DocumentItem = PromptItem & Required<Pick<PromptItem, 'uri' | 'source'>>;

/** The selection of an editor, word for word, or all of its text when nothing is selected (or with `whole`). */
export function fromEditor(editor: vscode.TextEditor, whole = false): DocumentItem {
  const { document } = editor;
  const selections = [...editor.selections]
    .filter((selection) => !selection.isEmpty && !whole)
    .sort((a, b) => a.start.compareTo(b.start));
  const first = selections[0];
  const last = selections.at(-1);
  if (!first || !last) return fromDocument(document);
  const eol = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
  const text = selections.map((selection) => document.getText(selection)).join(eol);
  // A selection that ends at the very start of a line takes nothing of that line.
  const end = last.end.character === 0 && last.end.line > last.start.line ? last.end.line : last.end.line + 1;
  return { ...fromDocument(document, text), source: sourceOf(document, first.start.line + 1, end) };
}

/** All text of an open document, unsaved changes and all. */
export function fromDocument(document: vscode.TextDocument, text = document.getText()): DocumentItem {
  const name = path.basename(document.fileName);
  return { name, uri: document.uri, prompt: { text }, source: sourceOf(document, 1, document.lineCount) };
}

/** A file as it is on the screen when it is open with unsaved changes, else as it is on disk. Refuses what is no text. */
export async function fromFile(uri: vscode.Uri): Promise<DocumentItem> {
  const name = path.basename(uri.fsPath);
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open?.isDirty || open?.isUntitled) return fromDocument(open);
  if (uri.scheme !== 'file') throw refusal(name, 'elsewhere');
  const stat = await fs.stat(uri.fsPath);
  if (stat.isDirectory()) throw refusal(name, 'folder');
  if (!stat.isFile()) throw refusal(name, 'special');
  if (stat.size === 0) throw refusal(name, 'empty');
  if (!(await isText(uri.fsPath))) throw refusal(name, 'binary');
  return { name, uri, prompt: { file: uri.fsPath }, source: { language: open?.languageId, dirty: false } };
}

/** A prompt's words. */
export async function textOf({ prompt }: PromptItem): Promise<string> {
  return 'text' in prompt ? prompt.text : fs.readFile(prompt.file, 'utf8');
}

/** Puts a person's instruction before a prompt. */
export async function withInstruction(item: PromptItem, instruction: string): Promise<PromptItem> {
  return { ...item, prompt: { text: `${instruction}\n\n${await textOf(item)}` } };
}

/** Fills in where a prompt came from, as seen from the workspace folder that it is sent in. */
export function withPlace(item: PromptItem, workspace: string): PromptItem {
  const place = item.uri && placeOf(item.uri, workspace);
  return place === undefined ? item : { ...item, source: { path: place, ...item.source } };
}

/** A file's path from the workspace folder that holds it, else its whole path; undefined for what is no file. */
export function placeOf(uri: vscode.Uri, workspace: string): string | undefined {
  if (uri.scheme !== 'file') return undefined;
  const relative = path.relative(workspace, uri.fsPath);
  const inside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return inside ? relative.split(path.sep).join('/') : uri.fsPath;
}

/** Whether a prompt has no words in it. */
export function isBlank(item: PromptItem): boolean {
  return 'text' in item.prompt && item.prompt.text.trim() === '';
}

const refusals = {
  elsewhere: (name: string) =>
    t('"{0}" is not a file on this machine, so nothing was sent. Choose a text file, or select text.', name),
  folder: (name: string) => t('"{0}" is a folder, so nothing was sent. Choose a text file, or select text.', name),
  special: (name: string) =>
    t('"{0}" is not a plain file, so nothing was sent. Choose a text file, or select text.', name),
  empty: (name: string) => t('"{0}" is empty, so nothing was sent. Choose a text file, or select text.', name),
  binary: (name: string) =>
    t('"{0}" is a binary file, or not UTF-8 text, so nothing was sent. Choose a text file, or select text.', name),
};

/** Why something is not sent. */
export function refusal(name: string, why: keyof typeof refusals): CourierError {
  return new CourierError('not_sendable', refusals[why](name));
}

function sourceOf(document: vscode.TextDocument, start_line: number, end_line: number): PromptSource {
  return { language: document.languageId, start_line, end_line, dirty: document.isDirty || document.isUntitled };
}

/** Whether a file is text: no NUL in its first 8 kB, and all of it UTF-8. */
async function isText(file: string): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let first = true;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 64 * 1024 })) {
      const bytes = chunk as Buffer;
      if (first && bytes.subarray(0, 8192).includes(0)) return false;
      first = false;
      decoder.decode(bytes, { stream: true });
    }
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
