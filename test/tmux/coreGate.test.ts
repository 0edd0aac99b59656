import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { TmuxClient, TmuxError } from '../../src/core/tmux/client';
import {
  capturePane,
  claimServer,
  killSession,
  listPanes,
  newSession,
  type Typing,
  type,
} from '../../src/core/tmux/commands';
import { GateServer } from '../support/gateServer';
import { waitFor } from '../support/waitFor';

describe('the gate', function () {
  this.timeout(60_000);
  let server: GateServer;
  beforeEach(async () => {
    server = await GateServer.create();
  });
  afterEach(() => server.stop());

  /** Sends to a session's pane through the gate. */
  const send = async (session: string, what: Typing, as: { epoch?: number; launch_id?: string } = {}) => {
    const pane = await server.pane(session);
    return server.client.call(
      type(as.epoch ?? 1, { ...pane, ...(as.launch_id ? { launch_id: as.launch_id } : {}) }, what),
    );
  };
  const shows = (session: string, text: string) =>
    waitFor(async () => (await server.screen(session)).includes(text), { what: `"${text}" on the screen` });
  /** Whether the server lives and the session's screen holds nothing of a text. */
  const untouched = async (session: string, text: string) => {
    assert.ok(!(await server.screen(session)).includes(text));
    assert.ok((await server.panes()).length > 0, 'the server lives');
  };

  it('lets the owner type, any printable text, and press keys', async () => {
    await server.start(1, 'a');
    const text = `-x; 'it"s' #(touch x) $HOME \`id\` \\ { } ~ %% ; é€😀 ;`;
    assert.equal(await send('a', { text }), true);
    assert.equal(await send('a', { keys: ['Enter'] }), true);
    await shows('a', `<${text}`);
    assert.deepEqual((await fs.readdir(server.root)).sort(), ['run', 'user']);
  });

  it('takes a line that is longer than an argument list may be', async () => {
    await server.start(1, 'a', {
      argv: [
        process.execPath,
        '-e',
        'let n=0;process.stdin.setRawMode(true);process.stdin.on("data",(d)=>{n+=d.length;process.stdout.write("\\r"+n+" ")});process.stdout.write("raw")',
      ],
    });
    await shows('a', 'raw');
    assert.equal(await send('a', { text: 'y'.repeat(60_000) }), true);
    await shows('a', '60000');
  });

  it('refuses an older owner, a newer one that has not claimed, and another launch', async () => {
    await server.start(2, 'a');
    for (const epoch of [1, 3]) assert.equal(await send('a', { text: 'SECRET' }, { epoch }), false);
    assert.equal(await send('a', { text: 'SECRET' }, { epoch: 2, launch_id: 'l-other' }), false);
    assert.equal(await send('a', { keys: ['Enter'] }, { epoch: 1 }), false);
    await untouched('a', 'SECRET');
    assert.equal((await server.client.call(claimServer(1))).owned, false);
    assert.equal((await server.client.call(claimServer(3))).owned, true);
    assert.equal(await send('a', { text: 'x' }, { epoch: 2 }), false, 'who was superseded types no more');
    assert.equal(await send('a', { text: 'x' }, { epoch: 3 }), true);
  });

  it('refuses an older owner to start and to kill', async () => {
    await server.start(5, 'a');
    const other = { session: 'b', launch_id: 'l-b', argv: ['sleep', '100'], env: {}, cwd: server.root };
    assert.equal(await server.client.call(newSession(4, other)), false);
    assert.equal(await server.client.call(killSession(4, 'a')), false);
    assert.deepEqual(
      (await server.panes()).map((pane) => pane.session),
      ['a'],
    );
    assert.equal(await server.client.call(killSession(5, 'a')), true);
    assert.deepEqual(await server.panes(), []);
  });

  it('refuses in copy mode, and leaves it only when nobody is attached', async () => {
    await server.start(1, 'a');
    await server.tmux('copy-mode', '-t', '=a:');
    assert.equal(await send('a', { text: 'SECRET' }), false);
    assert.ok((await server.client.call(capturePane((await server.pane('a')).pane_id))).in_mode);
    assert.equal(await send('a', { leaveMode: true }, { epoch: 2 }), false);
    assert.equal(await send('a', { leaveMode: true }), true);
    assert.equal(await send('a', { leaveMode: true }), false, 'there is none to leave');
    await untouched('a', 'SECRET');
    assert.equal(await send('a', { text: 'x' }), true);
  });

  it('refuses a pane whose input is off', async () => {
    await server.start(1, 'a');
    await server.tmux('select-pane', '-d', '-t', '=a:');
    assert.equal(await send('a', { text: 'SECRET' }), false);
    await server.tmux('select-pane', '-e', '-t', '=a:');
    await untouched('a', 'SECRET');
  });

  it('refuses a dead pane, and its server lives', async () => {
    await server.start(1, 'other');
    await server.start(1, 'a', { argv: [process.execPath, '-e', 'console.log("last words"); process.exit(3)'] });
    await waitFor(async () => (await server.pane('a')).dead, { what: 'a dead pane' });
    for (const what of [{ text: 'x' }, { keys: ['Enter'] }, { leaveMode: true as const }])
      assert.equal(await send('a', what), false);
    assert.equal((await server.panes()).length, 2);
    assert.match(await server.tmux('capture-pane', '-p', '-S', '-50', '-t', '=a:'), /last words/);
  });

  it('refuses a pane id of a server before this one', async () => {
    const before = await server.start(1, 'a', { launch_id: 'l-before' });
    await server.tmux('kill-server');
    const after = await server.start(1, 'a', { launch_id: 'l-after' });
    assert.equal(after.pane_id, before.pane_id, 'ids begin again');
    assert.equal(await server.client.call(type(1, before, { text: 'SECRET' })), false);
    await untouched('a', 'SECRET');
  });

  it('sends nothing anywhere for a pane that is not there', async () => {
    const pane = await server.start(1, 'a');
    assert.equal(await server.client.call(type(1, { ...pane, pane_id: '%99' }, { text: 'SECRET' })), false);
    await untouched('a', 'SECRET');
  });

  it('knows a session by its whole name only', async () => {
    await server.start(1, 'abc-long');
    await assert.rejects(server.client.call(killSession(1, 'abc')), TmuxError);
    await server.start(1, 'abc');
    assert.equal(await server.client.call(killSession(1, 'abc')), true);
    assert.deepEqual(
      (await server.panes()).map((pane) => pane.session),
      ['abc-long'],
    );
  });

  it('tells a name that is taken, and leaves that session as it is', async () => {
    const pane = await server.start(1, 'a');
    await assert.rejects(server.start(1, 'a', { launch_id: 'l-second' }), /duplicate session/);
    assert.deepEqual(
      (await server.panes()).map((p) => [p.pid, p.launch_id]),
      [[pane.pid, 'l-a']],
    );
  });

  it('tells "no server" from "no session"', async () => {
    const gone = (error: unknown) => error instanceof TmuxError && error.noServer;
    await assert.rejects(server.client.call(listPanes()), gone);
    await server.start(1, 'a');
    await assert.rejects(server.client.call(killSession(1, 'b')), (error) => !gone(error));
    await server.tmux('kill-server');
    await assert.rejects(server.client.call(listPanes()), gone);
    assert.equal(await server.client.callIfServer(listPanes()), undefined);
    await fs.rm(server.socket, { force: true });
    await assert.rejects(server.client.call(listPanes()), gone);
    await fs.writeFile(server.socket, '');
    await assert.rejects(server.client.call(listPanes()), TmuxError);
    await fs.rm(server.socket);
  });

  it('takes a server that has no session, since it is just starting, for none', async () => {
    await server.start(1, 'a');
    await server.tmux('set-option', '-s', 'exit-empty', 'off');
    await server.tmux('kill-session', '-t', '=a');
    assert.equal(await server.client.callIfServer(listPanes()), undefined);
    assert.equal((await server.start(1, 'b')).session, 'b');
  });

  it('starts a session right after the last one was killed, while the old server ends', async () => {
    for (let i = 0; i < 25; i++) {
      const pane = await server.start(1, 'a', { argv: ['/bin/sleep', '100'], launch_id: `l-${i}` });
      assert.equal(pane.launch_id, `l-${i}`);
      assert.equal(await server.client.call(killSession(1, 'a')), true);
    }
  });

  it('gives a call that is not answered up after its time', async () => {
    const slow = path.join(server.root, 'slow-tmux');
    await fs.writeFile(slow, '#!/bin/sh\nexec sleep 30\n', { mode: 0o755 });
    const client = new TmuxClient({ tmuxPath: slow, socket: server.socket, conf: server.conf, timeoutMs: 200 });
    await assert.rejects(
      client.call(listPanes()),
      (error: TmuxError) => !error.noServer && /no answer within 0.2 s/.test(error.message),
    );
    await fs.rm(slow);
  });
});
