// What "code" does for in-host tests: desktop VS Code's command line, as @vscode/test-electron gives it, on VS Code server + Chromium.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from './browser.mjs';
import { repo, which } from './install.mjs';
import { startServer, workbenchUrl } from './server.mjs';

const one = { type: 'string' };
const options = {
  extensionDevelopmentPath: { type: 'string', multiple: true },
  extensionTestsPath: one,
  'user-data-dir': one,
  'extensions-dir': one,
};
const { values, positionals } = parseArgs({ strict: false, allowPositionals: true, options });
const err = (s) => fs.writeSync(2, s); // synchronous: test-electron drops what arrives after "exit"

const serverDataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'vscode-server-'));
const remove = () => fs.rmSync(serverDataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
process.on('exit', remove);

// A remote extension host has no terminal: mocha writes to a file (see test/host/index.ts), which is passed on from here.
const outFile = path.join(serverDataDir, 'test-output.log');
fs.writeFileSync(outFile, '');
const fd = fs.openSync(outFile, 'r');
const buffer = Buffer.alloc(65536);
function drain() {
  for (let n = fs.readSync(fd, buffer); n > 0; n = fs.readSync(fd, buffer)) fs.writeSync(1, buffer, 0, n);
}
setInterval(drain, 50).unref();

let server;
let browser;
let stopping = false;
async function finish(code) {
  if (stopping) return;
  stopping = true;
  await browser?.close().catch(() => {});
  await server?.stop();
  drain();
  process.exit(code);
}
for (const s of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(s, () => finish(130));

/** What stands in the user's settings: a server reads what is of machine scope from a file of its own, sooner or later. */
function userSettings(dir) {
  const file = dir && path.join(dir, 'User/settings.json');
  return file && fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
}

server = await startServer({
  serverDataDir,
  settings: userSettings(values['user-data-dir']),
  userDataDir: values['user-data-dir'],
  extensionsDir: values['extensions-dir'],
  args: ['--enable-smoke-test-driver'],
  env: { VSCODE_TEST_OUTPUT: outFile },
});
browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
page.on('crash', () => {
  err('Chromium page crashed\n');
  finish(1);
});
// The two names by which VS Code's own smoke tests hear from a web workbench.
await page.exposeFunction('codeAutomationLog', (type, args) => {
  if (process.env.VSCODE_TEST_VERBOSE) err(`[${type}] ${args.map(String).join(' ')}\n`);
});
await page.exposeFunction('codeAutomationExit', async (code) => {
  // process.exit() or a crash in a remote extension host reaches the workbench as 0: believe the process.
  const real = await Promise.race([server.hostExit, new Promise((r) => setTimeout(r, 5000, 0))]);
  if (!code && real) err(`Extension host ended early with code ${real}\n`);
  finish(Number(code) || real);
});

const remote = (p) => `vscode-remote://127.0.0.1:${server.port}${path.resolve(p)}`;
const payload = (values.extensionDevelopmentPath ?? []).map((p) => ['extensionDevelopmentPath', remote(p)]);
if (values.extensionTestsPath) payload.push(['extensionTestsPath', remote(values.extensionTestsPath)]);
payload.push(['skipWelcome', 'true'], ['skipReleaseNotes', 'true']);
await page.goto(workbenchUrl(server, { folder: positionals[0] && path.resolve(positionals[0]), payload }));

const limit = Number(process.env.VSCODE_TEST_TIMEOUT ?? 300_000);
setTimeout(async () => {
  err(`VS Code: tests did not finish in ${limit / 1000} s\n`);
  await page.screenshot({ path: path.join(repo, 'test/.output', which, 'host-timeout.png') }).catch(() => {});
  finish(1);
}, limit).unref();
