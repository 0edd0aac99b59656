import { Command, CommanderError } from 'commander';
import { messageOf } from '../core/support/errors';
import { registerAdopt } from './adopt';
import { registerAnswer } from './answer';
import { registerAttach } from './attach';
import { registerCancel } from './cancel';
import { exitCodeHelp, exitCodeOf, exitCodes } from './exitCodes';
import { registerMonitor } from './monitor';
import { note } from './print';
import { registerResume } from './resume';
import { registerSend } from './send';
import { registerStatus } from './status';
import { registerStop } from './stop';
import { version } from './version';
import { registerWait } from './wait';

const commands = [
  registerSend,
  registerStatus,
  registerWait,
  registerCancel,
  registerResume,
  registerAnswer,
  registerAdopt,
  registerAttach,
  registerStop,
  registerMonitor,
];

async function main(): Promise<void> {
  const program = new Command('courier')
    .description('Hands prompts to command-line agents that live in tmux, and brings their answers back.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('Try --help.')
    .addHelpText('afterAll', exitCodeHelp);
  for (const register of commands) register(program);
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Says what was thrown; returns the exit code. Commander has said its own errors already. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.refused;
  note(`courier: ${messageOf(error)}`);
  return exitCodeOf(error);
}

// A reader that went away, such as "head", is no error of ours.
process.stdout.on('error', () => process.exit(exitCodes.done));
// Nothing that is still open, such as a watched folder, may keep a command that is done from ending.
void main().then(() => process.stdout.write('', () => process.exit()));
