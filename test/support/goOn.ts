import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { promisify } from 'node:util';
import type { TestCourier } from './testCourier';

/** Goes on with a conversation in session `main`, by the command line; what that prints. */
export async function goOn(courier: TestCourier, id: string, ...more: string[]): Promise<string> {
  const args = ['continue', id, '--session', 'main', '--json', '--dir', courier.workspace, ...more];
  const { stdout } = await promisify(execFile)(process.execPath, [path.resolve('dist/courier.js'), ...args], {
    env: courier.env,
  });
  return stdout;
}
