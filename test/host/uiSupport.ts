import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { isFinal, type Job } from '../../src/core/model/job';
import { findPromptText } from '../../src/core/runner/promptFile';
import type { SessionView } from '../../src/core/store/snapshot';
import type { CourierApi } from '../../src/ui/api';
import { waitFor } from '../support/waitFor';

/** A window function that a test answers in the person's stead. */
type Asked = 'showQuickPick' | 'showInputBox' | 'showErrorMessage' | 'showWarningMessage' | 'showInformationMessage';

export interface Call {
  name: Asked;
  args: unknown[];
}

/** Takes the person's place at questions and messages, and keeps what was asked. */
export class Person {
  readonly calls: Call[] = [];
  private readonly answers = new Map<Asked, (...args: never[]) => unknown>();
  private readonly originals: [Asked, unknown][];

  constructor() {
    const window = vscode.window as unknown as Record<Asked, unknown>;
    const names: Asked[] = [
      'showQuickPick',
      'showInputBox',
      'showErrorMessage',
      'showWarningMessage',
      'showInformationMessage',
    ];
    this.originals = names.map((name) => [name, window[name]]);
    for (const name of names) {
      window[name] = async (...args: unknown[]) => {
        this.calls.push({ name, args });
        return this.answers.get(name)?.(...(args as never[]));
      };
    }
  }

  /** Answers all further questions of one kind; undefined is Escape. */
  answer(name: Asked, reply: (...args: never[]) => unknown): void {
    this.answers.set(name, reply);
  }

  /** Chooses in the next quick picks the first row whose label has these words. */
  choose(...labels: string[]): void {
    const rest = [...labels];
    this.answer('showQuickPick', (items: readonly vscode.QuickPickItem[]) => {
      const wanted = rest.shift();
      const found = wanted === undefined ? undefined : items.find((item) => item.label.includes(wanted));
      assert.ok(found, `a row "${wanted}" among ${items.map((item) => item.label).join(', ')}`);
      return found;
    });
  }

  of(name: Asked): Call[] {
    return this.calls.filter((call) => call.name === name);
  }

  leave(): void {
    const window = vscode.window as unknown as Record<Asked, unknown>;
    for (const [name, original] of this.originals) window[name] = original;
  }
}

/** The extension's API, once it is active. */
export async function courier(): Promise<CourierApi> {
  const extension = vscode.extensions.getExtension<CourierApi>('tmux-courier.tmux-courier');
  assert.ok(extension);
  return extension.activate();
}

/** The one workspace folder. */
export async function workspace(): Promise<string> {
  const folder = (await courier()).folders()[0];
  assert.ok(folder);
  return folder.path;
}

export async function sessions(): Promise<readonly SessionView[]> {
  return (await courier()).folders()[0]?.snapshot?.sessions ?? [];
}

/** Of a pick of sessions the row of the first one there is, whichever was used last; of any other pick the first row. */
export async function firstRow(): Promise<<T>(items: readonly T[]) => T | undefined> {
  const id = (await sessions())[0]?.metadata.session_id;
  const isFirst = (row: unknown) => (row as { session?: SessionView }).session?.metadata.session_id === id;
  return (items) => items.find(isFirst) ?? items[0];
}

export async function jobs(): Promise<Job[]> {
  return (await sessions()).flatMap((session) => [...session.jobs, ...session.finished]);
}

/** Does something that sends, and waits until all the jobs that it made have ended. */
export async function finishedJobs(count: number, send: () => Thenable<unknown>, limitMs = 25_000): Promise<Job[]> {
  const made = await madeJobs(count, send, limitMs);
  const ids = made.map((job) => job.job_id);
  const ended = async () => {
    const now = (await jobs()).filter((job) => ids.includes(job.job_id));
    return now.length === count && now.every((job) => isFinal(job.status)) ? now : undefined;
  };
  return waitFor(ended, { what: `the end of ${ids.join(', ')}`, timeout: limitMs });
}

/** Does something that sends, and waits until the jobs that it made are seen, oldest first. */
export async function madeJobs(count: number, send: () => Thenable<unknown>, limitMs = 25_000): Promise<Job[]> {
  const since = new Date().toISOString();
  await send();
  const seen = async () => {
    const fresh = (await jobs()).filter((job) => job.created_at >= since);
    return fresh.length >= count ? fresh.sort((a, b) => a.created_at.localeCompare(b.created_at)) : undefined;
  };
  return waitFor(seen, { what: `${count} new jobs`, timeout: limitMs });
}

/** The person's own words in a job's prompt file. */
export async function promptOf(job: Job): Promise<string> {
  const range = await findPromptText(path.join(await workspace(), job.prompt_path));
  assert.ok(range, 'the prompt file has its marks');
  return (await fs.readFile(range.file)).subarray(range.start, range.end + 1).toString('utf8');
}

/** Makes a file in the workspace, and returns its URI. */
export async function file(name: string, content: string | Buffer): Promise<vscode.Uri> {
  const full = path.join(await workspace(), name);
  await fs.mkdir(path.dirname(full), { recursive: true });
  await fs.writeFile(full, content);
  return vscode.Uri.file(full);
}

/** Opens a file in the first editor column, in front. */
export async function edit(uri: vscode.Uri): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(uri);
  return vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One, preview: false });
}

let untitledCount = 0;

/** Opens a document that was never saved, with this text. VS Code gives the name of one that was closed, and for a moment its text, to the next: ours has its own. */
export async function untitled(content: string): Promise<vscode.TextEditor> {
  const editor = await edit(vscode.Uri.from({ scheme: 'untitled', path: `/unsaved-${++untitledCount}.md` }));
  if (content !== '') await editor.edit((change) => change.insert(new vscode.Position(0, 0), content));
  return editor;
}

/** Makes sure that there is a session with the Demo agent. */
export async function demoSession(): Promise<void> {
  if ((await sessions()).some((session) => session.metadata.agent === 'demo')) return;
  await vscode.commands.executeCommand('courier.tryDemo');
  await waitFor(async () => (await sessions()).length > 0, { what: 'the Demo session' });
}

/** Deletes every session, with a modal yes for each. */
export async function deleteSessions(person: Person): Promise<void> {
  person.answer('showWarningMessage', () => 'Delete');
  person.answer('showQuickPick', (items: readonly unknown[]) => items[0]);
  for (const { metadata } of await sessions()) {
    const left = (await sessions()).length;
    await vscode.commands.executeCommand('courier.deleteSession');
    const errors = () => person.of('showErrorMessage').map((call) => call.args[0]);
    await waitFor(async () => (await sessions()).length < left, {
      what: () => `${metadata.session_id} is deleted ${errors().join(' ')}`,
    });
  }
}

/** Whether a job's answer is open in an editor. */
export function isOpen(job: Job): boolean {
  return openTabs().some((file) => file.endsWith(`/${job.output_path}`));
}

export function openTabs(): string[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri.fsPath] : []));
}

export async function closeEditors(): Promise<void> {
  // "Revert" first: an editor with unsaved text would ask a person.
  for (const document of vscode.workspace.textDocuments.filter((d) => d.isDirty)) {
    // VS Code doesn't open it while it opens another one, such as an answer.
    const reverted = async () => {
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      return !document.isDirty;
    };
    await waitFor(reverted, { what: `${document.uri} is closed` });
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
