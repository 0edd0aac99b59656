import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';

/**
 * Opens a real VS Code on a folder, has `host` (a file of this folder, without its ending) measure inside of it, `runs` times where
 * it measures more than once, and returns what that wrote down. `extension` is the path of another one than ours.
 */
export async function openVSCode<T>(
  workspace: string,
  host: string,
  settings: Record<string, unknown>,
  { runs = 1, extension = '.' } = {},
): Promise<T> {
  const results = path.join(workspace, 'results.json');
  rmSync(results, { force: true });
  const all = { 'security.workspace.trust.enabled': false, 'git.enabled': false, ...settings };
  const args = ['test/bench/openHost.mjs', workspace, JSON.stringify(all), `out/test/bench/${host}.js`, extension];
  await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, TEST_RESULTS: results, BENCH_RUNS: String(runs) },
    timeout: 300_000,
  });
  return JSON.parse(readFileSync(results, 'utf8'));
}
