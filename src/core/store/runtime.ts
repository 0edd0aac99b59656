import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { hookScript } from '../agents/receipts';
import { paneLogScript } from '../sessions/paneLog';
import { writeTextIfDifferent } from './textFile';

/** The programs that a monitor and its agents run; they load nothing else of ours. */
export const programs = ['courier.js', 'courier-main.js', 'execa.js', 'fflate.js', 'demo-agent.js'] as const;

/** The paths of one version's stable copies: an extension's own folder moves at each upgrade. */
export class Runtime {
  constructor(readonly dir: string) {}
  readonly courier = path.join(this.dir, 'courier.js');
  readonly demoAgent = path.join(this.dir, 'demo-agent.js');
  readonly hook = path.join(this.dir, 'hook.sh');
  readonly paneLogger = path.join(this.dir, 'pane-log.sh');
  /** Stands there when a unit that a person installed names these copies. */
  readonly keep = path.join(this.dir, 'keep');
}

/** Puts the programs of `distDir` and the scripts into the user's own state; writes only what differs, each file whole or not at all. */
export async function installRuntime(runtime: Runtime, distDir: string): Promise<void> {
  await fs.mkdir(runtime.dir, { recursive: true, mode: 0o700 });
  await writeTextIfDifferent(runtime.hook, hookScript);
  await writeTextIfDifferent(runtime.paneLogger, paneLogScript);
  // A monitor that runs out of these copies has nothing newer to put there.
  if (path.resolve(distDir) === path.resolve(runtime.dir)) return;
  for (const name of programs) {
    await writeTextIfDifferent(path.join(runtime.dir, name), await fs.readFile(path.join(distDir, name), 'utf8'));
  }
}
