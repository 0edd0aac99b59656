import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { namesIn, type UserState } from '../core/store/userState';
import { writeWhole } from '../core/store/wholeFile';
import { systemClock } from '../core/support/clock';
import { t } from './l10n';
import { pickOne } from './messages';
import { clockTime, shortened } from './words';

interface Draft {
  uri: vscode.Uri;
  text: string;
  changed: number;
}

/** Whether a document is a prompt that is being written. */
export function isDraft(user: UserState, uri: vscode.Uri): boolean {
  return uri.scheme === 'file' && path.dirname(uri.fsPath) === user.drafts && uri.fsPath.endsWith('.md');
}

/** A new draft, or one that was begun and never sent; the empty ones are removed. */
export async function chooseDraft(user: UserState): Promise<vscode.Uri | undefined> {
  const begun = await unsentDrafts(user);
  if (begun.length === 0) return newDraft(user);
  const rows = [
    { label: t('New Prompt'), iconPath: new vscode.ThemeIcon('add'), uri: undefined },
    ...begun.map(({ uri, text, changed }) => ({
      label: shortened(text.trim().split('\n')[0] ?? '', 80),
      description: clockTime(new Date(changed).toISOString()),
      iconPath: new vscode.ThemeIcon('edit'),
      uri,
    })),
  ];
  const title = t('Write a Prompt');
  const placeHolder = t('A new prompt, or one that you began and did not send?');
  const chosen = await pickOne(rows, { title, placeHolder });
  return chosen && (chosen.uri ?? newDraft(user));
}

/** Makes a draft that holds this text, for the user alone. */
export async function newDraft(user: UserState, text = ''): Promise<vscode.Uri> {
  await fs.mkdir(user.drafts, { recursive: true, mode: 0o700 });
  const file = path.join(user.drafts, `prompt-${systemClock.random().slice(0, 6)}.md`);
  await writeWhole(file, text);
  return vscode.Uri.file(file);
}

async function unsentDrafts(user: UserState): Promise<Draft[]> {
  const shown = new Set(vscode.workspace.textDocuments.map(({ uri }) => uri.toString()));
  const drafts: Draft[] = [];
  for (const name of (await namesIn(user.drafts)).filter((one) => one.endsWith('.md'))) {
    const uri = vscode.Uri.file(path.join(user.drafts, name));
    const text = await fs.readFile(uri.fsPath, 'utf8');
    if (text.trim() !== '') drafts.push({ uri, text, changed: (await fs.stat(uri.fsPath)).mtimeMs });
    else if (!shown.has(uri.toString())) await fs.rm(uri.fsPath, { force: true });
  }
  return drafts.sort((a, b) => b.changed - a.changed);
}
