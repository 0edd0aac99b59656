// With no Claude Code on the machine: the empty view says what is missing, and the Demo agent is one click.
export const themes = ['dark', 'light', 'contrast'];
export const settings = { 'courier.agents': { claude: { command: '/nonexistent/claude' } } };

const row = (wb, name) => wb.page.locator('.part.sidebar').getByRole('button', { name });

export const steps = {
  async 'what is missing stands in the view'(wb) {
    await wb.openView('Courier');
    await row(wb, /^problem: Claude Code was not found/).waitFor();
    await wb.page.getByText('There is no session yet.').waitFor();
  },
  async 'a click explains it'(wb) {
    await row(wb, /^problem: Claude Code was not found/).click();
    const toast = wb.page.locator('.notification-toast .notification-list-item');
    await toast.filter({ hasText: '/nonexistent/claude' }).waitFor();
    await toast.getByRole('button', { name: 'Set Agents' }).waitFor();
  },
  async 'Check Setup lists everything'(wb) {
    await wb.command('Courier: Check Setup');
    const rows = wb.page.locator('.quick-input-list .monaco-list-row');
    await rows.filter({ hasText: 'tmux 3' }).waitFor();
    await rows.filter({ hasText: 'Claude Code was not found' }).waitFor();
    await wb.shot('the list');
    await wb.page.keyboard.press('Escape');
  },
  async 'the Demo agent is one click'(wb) {
    await row(wb, 'Try the Demo Agent').first().click();
    await wb.treeItem(/ready . demo/).waitFor();
  },
  async 'its hint leads to a file, since none is open'(wb) {
    await wb.toastButton('The Demo session is made.', 'Go to File…');
    const input = wb.page.locator('.quick-input-widget input.input');
    await input.fill('item.ts');
    await wb.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'item.ts' }).first().waitFor();
    await input.press('Enter');
    await wb.editorTab('item.ts').waitFor();
  },
};
