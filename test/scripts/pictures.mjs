// npm run pictures [-- TEST ...]: the README's pictures anew, from the same steps as the tests of the packaged extension.
import fs from 'node:fs';
import path from 'node:path';
import { exitOnSignals } from '../harness/sandbox.mjs';
import { toPalette } from './palettePng.mjs';
import { ensurePackages, packageVsix, repo } from './prepare.mjs';
import { ensureTools } from './tools.mjs';

/** Each picture, the test whose steps lead to it, the last one of them, and a command that makes room. */
const pictures = [
  { file: 'media/readme.png', test: 'demo', last: 'the answer opens beside the code' },
  {
    file: 'media/job.png',
    test: 'job',
    last: 'Open Job shows prompt and answer side by side',
    lastly: 'View: Close Editors in Other Groups',
  },
];

/** All together, so that the package stays small. */
const mostBytes = 200_000;

const settings = { 'editor.minimap.enabled': false, 'editor.renderWhitespace': 'none' };

/** Takes a picture when nothing moves any more, with the mouse out of the way. */
async function take(wb) {
  await wb.page.locator('.statusbar-item').filter({ hasText: 'Activating Extensions' }).waitFor({ state: 'detached' });
  await wb.treeItem(/, session, ready/).waitFor();
  await wb.closeToasts();
  await wb.page.mouse.move(700, 890);
  await wb.page.locator('.monaco-hover:visible, .workbench-hover:visible').first().waitFor({ state: 'detached' });
  return wb.page.screenshot({ animations: 'disabled' });
}

async function make({ file, test, last, lastly }, browser, vsix) {
  const { openWorkbench } = await import('../e2e/workbench.mjs');
  const { steps, setUp, settings: own } = await import(`../e2e/${test}.e2e.mjs`);
  const names = Object.keys(steps);
  if (!names.includes(last)) throw new Error(`${test}.e2e.mjs has no step "${last}"`);
  const wb = await openWorkbench({ browser, vsix, name: 'pictures', settings: { ...settings, ...own }, setUp });
  try {
    for (const name of names.slice(0, names.indexOf(last) + 1)) await steps[name](wb);
    if (lastly) await wb.command(lastly);
    const png = toPalette(await take(wb));
    fs.writeFileSync(path.join(repo, file), png);
    console.log(`${file}: ${png.length} bytes`);
  } finally {
    await wb.close();
  }
}

async function main() {
  ensureTools(['tmux', 'chromium']);
  ensurePackages();
  exitOnSignals();
  const { launchBrowser } = await import('../harness/browser.mjs');
  const vsix = path.join(repo, 'out/e2e/tmux-courier.vsix');
  packageVsix(vsix);
  const browser = await launchBrowser();
  const asked = process.argv.slice(2);
  try {
    for (const picture of pictures) {
      if (asked.length === 0 || asked.includes(picture.test)) await make(picture, browser, vsix);
    }
  } finally {
    await browser.close();
  }
  const bytes = pictures.reduce((sum, { file }) => sum + fs.statSync(path.join(repo, file)).size, 0);
  if (bytes > mostBytes) throw new Error(`The pictures have ${bytes} bytes, more than ${mostBytes}`);
}

main().catch((e) => {
  console.error(e.stack);
  process.exitCode = 1;
});
