// One VS Code on a workspace, with an extension from its folder: node test/bench/openHost.mjs WORKSPACE SETTINGS TESTS EXTENSION
// What runs in its extension host (TESTS) writes to the file TEST_RESULTS.
import fs from 'node:fs';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { pickVSCode } from '../harness/pick.mjs';
import { exitOnSignals, makeSandbox } from '../harness/sandbox.mjs';

const [workspace, settings, extensionTestsPath, extension] = process.argv.slice(2);
const vscodeExecutablePath = await pickVSCode();
exitOnSignals();
// Its state is that of whoever calls this, where the folder is registered; all else is its own.
const sandbox = makeSandbox();
const userData = sandbox.dir('vscode');
fs.mkdirSync(path.join(userData, 'User'));
fs.writeFileSync(path.join(userData, 'User/settings.json'), settings);
try {
  await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: path.resolve(extension),
    extensionTestsPath: path.resolve(extensionTestsPath),
    launchArgs: [workspace, `--user-data-dir=${userData}`, `--extensions-dir=${sandbox.dir('extensions')}`],
    extensionTestsEnv: {
      ...sandbox.env,
      XDG_STATE_HOME: process.env.XDG_STATE_HOME,
      TEST_RESULTS: process.env.TEST_RESULTS,
    },
  });
} finally {
  sandbox.close();
}
