// The Courier view is in the activity bar and opens.

export const themes = ['light', 'dark', 'contrast'];

export const steps = {
  async 'the activity bar has the Courier tab'(wb) {
    await wb.tab('Courier').waitFor();
  },
  async 'the tab opens its view'(wb) {
    await wb.openView('Courier');
    // VS Code says this until the extension, activated by the view, has registered its tree.
    await wb.page.getByText('There is no data provider registered').waitFor({ state: 'detached' });
    await wb.page.locator('.part.sidebar').getByRole('button', { name: 'Try the Demo Agent' }).waitFor();
  },
};
