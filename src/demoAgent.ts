import { randomUUID } from 'node:crypto';
import { constants } from 'node:os';
import { version } from '../package.json';
import { DemoAgent } from './demo/agent';
import { numberOf } from './demo/modes';
import { helpText, type Options, parseOptions } from './demo/options';
import { receiptWriter, recorded } from './demo/receipts';
import { Screen } from './demo/screen';
import { takeTerminal } from './demo/terminal';

const { stdout, stderr } = process;

function readOptions(): Options {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    stderr.write(`demo-agent: ${(error as Error).message}\n`);
    process.exit(2);
  }
}

async function run({ modes, sessionId, source }: Options & { action: 'run' }): Promise<number> {
  if (modes.has('exit-at-once')) {
    stdout.write('demo: cannot start\n');
    return numberOf(modes, 'exit-at-once');
  }
  if (modes.has('forget') && source === 'resume') {
    stdout.write(`No conversation found with session ID: ${sessionId}\n`);
    return 1;
  }
  const cwd = process.cwd();
  const screen = new Screen(stdout);
  const session = { session_id: sessionId ?? randomUUID(), cwd };
  const writer = receiptWriter(process.env.COURIER_RECEIPTS, session, (error) => {
    screen.print(`demo: goes on without this receipt: ${error.message}`);
  });
  const receipt = recorded(process.env.DEMO_RECORD, writer);
  const agent = new DemoAgent({ cwd, modes, source, screen, receipt, exit: (code) => process.exit(code) });
  const release = takeTerminal({
    keys: (keys) => agent.press(keys),
    closed: () => agent.close(process.stdin.isTTY),
  });
  process.once('exit', release);
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => agent.leave('other', 128 + constants.signals[signal]));
  }
  return agent.run();
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.action === 'help') stdout.write(`${helpText}\n`);
  else if (options.action === 'version') stdout.write(`Tmux Courier Demo agent ${version}\n`);
  else process.exit(await run(options));
}

void main();
