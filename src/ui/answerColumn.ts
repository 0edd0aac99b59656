import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CourierFolder } from './courierFolder';
import { findFile } from './openFile';

/** The place beside the code where answers are shown, without taking the keyboard from it. */
export class AnswerColumn implements vscode.Disposable {
  /** The answer that was last opened as a preview, until a person has been in it. */
  private untouched: string | undefined;
  private readonly listening = vscode.window.onDidChangeActiveTextEditor((editor) => {
    if (editor?.document.uri.fsPath === this.untouched) this.untouched = undefined;
  });

  /**
   * Opens an answer in a text editor, as a preview: the next one takes its place. It takes the place of nothing else: of no answer that
   * nobody has been in yet or that is being read, and of no file that a person looks at.
   */
  async open(folder: CourierFolder, relative: string): Promise<void> {
    const uri = await findFile(folder, relative);
    const place = beside(folder);
    const preview = place.preserveFocus && this.isFree(folder);
    const how = { ...place, preview };
    if (preview) this.untouched = uri.fsPath;
    try {
      // In two thirds of the time that openWith takes until the text is seen (measured, VS Code 1.139).
      await vscode.window.showTextDocument(uri, how);
    } catch {
      // It fails when the person opens something else at that moment, and the editor stands there all the same; and of a file that
      // VS Code keeps from extensions, a binary or a very large one, which it shows in its own way.
      if (!hasTab(uri)) await vscode.commands.executeCommand('vscode.openWith', uri, 'default', how);
    }
  }

  /** Shows an answer as rendered Markdown: one takes the place of the other. */
  async openRendered(folder: CourierFolder, relative: string): Promise<void> {
    const uri = await findFile(folder, relative);
    // Not markdown.showPreviewToSide, which takes the keyboard.
    const editor = 'vscode.markdown.preview.editor';
    await vscode.commands.executeCommand('vscode.openWith', uri, editor, { ...beside(folder), preview: true });
  }

  /** Whether a preview beside the code takes the place of nothing, or of an answer that a person has been in. */
  private isFree({ layout }: CourierFolder): boolean {
    const { all, activeTabGroup } = vscode.window.tabGroups;
    const group = all.find(({ viewColumn }) => viewColumn === activeTabGroup.viewColumn + 1);
    const there = group?.tabs.find(({ isPreview }) => isPreview);
    if (!there) return true;
    const file = there.input instanceof vscode.TabInputText ? there.input.uri.fsPath : '';
    return file.startsWith(layout.root + path.sep) && file !== this.untouched;
  }

  dispose(): void {
    this.listening.dispose();
  }
}

function hasTab({ fsPath }: vscode.Uri): boolean {
  const isIt = ({ input }: vscode.Tab) => input instanceof vscode.TabInputText && input.uri.fsPath === fsPath;
  return vscode.window.tabGroups.all.some((group) => group.tabs.some(isIt));
}

/** Where an answer is shown. Whoever reads one gets the next one in the same place. */
function beside(folder: CourierFolder): { viewColumn: vscode.ViewColumn; preserveFocus: boolean } {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isFile = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom;
  const reading = isFile && input.uri.fsPath.startsWith(folder.layout.root);
  return { viewColumn: reading ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside, preserveFocus: !reading };
}
