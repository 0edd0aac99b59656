import * as fs from 'node:fs';
import * as path from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

/** What VS Code calls in its extension host: runs every *.test.js beside this file and writes the counts to TEST_RESULTS. */
export async function run(): Promise<void> {
  const output = process.env.VSCODE_TEST_OUTPUT; // a remote extension host has no terminal: see test/harness/code.mjs
  if (output) {
    const consoleLog = (...args: unknown[]) => fs.appendFileSync(output, `${format(...args)}\n`);
    Object.assign(Mocha.reporters.Base, { consoleLog });
  }
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 120_000,
    reporter: 'spec',
    forbidOnly: true,
    grep: process.env.MOCHA_GREP,
  });
  const files = fs.readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.test.js'));
  for (const file of files.sort()) mocha.addFile(path.join(__dirname, file));
  const failures = await new Promise<number>((done) => {
    const failed: string[] = [];
    const runner = mocha.run((n) => {
      if (process.env.TEST_RESULTS)
        fs.writeFileSync(process.env.TEST_RESULTS, JSON.stringify({ ...runner.stats, failed }));
      done(n);
    });
    runner.on('fail', (test, error) =>
      failed.push(`${test.fullTitle()}: ${String(error.message).replace(/\s+/g, ' ').slice(0, 300)}`),
    );
  });
  if (failures) throw new Error(`${failures} test(s) failed`);
}
