import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { systemClock } from '../../src/core/support/clock';
import { TmuxClient } from '../../src/core/tmux/client';
import { listPanes } from '../../src/core/tmux/commands';
import { findTmux } from '../../src/core/tmux/findTmux';
import { GateServer, isGone } from '../support/gateServer';
import { waitFor } from '../support/waitFor';

/** What this file is when it is run as a runner: says when its client in control mode stands, and asks it once it is told to. */
async function beRunner(socket: string, conf: string): Promise<void> {
  const client = new TmuxClient({ tmuxPath: 'tmux', socket, conf, control: systemClock });
  while (client.controlled === 0) await client.call(listPanes());
  process.stdout.write(`${client.controlPid}\n`);
  await once(process.stdin, 'data');
  client.call(listPanes()).catch(() => {});
  process.stdout.write('asked\n');
}

const [, , word, ...where] = process.argv;
if (word === 'runner') void beRunner(where[0]!, where[1]!);
else
  describe('the end of a client in control mode', function () {
    this.timeout(120_000);
    let server: GateServer;
    beforeEach(async () => {
      server = await GateServer.create();
      await server.start(1, 'a');
    });
    afterEach(() => server.stop());

    for (let n = 1; n <= (process.platform === 'linux' ? 5 : 0); n++)
      it(`comes with its runner's, killed with an answer on its way; nothing keeps tmux from ending then (${n})`, async () => {
        const tmux = (await server.panes())[0]!.server_pid;
        const args = [__filename, 'runner', server.socket, server.conf];
        const runner = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
        const ended = once(runner, 'exit');
        let said = '';
        runner.stdout.setEncoding('utf8').on('data', (text: string) => {
          said += text;
        });
        const control = Number(await waitFor(() => /^(\d+)\n/.exec(said)?.[1], { what: 'a client', timeout: 30_000 }));
        process.kill(tmux, 'SIGSTOP');
        try {
          runner.stdin.write('x');
          await waitFor(() => said.endsWith('asked\n'), { what: 'a question', timeout: 30_000 });
        } finally {
          runner.kill('SIGKILL');
          await ended;
          process.kill(tmux, 'SIGCONT');
        }
        await waitFor(() => isGone(control), { what: 'the end of the client', timeout: 30_000 });
        await server.tmux('kill-server');
        await waitFor(() => isGone(tmux), { what: 'the end of the server', timeout: 30_000 });
      });

    for (const [what, text] of [
      ['no setpriv', undefined],
      ['a setpriv that knows no such option', 'echo "unrecognized option" >&2; exit 1'],
    ] as const)
      it(`${what}: there is a client all the same`, async () => {
        const bin = path.join(server.root, 'bin');
        await fs.mkdir(bin);
        if (text) await fs.writeFile(path.join(bin, 'setpriv'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
        const tmuxPath = await findTmux('tmux');
        const env = { ...process.env, PATH: bin };
        const client = new TmuxClient({
          tmuxPath,
          socket: server.socket,
          conf: server.conf,
          control: systemClock,
          env,
        });
        try {
          await waitFor(async () => (await client.call(listPanes())) && client.controlled > 0, { timeout: 30_000 });
        } finally {
          client.dispose();
        }
      });
  });
