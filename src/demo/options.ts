import { parseArgs } from 'node:util';
import { type Modes, parseModes, promptModes, startModes } from './modes';

/** What the command line of the Demo agent asks for. */
export type Options =
  | { action: 'help' }
  | { action: 'version' }
  | { action: 'run'; modes: Modes; sessionId?: string; source: 'startup' | 'resume' };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The text of `--help`. */
export const helpText = `Usage: demo-agent [--session-id UUID | --resume UUID] [--mode NAME[=VALUE][,NAME…]]

The Tmux Courier Demo agent: an interactive terminal program that computes its answers.
No model and no account is behind it.

  --session-id UUID   the id of this conversation (default: a random one)
  --resume UUID       goes on with that conversation
  --mode LIST         behaves in a special way, for tests
  --version, --help

Modes: ${[...promptModes, ...startModes].join(', ')}
A prompt may ask for one of the first ${promptModes.length} by a line "demo-mode: NAME[=VALUE]".
With COURIER_RECEIPTS set to a folder, each event is written there as a JSON file.
With DEMO_RECORD set to a file, each line that is taken and each end of a turn is appended to it.`;

/** Reads the arguments after the program's name; throws an Error with a sentence for a person. */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      mode: { type: 'string', multiple: true },
      'session-id': { type: 'string' },
      resume: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  });
  if (values.help) return { action: 'help' };
  if (values.version) return { action: 'version' };
  const sessionId = values.resume ?? values['session-id'];
  if (sessionId !== undefined && !uuid.test(sessionId)) throw new Error(`not a UUID: ${sessionId}`);
  const modes = parseModes((values.mode ?? []).join(','));
  return { action: 'run', modes, sessionId, source: values.resume === undefined ? 'startup' : 'resume' };
}
