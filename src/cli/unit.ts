import * as os from 'node:os';
import * as path from 'node:path';
import { Argument, type Command } from 'commander';
import { type FolderOptions, openContext, withFolder } from './context';
import { print } from './print';
import { version } from './version';

/** `courier unit`: prints what runs the folder's monitor at every start of the system. */
export function registerUnit(program: Command): void {
  const command = program
    .command('unit')
    .description(
      "print a systemd user unit, or a Compose file, that runs the folder's monitor; it says how to install it",
    )
    .addArgument(new Argument('<kind>', 'what to print').choices(['systemd', 'compose']));
  withFolder(command).action(async (kind: 'systemd' | 'compose', options: FolderOptions) => {
    const { layout, user, clock } = await openContext(options);
    const [{ prepareUnit }, { systemdUnit }, { composeFile }] = await Promise.all([
      import('../core/monitor/unit'),
      import('../core/monitor/systemdUnit'),
      import('../core/monitor/composeFile'),
    ]);
    const programs = { programVersion: version, distDir: path.resolve(__dirname) };
    const facts = await prepareUnit({ layout, user, clock, ...programs }, process.env, os.homedir());
    print((kind === 'systemd' ? systemdUnit(facts) : composeFile(facts)).trimEnd());
  });
}
