// Runs out/test/windows inside two VS Codes at once, both on one copy of the sample project and with one state.
import fs from 'node:fs';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { repo, which } from './harness/install.mjs';
import { pickVSCode } from './harness/pick.mjs';
import { copySample, exitOnSignals, makeSandbox } from './harness/sandbox.mjs';

const results = process.env.TEST_RESULTS ?? path.join(repo, 'test/.output', which, 'results-windows.json');
const settings = { 'security.workspace.trust.enabled': false, 'courier.openOutput': 'never' };

const vscodeExecutablePath = await pickVSCode();
exitOnSignals();
const sandbox = makeSandbox();
const workspace = copySample(repo, sandbox.dir('work'));
const meeting = sandbox.dir('meeting');

/** One window; resolves with mocha's counts. */
async function openWindow(name) {
  const userData = sandbox.dir(`vscode-${name}`);
  fs.mkdirSync(path.join(userData, 'User'));
  fs.writeFileSync(path.join(userData, 'User/settings.json'), JSON.stringify(settings));
  const own = path.join(meeting, `results-${name}.json`);
  await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: repo,
    extensionTestsPath: path.join(repo, 'out/test/windows/index.js'),
    launchArgs: [workspace, `--user-data-dir=${userData}`, `--extensions-dir=${sandbox.dir(`extensions-${name}`)}`],
    extensionTestsEnv: {
      ...sandbox.env,
      TEST_RESULTS: own,
      TEST_VSCODE: which,
      COURIER_REPO: repo,
      COURIER_WINDOW: name,
      COURIER_MEETING: meeting,
    },
  }).catch((error) => console.error(`window ${name}: ${error}`));
  // The exit code alone misses an extension host that ends early with 0.
  return fs.existsSync(own) ? JSON.parse(fs.readFileSync(own, 'utf8')) : { passes: 0, failures: 1, pending: 0 };
}

try {
  const both = await Promise.all(['a', 'b'].map(openWindow));
  const sum = (key) => both.reduce((n, stats) => n + stats[key], 0);
  const failed = both.flatMap((stats) => stats.failed ?? []);
  const stats = { passes: sum('passes'), failures: sum('failures'), pending: sum('pending'), failed };
  fs.mkdirSync(path.dirname(results), { recursive: true });
  fs.writeFileSync(results, JSON.stringify(stats));
  process.exitCode = stats.failures ? 1 : 0;
} finally {
  sandbox.close();
}
