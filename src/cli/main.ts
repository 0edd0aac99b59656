import { Command, CommanderError } from 'commander';
import { messageOf } from '../core/support/errors';
import { exitCodeHelp, exitCodeOf, exitCodes } from './exitCodes';
import { note } from './print';
import { version } from './version';

/** Every command, in the order of the help. Each is loaded when it is asked for: to load them all takes longer than a short one runs. */
const commands: Record<string, () => Promise<(program: Command) => void>> = {
  send: async () => (await import('./send')).registerSend,
  status: async () => (await import('./status')).registerStatus,
  wait: async () => (await import('./wait')).registerWait,
  cancel: async () => (await import('./cancel')).registerCancel,
  update: async () => (await import('./update')).registerUpdate,
  move: async () => (await import('./move')).registerMove,
  pause: async () => (await import('./pause')).registerPause,
  resume: async () => (await import('./resume')).registerResume,
  answer: async () => (await import('./answer')).registerAnswer,
  adopt: async () => (await import('./adopt')).registerAdopt,
  attach: async () => (await import('./attach')).registerAttach,
  stop: async () => (await import('./stop')).registerStop,
  rename: async () => (await import('./rename')).registerRename,
  delete: async () => (await import('./delete')).registerDelete,
  restore: async () => (await import('./restore')).registerRestore,
  purge: async () => (await import('./purge')).registerPurge,
  kill: async () => (await import('./kill')).registerKill,
  clean: async () => (await import('./clean')).registerClean,
  diagnostics: async () => (await import('./diagnostics')).registerDiagnostics,
  recover: async () => (await import('./recover')).registerRecover,
  conversations: async () => (await import('./conversations')).registerConversations,
  continue: async () => (await import('./continue')).registerContinue,
  monitor: async () => (await import('./monitor')).registerMonitor,
  unit: async () => (await import('./unit')).registerUnit,
  doctor: async () => (await import('./doctor')).registerDoctor,
};

async function main(): Promise<void> {
  const program = new Command('courier')
    .description('Hands prompts to command-line agents that live in tmux, and brings their answers back.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('Try --help.')
    .addHelpText('afterAll', exitCodeHelp);
  const name = process.argv[2] ?? '';
  const asked = Object.hasOwn(commands, name) ? [commands[name]!] : Object.values(commands);
  for (const load of asked) (await load())(program);
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
