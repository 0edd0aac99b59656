// Runs out/test/host inside VS Code, on a copy of the sample project, with a home and state of its own.
import fs from 'node:fs';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { repo, which } from './harness/install.mjs';
import { pickVSCode } from './harness/pick.mjs';
import { copySample, exitOnSignals, makeSandbox } from './harness/sandbox.mjs';

const results = process.env.TEST_RESULTS ?? path.join(repo, 'test/.output', which, 'results-host.json');
fs.mkdirSync(path.dirname(results), { recursive: true });
fs.rmSync(results, { force: true });

/**
 * The user's settings while the tests run; TEST_SETTINGS (JSON) adds to them. VS Code's own git extension would look into
 * repositories that tests make and remove, and what it doesn't catch then fails whichever test runs.
 */
const settings = {
  'security.workspace.trust.enabled': false,
  'git.enabled': false,
  ...JSON.parse(process.env.TEST_SETTINGS ?? '{}'),
};

const vscodeExecutablePath = await pickVSCode();
exitOnSignals();
const sandbox = makeSandbox();
const userData = sandbox.dir('vscode');
fs.mkdirSync(path.join(userData, 'User'));
fs.writeFileSync(path.join(userData, 'User/settings.json'), JSON.stringify(settings));
try {
  await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: repo,
    extensionTestsPath: path.join(repo, 'out/test/host/index.js'),
    launchArgs: [
      copySample(repo, sandbox.dir('work')),
      `--user-data-dir=${userData}`,
      `--extensions-dir=${sandbox.dir('extensions')}`,
    ],
    extensionTestsEnv: { ...sandbox.env, TEST_RESULTS: results, TEST_VSCODE: which, COURIER_REPO: repo },
  });
  // The exit code alone misses an extension host that ends early with 0.
  if (!fs.existsSync(results)) throw new Error('No test results: the extension host ended before mocha did');
} catch (e) {
  console.error(String(e));
  process.exitCode = e.code || 1;
} finally {
  sandbox.close();
}
