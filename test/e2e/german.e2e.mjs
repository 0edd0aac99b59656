// In a German VS Code. Its language pack has no word in it, so that all that is German is ours.
import fs from 'node:fs';
import path from 'node:path';
import { seesAnswer, selectFunction, sendSelection } from './sendSteps.mjs';

/** Writes what VS Code keeps of a language pack that was installed: its command line, which installs ours, keeps nothing of it. */
export function setUp({ sandbox }) {
  const data = path.join(sandbox.dir('server'), 'data');
  const vscode = path.join(data, 'german.json');
  const extensions = [{ extensionIdentifier: { id: 'tests.german' }, version: '1.0.0' }];
  const pack = { hash: 'tests', extensions, translations: { vscode }, label: 'Deutsch' };
  fs.mkdirSync(data, { recursive: true });
  fs.writeFileSync(vscode, JSON.stringify({ contents: {} }));
  fs.writeFileSync(path.join(data, 'languagepacks.json'), JSON.stringify({ de: pack }));
  return { args: ['--locale', 'de'] };
}

const page = (wb) => wb.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');

export const steps = {
  async 'the empty view speaks German'(wb) {
    await wb.openView('Courier');
    await wb.page.getByText('Es gibt noch keine Sitzung.').waitFor();
    await wb.page.getByRole('button', { name: 'Neue Sitzung', exact: true }).waitFor();
  },
  async 'so do its questions and rows'(wb) {
    await wb.begin('Neue Sitzung', wb.page.locator('.quick-input-widget').getByPlaceholder('Welcher Agent?'));
    await wb.pick('Demo');
    await wb.page.getByText('Ein Name für die Sitzung mit Demo').waitFor();
    await wb.answer('helfer');
    await wb.treeItem(/^helfer, Sitzung, bereit/).waitFor();
    await wb.treeItem(/^Noch keine Aufträge/).waitFor();
  },
  async 'a selection is sent by a German menu'(wb) {
    await selectFunction(wb);
    await sendSelection(wb, 'An Claude-Sitzung senden');
    await wb.pick('helfer');
    await seesAnswer(wb);
    await wb.treeItem(/Auftrag, fertig/).waitFor();
  },
  async 'the page of the job is German'(wb) {
    await wb.treeItem(/^helfer, Sitzung, bereit/).waitFor();
    await wb.contextMenu(wb.treeItem(/Auftrag, fertig/), 'Auftrag öffnen');
    await page(wb).getByRole('region', { name: 'Antwort' }).getByText('Demo agent').first().waitFor();
    await page(wb).getByRole('list', { name: 'Schritte' }).getByText('Fertig').waitFor();
    await page(wb).getByRole('button', { name: 'Erneut senden' }).waitFor();
  },
  async 'and so are the commands'(wb) {
    await wb.command('Courier: Einrichtung prüfen');
    await wb.page.locator('.quick-input-titlebar').getByText('Einrichtung prüfen').waitFor();
  },
  async 'what the core found is said in German'(wb) {
    const list = wb.page.locator('.quick-input-list');
    await list.getByText('Der Ordner ist beschreibbar').waitFor();
    await list.getByText(/Ein VS-Code-Fenster führt die Aufträge aus \(Prozess \d+ auf /).waitFor();
    await list.getByText('Demo ist eingebaut').waitFor();
  },
};
