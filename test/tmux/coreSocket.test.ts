import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { systemClock } from '../../src/core/support/clock';
import { TmuxClient } from '../../src/core/tmux/client';
import { killSession, listPanes } from '../../src/core/tmux/commands';
import { ServerProcess } from '../../src/core/tmux/serverProcess';
import { GateServer, isGone } from '../support/gateServer';
import { waitFor } from '../support/waitFor';

describe('a tmux server whose socket is removed', function () {
  this.timeout(60_000);
  let server: GateServer;
  let known: ServerProcess;
  /** As two programs have them, such as a window and a command. */
  let clients: TmuxClient[];
  beforeEach(async () => {
    server = await GateServer.create();
    const { socket, conf, root } = server;
    const { server_pid } = await server.start(1, 'a');
    clients = [];
    for (let n = 0; n < 2; n++) {
      known = new ServerProcess(path.join(root, 'tmux_server.json'), socket, systemClock);
      await known.note(server_pid);
      clients.push(new TmuxClient({ tmuxPath: 'tmux', socket, conf, server: known }));
    }
  });
  afterEach(() => server.stop());

  it('is found by all who ask while the first of them has it made anew', async () => {
    for (let round = 0; round < 10; round++) {
      await fs.rm(server.socket);
      const asked = Array.from({ length: 12 }, async (_, n) => {
        await new Promise((resolve) => setTimeout(resolve, 2 * n));
        return clients[n % clients.length]!.callIfServer(listPanes());
      });
      for (const panes of await Promise.all(asked)) assert.equal(panes?.length, 1, 'its pane lives');
    }
  });

  /** A client whose first call comes to nothing in these words, and each further one to the server; and how many there were. */
  async function failsOnce(words: string) {
    const { socket, conf, root } = server;
    const calls = path.join(root, 'calls');
    const program = path.join(root, 'tmux-of-one-failure');
    const script = `#!/bin/sh\necho x >>'${calls}'\n[ "$(wc -l <'${calls}')" -gt 1 ] && exec tmux "$@"\necho '${words}' >&2\nexit 1\n`;
    await fs.writeFile(program, script, { mode: 0o755 });
    const client = new TmuxClient({ tmuxPath: program, socket, conf, server: known });
    return { client, made: async () => (await fs.readFile(calls, 'utf8')).trim().split('\n').length };
  }

  it('is asked again by who could not reach it just before it had its socket again', async () => {
    const { client, made } = await failsOnce(`no server running on ${server.socket}`);
    assert.equal((await client.callIfServer(listPanes()))?.length, 1);
    assert.equal(await made(), 2);
  });

  it('is told nothing a second time by who was cut off from it', async () => {
    const { client, made } = await failsOnce('lost server');
    await assert.rejects(client.call(killSession(1, 'a')), { code: 'no_tmux_server' });
    assert.equal(await made(), 1);
  });

  it('is not asked for when it has ended and left its socket', async () => {
    const [{ server_pid } = assert.fail()] = await server.panes();
    process.kill(server_pid, 'SIGKILL');
    await waitFor(() => isGone(server_pid), { what: 'the end of the server' });
    await fs.access(server.socket);
    assert.equal(await known.revive(), false);
  });
});
