// Try an Agent…: an agent of one's own is started, seen, tried and saved.
import fs from 'node:fs';
import path from 'node:path';

export const themes = ['dark', 'light', 'contrast'];
export const settings = { 'courier.openOutput': 'never' };

/** Takes lines and does what they ask for. */
const program = `while printf 'say 1> ' && read -r line; do
  answer=$(printf '%s' "$line" | sed -n 's/.*Write your answer to \\([^ ]*\\) and end.*/\\1/p')
  if [ -n "$answer" ]; then printf 'ready\\n' > "$answer"; fi
done
`;

export function setUp({ workspace }) {
  fs.writeFileSync(path.join(workspace, 'agent.sh'), program);
}

const says = (wb, text) => wb.page.locator('.quick-input-widget').getByText(text).first().waitFor();

const asks = (wb, words) => wb.page.locator('.quick-input-widget').getByPlaceholder(words).waitFor();

export const steps = {
  async 'the command asks for a program'(wb) {
    await wb.openView('Courier');
    await wb.command('Courier: Try an Agent…');
    await says(wb, 'as you start it in a terminal');
  },
  async 'it is started, and how it looks when it is ready is proposed'(wb) {
    await wb.answer('/bin/sh agent.sh');
    await says(wb, 'Its last row is "say 1>" now.');
    await wb.editorTab(/sh \(screen\)/).waitFor();
  },
  async 'what is typed is tried on its screen'(wb) {
    const input = wb.page.locator('.quick-input-widget input.input');
    await input.fill('^done> $');
    await says(wb, 'Now it is not seen as ready; its last row is "say 1>".');
    await input.fill('^say \\d+>$');
    await says(wb, 'Now it is seen as ready.');
  },
  async 'it is asked when it is done'(wb) {
    await wb.answer('^say \\d+>$');
    await says(wb, 'When nothing moved for 2 seconds');
  },
  async 'it does a test job'(wb) {
    await wb.pick('When nothing moved for 2 seconds');
    await says(wb, 'Save "sh"');
  },
  async 'it is saved, and its session stays'(wb) {
    await wb.pick('Save "sh"');
    await wb.toast('"sh" is saved in your setting').waitFor();
    await wb.treeItem(/^sh.*ready/).waitFor();
  },
  async 'Edit an Agent is a form of what is said of it'(wb) {
    await wb.toastButton('"sh" is saved in your setting', 'Edit an Agent');
    await wb.pick('sh');
    await asks(wb, 'What is to be changed?');
  },
  async 'keys that nobody may press are refused as they are typed'(wb) {
    await wb.pick('Submit keys');
    await wb.page.locator('.quick-input-widget input.input').fill('Return');
    await says(wb, 'Keys are Enter, Tab');
  },
  async 'what was changed is saved at once'(wb) {
    await wb.answer('M-m');
    await asks(wb, '"Submit keys" is saved. What else?');
  },
};
