import type { Command } from 'commander';
import type { SetupCheck, SetupFix } from '../core/setup/check';
import { type Context, type FolderOptions, openContext, withFolder } from './context';
import { exitCodes } from './exitCodes';
import { commandFor, plain, print, printJson } from './print';

/** `courier doctor`: looks at what jobs need, and says what is missing and what helps. */
export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('check what is needed: tmux, the agents, the folder; fails when something is missing');
  withFolder(command, { json: true }).action(async (options: FolderOptions) => {
    const context = await openContext(options);
    const [{ setupInput, worst }, { checkSetup }] = await Promise.all([
      import('../core/setup/check'),
      import('../core/setup/checks'),
    ]);
    const { layout, user, settings, clock } = context;
    const { machine, folders } = await checkSetup(setupInput({ user, settings, clock, versions: true }), [layout]);
    const checks = [...machine, ...folders.flatMap((folder) => folder.checks)];
    const status = worst(checks);
    if (options.json) printJson({ version: '1.0', status, checks });
    else print(plain(checks.flatMap((check) => checkLines(context, check)).join('\n')));
    process.exitCode = status === 'problem' ? exitCodes.failed : exitCodes.done;
  });
}

/** A check as a person reads it: a line, and below it what to do when something is wrong. */
function checkLines(context: Pick<Context, 'dir'>, { status, title, detail, looked_in = [], fixes }: SetupCheck) {
  const head = `${status.padEnd(8)} ${title}`;
  if (status === 'ok') return [detail ? `${head} (${detail})` : head];
  const below = [
    detail,
    ...looked_in.map((line) => `  looked in ${line}`),
    ...fixes.map((fix) => `- ${fixText(context, fix)}`),
  ];
  return [head, ...below.map((line) => `${' '.repeat(9)}${line}`)];
}

/** What to do, for somebody at a command line. */
function fixText(context: Pick<Context, 'dir'>, fix: SetupFix): string {
  switch (fix.kind) {
    case 'setting':
      return `set ${fix.setting} in VS Code's user settings`;
    case 'copy':
      return `run: ${fix.text}`;
    case 'adopt':
      return `run: ${commandFor(context, 'adopt')}`;
    case 'demo':
      return `meanwhile, without it: ${commandFor(context, 'send', '--agent', 'demo', '--wait', 'FILE')}`;
  }
}
