import { Command, CommanderError } from 'commander';
import { registerAdopt } from './cli/adopt';
import { registerAnswer } from './cli/answer';
import { registerAttach } from './cli/attach';
import { registerCancel } from './cli/cancel';
import { exitCodeHelp, exitCodeOf, exitCodes } from './cli/exitCodes';
import { registerMonitor } from './cli/monitor';
import { note } from './cli/print';
import { registerResume } from './cli/resume';
import { registerSend } from './cli/send';
import { registerStatus } from './cli/status';
import { registerStop } from './cli/stop';
import { version } from './cli/version';
import { registerWait } from './cli/wait';
import { messageOf } from './core/support/errors';

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
