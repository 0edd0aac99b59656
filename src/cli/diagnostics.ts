import * as path from 'node:path';
import type { Command } from 'commander';
import { type FolderOptions, openContext, withFolder } from './context';
import { usageError } from './exitCodes';
import { note, print } from './print';
import { version } from './version';

/** `courier diagnostics`: a zip that can be shown to others. */
export function registerDiagnostics(program: Command): void {
  const command = program
    .command('diagnostics')
    .description('write a zip for a report: how things stand, without prompts, answers, screens or secrets')
    .option('--out <file>', 'where to write it (default: a new file in the current folder)');
  withFolder(command).action(async (options: FolderOptions & { out?: string }) => {
    const { layout, user, settings, clock } = await openContext(options);
    const { collectDiagnostics, diagnosticsName, writeDiagnostics } = await import('../core/diagnostics/collect');
    const file = path.resolve(options.out ?? diagnosticsName(clock.now()));
    const texts = await collectDiagnostics({ layout, user, settings, clock, versions: { courier: version } });
    try {
      await writeDiagnostics(file, texts);
    } catch (error) {
      throw usageError(`${file} could not be written: ${error}. Name another place with --out.`);
    }
    print(file);
    note('Look into it before you pass it on.');
  });
}
