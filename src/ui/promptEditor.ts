import * as fs from 'node:fs/promises';
import * as vscode from 'vscode';
import type { UserState } from '../core/store/userState';
import { DisposableStore } from '../core/support/disposables';
import { CourierError } from '../core/support/errors';
import { setContext } from './contextKeys';
import { commands } from './contributions';
import { chooseDraft, isDraft, newDraft } from './drafts';
import { t } from './l10n';
import { isNode, type SessionNode } from './nodes';
import { registerCommand } from './notifications';
import { refusal } from './promptItem';
import { chooseFolder, chooseTarget, type SendServices, sendAll } from './sendPrompts';
import { shortened } from './words';

/** Where prompts are written: each is a Markdown file in the user's own folder, with a Send button in its title until it was sent. */
export class PromptEditor implements vscode.Disposable {
  private readonly own = new DisposableStore();
  /** The session that a draft was begun for. */
  private readonly meant = new Map<string, SessionNode>();
  private readonly sending = new Set<string>();

  constructor(
    private readonly services: SendServices,
    private readonly user: UserState,
  ) {
    this.tellContext();
    this.own.add(vscode.workspace.onDidOpenTextDocument(() => this.tellContext()));
    this.own.add(vscode.workspace.onDidCloseTextDocument(() => this.tellContext()));
    const { log } = services;
    this.own.add(registerCommand(log, commands.writePrompt, (item) => this.write(item)));
    this.own.add(registerCommand(log, commands.sendPrompt, (uri) => this.send(uri)));
  }

  /** Opens a new prompt that holds this text already. */
  async begin(text: string): Promise<void> {
    await this.show(await newDraft(this.user, text));
  }

  private async write(item: unknown): Promise<void> {
    const uri = await chooseDraft(this.user);
    if (!uri) return;
    if (isNode(item, 'session')) this.meant.set(uri.toString(), item);
    await this.show(uri);
  }

  private async show(uri: vscode.Uri): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uri);
    const markdown = await vscode.languages.setTextDocumentLanguage(document, 'markdown');
    await vscode.window.showTextDocument(markdown, { preview: false });
  }

  private async send(uri: unknown): Promise<void> {
    const asked = uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
    if (!asked || !isDraft(this.user, asked)) {
      throw new CourierError('no_prompt', t('Begin a prompt first, with "Courier: Write a Prompt…".'));
    }
    const key = asked.toString();
    // A second click while a question stands, or while the first one's job is on its way.
    if (this.sending.has(key)) return;
    this.sending.add(key);
    try {
      const node = this.meant.get(key);
      await send(this.services, asked, node?.folder.session(node.session.metadata.session_id) && node);
    } finally {
      this.sending.delete(key);
    }
  }

  private tellContext(): void {
    const open = vscode.workspace.textDocuments.map(({ uri }) => uri).filter((uri) => isDraft(this.user, uri));
    // Not the URIs: a window on another machine has others for the same files.
    setContext(
      'courier.drafts',
      open.map((uri) => uri.fsPath),
    );
  }

  dispose(): void {
    this.own.dispose();
  }
}

/** Sends what stands in the editor. The draft is kept until its job is in the inbox, then closed and removed. */
async function send(services: SendServices, uri: vscode.Uri, meant: SessionNode | undefined): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const text = document.getText();
  const name = shortened(text.trim().split('\n')[0] ?? '', 40);
  if (text.trim() === '') throw refusal(t('The prompt'), 'empty');
  const folder = await chooseFolder(services, meant);
  const target = folder && (await chooseTarget(services, meant, folder));
  if (!folder || !target) return;
  await sendAll(services, folder, target, [{ name, prompt: { text } }]);
  // What was written while a question stood is no part of what was sent.
  if (document.getText() !== text) return;
  await document.save();
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  await vscode.window.tabGroups.close(
    tabs.filter(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString()),
  );
  await fs.rm(uri.fsPath, { force: true });
}
