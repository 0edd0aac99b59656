import * as vscode from 'vscode';
import type { DocumentItem } from './promptItem';

const severities = ['error', 'warning', 'information', 'hint'] as const;

/** Problems of a file as lines of text: `src/a.ts:10:5: error: words (ts 2345)`. */
export function problemLines(place: string, problems: readonly vscode.Diagnostic[]): string {
  return problems.map((problem) => lineOf(place, problem)).join('\n');
}

function lineOf(place: string, { range, severity, message, source, code }: vscode.Diagnostic): string {
  const { line, character } = range.start;
  const id = typeof code === 'object' ? code.value : code;
  const from = [source, id].filter((part) => part !== undefined && part !== '').join(' ');
  // A message of several lines goes on indented, so that each problem begins a line of its own.
  const words = message.trim().replace(/\r?\n/g, '\n    ');
  return `${place}:${line + 1}:${character + 1}: ${severities[severity]}: ${words}${from ? ` (${from})` : ''}`;
}

/** The problems that the editor shows in the lines of a prompt. */
export function problemsIn({ uri, source }: DocumentItem): vscode.Diagnostic[] {
  const first = (source.start_line ?? 1) - 1;
  const last = (source.end_line ?? Number.MAX_SAFE_INTEGER) - 1;
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ range }) => range.end.line >= first && range.start.line <= last)
    .sort((a, b) => a.range.start.compareTo(b.range.start));
}
