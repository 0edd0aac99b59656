import * as vscode from 'vscode';
import { withoutIcons, withoutLinks } from './plainText';

/** Says something in a notification, as plain text, whoever the words are from; resolves with the button that was clicked. */
export function showInformation(message: string, ...buttons: string[]): Thenable<string | undefined> {
  return vscode.window.showInformationMessage(withoutLinks(message), ...buttons);
}

/** As `showInformation`, for what needs a person. */
export function showWarning(message: string, ...buttons: string[]): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(withoutLinks(message), ...buttons);
}

/** As `showInformation`, for what went wrong. */
export function showError(message: string, ...buttons: string[]): Thenable<string | undefined> {
  return vscode.window.showErrorMessage(withoutLinks(message), ...buttons);
}

/** Asks in a modal dialog; true when its one button was clicked. */
export async function confirm(message: string, detail: string, button: string): Promise<boolean> {
  const options = { modal: true, detail: withoutLinks(detail) };
  return (await vscode.window.showWarningMessage(withoutLinks(message), options, button)) === button;
}

/** Asks for a line of text. */
export function askLine(options: vscode.InputBoxOptions): Thenable<string | undefined> {
  const { prompt } = options;
  return vscode.window.showInputBox(prompt === undefined ? options : { ...options, prompt: withoutLinks(prompt) });
}

/** Lets one of some rows be chosen, whose texts are shown as they are. */
export function pickOne<T extends vscode.QuickPickItem>(
  rows: readonly T[],
  options: vscode.QuickPickOptions,
): Thenable<T | undefined> {
  return vscode.window.showQuickPick(rows.map(plainRow), options);
}

/** Lets several of some rows be chosen; undefined when the question was escaped. */
export function pickMany<T extends vscode.QuickPickItem>(
  rows: readonly T[],
  options: vscode.QuickPickOptions,
): Thenable<T[] | undefined> {
  return vscode.window.showQuickPick(rows.map(plainRow), { ...options, canPickMany: true });
}

/** A row of a pick whose label, description and detail are shown as they are; an icon is its `iconPath`. */
export function plainRow<T extends vscode.QuickPickItem>(row: T): T {
  const plain = { ...row, label: withoutIcons(row.label) };
  if (row.description !== undefined) plain.description = withoutIcons(row.description);
  if (row.detail !== undefined) plain.detail = withoutIcons(row.detail);
  return plain;
}
