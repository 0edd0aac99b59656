// What the page's console and VS Code's logs hold against our extension; what is wrong with VS Code itself is not ours to mend.
import fs from 'node:fs';
import path from 'node:path';

/** How VS Code names our extension in logs, paths, addresses and stacks. */
const id = 'tmux-courier.tmux-courier';

/** The part of a web view's address that its outer and inner frame have in common. */
const viewOf = (url) => /[?&]id=([^&#]+)/.exec(url)?.[1];

/** Whether an address is that of a web view of ours; the inner frame's doesn't name the extension. */
function isOurView(page, url) {
  const view = viewOf(url);
  const frames = view ? page.frames().map((frame) => frame.url()) : [];
  return frames.some((one) => viewOf(one) === view && one.includes(`extensionId=${id}`));
}

/** Listens to a page from its start; the array that it returns grows with each error of ours. */
export function hearPage(page) {
  const heard = [];
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const { url } = message.location();
    const text = message.text();
    if (text.includes(id) || url.includes(id) || isOurView(page, url)) heard.push(`console: ${text} (${url})`);
  });
  page.on('pageerror', (error) => {
    const text = String(error.stack ?? error);
    if (text.includes(id)) heard.push(`page: ${text}`);
  });
  return heard;
}

/** The entries of a log, each with the lines that belong to it. */
const entriesOf = (text) => text.split(/\n(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \[)/);

/** The errors in the logs below a folder that are ours: all in our own channel, in others those that name us. */
export function readLogs(dir) {
  if (!fs.existsSync(dir)) return [];
  const files = fs.readdirSync(dir, { withFileTypes: true, recursive: true }).filter((e) => e.name.endsWith('.log'));
  return files.flatMap(({ parentPath, name }) => {
    const own = path.basename(parentPath) === id;
    return entriesOf(fs.readFileSync(path.join(parentPath, name), 'utf8'))
      .filter((entry) => /^\S+ \S+ \[(error|critical)\]/.test(entry) && (own || entry.includes(id)))
      .map((entry) => `${name}: ${entry.trim()}`);
  });
}
