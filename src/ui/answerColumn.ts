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
   * Opens an answer in a text editor, as a preview: the next one takes its place. It does not take the place of one that nobody has
   * been in yet, nor of one that is being read.
   */
  async open(folder: CourierFolder, relative: string): Promise<void> {
    const uri = await findFile(folder, relative);
    const place = beside(folder);
    const preview = place.preserveFocus && !this.isUntouchedThere();
    const how = { ...place, preview };
    if (preview) this.untouched = uri.fsPath;
    try {
      // In two thirds of the time that openWith takes until the text is seen (measured, VS Code 1.139).
      await vscode.window.showTextDocument(uri, how);
    } catch {
      // It fails when the person opens something else at that moment, and the editor stands there all the same; and of a file that
      // VS Code keeps from extensions, a binary or a very large one, which it shows in its own way.
      if (tabsOf(uri.fsPath).length === 0) await vscode.commands.executeCommand('vscode.openWith', uri, 'default', how);
    }
  }

  /** Shows an answer as rendered Markdown: one takes the place of the other. */
  async openRendered(folder: CourierFolder, relative: string): Promise<void> {
    const uri = await findFile(folder, relative);
    // Not markdown.showPreviewToSide, which takes the keyboard.
    const editor = 'vscode.markdown.preview.editor';
    await vscode.commands.executeCommand('vscode.openWith', uri, editor, { ...beside(folder), preview: true });
  }

  private isUntouchedThere(): boolean {
    return this.untouched !== undefined && tabsOf(this.untouched).some(({ isPreview }) => isPreview);
  }

  dispose(): void {
    this.listening.dispose();
  }
}

function tabsOf(file: string): vscode.Tab[] {
  const isIt = ({ input }: vscode.Tab) => input instanceof vscode.TabInputText && input.uri.fsPath === file;
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs.filter(isIt));
}

/** Where an answer is shown. Whoever reads one gets the next one in the same place. */
function beside(folder: CourierFolder): { viewColumn: vscode.ViewColumn; preserveFocus: boolean } {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isFile = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom;
  const reading = isFile && input.uri.fsPath.startsWith(folder.layout.root);
  return { viewColumn: reading ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside, preserveFocus: !reading };
}
