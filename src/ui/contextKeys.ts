import * as vscode from 'vscode';
import type { ContextValues } from './contributions';

const last = new Map<keyof ContextValues, unknown>();

/** Sets one of our context keys, when it is another value than before. */
export function setContext<K extends keyof ContextValues>(key: K, value: ContextValues[K]): void {
  if (last.get(key) === value) return;
  last.set(key, value);
  void vscode.commands.executeCommand('setContext', key, value);
}
