// What the e2e runs with Demo and with Claude Code have in common.

/** Opens a source file of the sample and selects a few of its lines. */
export async function selectFunction(wb) {
  await wb.openFile('src/inventory.ts');
  await wb.editorLine('export function').click({ position: { x: 4, y: 8 } });
  await wb.page.keyboard.press('Home');
  for (let i = 0; i < 3; i++) await wb.page.keyboard.press('Shift+ArrowDown');
}

/** Sends the selection from its context menu, by the item's name. */
export async function sendSelection(wb, item = 'Send to Claude Session') {
  await wb.contextMenu(wb.editorLine('export function'), item, { position: { x: 40, y: 8 } });
}

/** Waits until an answer's editor is open, and returns its text as it stands on the page. */
export async function seesAnswer(wb) {
  await wb.editorTab(/task_output_/).waitFor({ timeout: 60_000 });
  const lines = wb.page.locator('.part.editor .editor-group-container').last().locator('.view-line');
  await lines.first().waitFor();
  return (await lines.allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');
}
