import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { systemClock } from '../../src/core/support/clock';
import { TmuxClient } from '../../src/core/tmux/client';
import { listPanes } from '../../src/core/tmux/commands';
import { ServerProcess } from '../../src/core/tmux/serverProcess';
import { GateServer } from '../support/gateServer';

describe('a tmux server whose socket is removed', function () {
  this.timeout(60_000);
  let server: GateServer;
  /** As two programs have them, such as a window and a command. */
  let clients: TmuxClient[];
  beforeEach(async () => {
    server = await GateServer.create();
    const { socket, conf, root } = server;
    const { server_pid } = await server.start(1, 'a');
    clients = [];
    for (let n = 0; n < 2; n++) {
      const known = new ServerProcess(path.join(root, 'tmux_server.json'), socket, systemClock);
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
});
