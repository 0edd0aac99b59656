import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import fc from 'fast-check';
import { systemClock } from '../../src/core/support/clock';
import { TmuxClient, TmuxError } from '../../src/core/tmux/client';
import { capturePane, killSession, listPanes, type Pane, type Typing, type } from '../../src/core/tmux/commands';
import { endClients } from '../../src/core/tmux/endClients';
import { GateServer, isGone } from '../support/gateServer';
import { waitFor } from '../support/waitFor';

/** Shows each byte that it is given as two hex digits, all on one row of the screen's end. */
const hexArgv = [
  process.execPath,
  '-e',
  'process.stdin.setRawMode(true);process.stdin.on("data",(d)=>process.stdout.write(d.toString("hex")));',
];

describe('a tmux client in control mode', function () {
  this.timeout(120_000);
  let server: GateServer;
  let client: TmuxClient;
  const make = (more: { tmuxPath?: string; timeoutMs?: number } = {}) =>
    new TmuxClient({ tmuxPath: 'tmux', socket: server.socket, conf: server.conf, control: systemClock, ...more });
  beforeEach(async () => {
    server = await GateServer.create();
    client = make();
  });
  afterEach(async () => {
    client.dispose();
    await server.stop();
  });

  /** Waits until the client answers calls. */
  const stands = (one = client) =>
    waitFor(
      async () => {
        const before = one.controlled;
        await one.call(listPanes());
        return one.controlled > before;
      },
      { what: 'a client in control mode that answers' },
    );
  const controls = async () => {
    const list = await server.tmux('list-clients', '-F', '#{client_control_mode} #{client_pid}').catch(() => '');
    return list.split('\n').flatMap((row) => (row.startsWith('1 ') ? [Number(row.slice(2))] : []));
  };
  const send = (pane: Pane, what: Typing, epoch = 1) => client.call(type(epoch, pane, what));
  /** Kills the client, and waits for its end. */
  const kill = async (pid: number) => {
    process.kill(pid, 'SIGKILL');
    await waitFor(() => isGone(pid), { what: 'the end of the client' });
  };
  const serverPid = async () => (await server.panes())[0]!.server_pid;

  it('is ended by the next runner when its own was killed with an answer on its way; a person who attaches so stays', async () => {
    await server.start(1, 'a');
    await stands();
    const attach = (...flags: string[]) =>
      spawn('tmux', ['-S', server.socket, '-C', 'attach-session', ...flags], { stdio: ['pipe', 'pipe', 'ignore'] });
    const person = attach();
    const left = attach('-f', 'no-output,ignore-size');
    try {
      await waitFor(async () => (await controls()).length === 3, { what: 'three clients' });
      // What its runner's end does, as tmux sees it when an answer is to be written.
      left.stdout.destroy();
      left.stdin.end('display-message -p answer\n');
      await endClients(client);
      await waitFor(() => isGone(left.pid!), { what: 'the end of the client that was left' });
      assert.deepEqual((await controls()).sort(), [client.controlPid, person.pid].sort());
    } finally {
      for (const child of [person, left]) child.kill('SIGKILL');
    }
  });

  it('answers as a call of its own does, whatever a pane shows', async () => {
    const shown = [
      '%begin 1 2 1',
      '%end 1 2 1',
      '%error 1 2 1',
      '%exit',
      '',
      '  é日本😀',
      '%output %0 x',
      '',
      'COURIER-DONE',
    ];
    const program = `process.stdout.write(${JSON.stringify(shown.join('\r\n'))}); setInterval(() => {}, 1e6)`;
    const pane = await server.start(1, 'a', { argv: [process.execPath, '-e', program] });
    await server.start(1, 'b');
    await server.tmux('select-pane', '-t', '=a:', '-T', `it's "a" %end :: title é`);
    await waitFor(async () => (await server.screen('a')).includes('DONE'), { what: 'the screen' });
    await stands();
    for (const history of [0, 200]) {
      const call = capturePane(pane.pane_id, history);
      assert.deepEqual(await client.call(call), await server.client.call(call));
    }
    assert.deepEqual(await client.call(listPanes()), await server.client.call(listPanes()));
    assert.ok(client.controlled >= 4);
  });

  it('takes a pane that shows the very end of an answer for nothing else', async () => {
    // It prints, for every number that may come, what would end a command's text and begin the next.
    const program = `let n = 0; setInterval(() => { let s = ''; const t = Math.floor(Date.now() / 1000); \
      for (let i = 0; i < 40; i++, n++) s += '\\r\\n%end ' + t + ' ' + (250 + n % 200) + ' 1\\r\\n%begin ' + t + ' ' + (n % 500) + ' 1'; \
      process.stdout.write(s); }, 5)`;
    const pane = await server.start(1, 'a', { argv: [process.execPath, '-e', program] });
    const other = await server.start(1, 'b');
    await stands();
    for (let n = 0; n < 300; n++) {
      await client.call(capturePane(pane.pane_id));
      assert.deepEqual(
        (await client.call(listPanes())).map(({ session }) => session),
        ['a', 'b'],
      );
    }
    assert.equal(await send(other, { text: 'still there' }), true);
    await waitFor(async () => (await server.screen('b')).includes('still there'), { what: 'the text' });
  });

  it('types any text as it is, byte for byte, and refuses what is no line', async () => {
    const pane = await server.start(1, 'a', { argv: hexArgv });
    await waitFor(async () => (await send(pane, { text: 'x' })) && (await server.screen('a')).includes('78'), {
      what: 'a program that reads',
    });
    await stands();
    const before = client.controlled;
    const special = fc.constantFrom(
      ...`;'"\\#$%{}~()[]\`|&<>*?!-= \t`,
      '#{pid}',
      '#(touch x)',
      '%if',
      '%end',
      '\\;',
      ' ; ',
    );
    const text = fc.array(fc.oneof(special, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 })), {
      minLength: 1,
    });
    let [typed, runs] = ['', 0];
    await fc.assert(
      fc.asyncProperty(text, async (parts) => {
        const line = parts.join('');
        const isLine = !/[\x00-\x08\x0a-\x1f\x7f]/.test(line);
        if (!isLine) return void assert.throws(() => type(1, pane, { text: line }), /control character/);
        await server.tmux('send-keys', '-t', '=a:', '-R', ';', 'clear-history', '-t', '=a:');
        assert.equal(await send(pane, { text: line }), true);
        runs++;
        typed = Buffer.from(line).toString('hex');
        await waitFor(async () => (await server.screen('a')).replace(/\s/g, '') === typed, {
          what: async () => `${JSON.stringify(line)} as ${typed}, not ${await server.screen('a')}`,
        });
      }),
      { numRuns: 60, endOnFailure: true },
    );
    assert.ok(client.controlled >= before + runs, 'none of it went another way');
    assert.deepEqual((await fs.readdir(server.root)).sort(), ['run', 'user']);
  });

  it('keeps the gate: owner, launch, copy mode, input that is off, a dead pane', async () => {
    const pane = await server.start(2, 'a');
    await stands();
    for (const epoch of [1, 3]) assert.equal(await send(pane, { text: 'SECRET' }, epoch), false);
    assert.equal(await send({ ...pane, launch_id: 'l-other' }, { text: 'SECRET' }, 2), false);
    assert.equal(await send({ ...pane, pane_id: '%99' }, { text: 'SECRET' }, 2), false);
    await server.tmux('copy-mode', '-t', '=a:');
    assert.equal(await send(pane, { text: 'SECRET' }, 2), false);
    assert.equal((await client.call(capturePane(pane.pane_id))).attached, 0, 'it is nobody who looks');
    assert.equal(await send(pane, { leaveMode: true }, 2), true);
    await server.tmux('select-pane', '-d', '-t', '=a:');
    assert.equal(await send(pane, { text: 'SECRET' }, 2), false);
    await server.tmux('select-pane', '-e', '-t', '=a:');
    const dead = await server.start(2, 'b', { argv: [process.execPath, '-e', ''] });
    await waitFor(async () => (await server.pane('b')).dead, { what: 'a dead pane' });
    for (const what of [{ text: 'x' }, { keys: ['Enter'] }]) assert.equal(await send(dead, what, 2), false);
    await assert.rejects(client.call(capturePane('%99')), (error) => error instanceof TmuxError && !error.noServer);
    assert.ok(!(await server.screen('a')).includes('SECRET'));
  });

  it('is not a person: it sizes no window, and is counted nowhere', async () => {
    await server.start(1, 'a');
    await stands();
    assert.equal((await controls()).length, 1);
    assert.deepEqual(
      (await client.call(listPanes())).map(({ attached }) => attached),
      [0],
    );
    const size = () => server.tmux('display-message', '-p', '-t', '=a:', '#{window_width}x#{window_height}');
    assert.equal((await size()).trim(), '200x50');
    // A person's terminal, as another tmux gives it.
    const person = [
      'new-session',
      '-d',
      '-s',
      'person',
      '-x',
      '90',
      '-y',
      '30',
      'tmux',
      '-S',
      server.socket,
      'attach',
      '-t',
      '=a',
    ];
    const outer = await GateServer.create();
    try {
      await outer.tmux('-f', '/dev/null', 'start-server', ';', ...person);
      await waitFor(async () => (await client.call(listPanes()))[0]?.attached === 1, { what: 'a person' });
      await waitFor(async () => (await size()).startsWith('90x'), { what: "the person's size" });
    } finally {
      await outer.stop();
    }
    await waitFor(async () => (await client.call(listPanes()))[0]?.attached === 0, { what: 'nobody' });
  });

  it('attaches to another session when its own ends, and none keeps the server from ending', async () => {
    for (const name of ['a', 'b']) await server.start(1, name);
    await stands();
    const pid = await serverPid();
    for (const name of ['a', 'b']) {
      if (name === 'b') await stands();
      assert.equal(await client.call(killSession(1, name)), true);
    }
    await waitFor(() => isGone(pid), { what: 'the end of the server' });
    assert.equal(await client.callIfServer(listPanes()), undefined);
    await server.start(1, 'c');
    await stands();
  });

  it('lost: questions are asked by a process, and another client is made', async () => {
    const pane = await server.start(1, 'a');
    await stands();
    for (let n = 0; n < 3; n++) {
      const looks = Array.from({ length: 20 }, () => client.call(capturePane(pane.pane_id)));
      const pids = await controls();
      assert.equal(pids.length, 1);
      await kill(pids[0]!);
      assert.equal((await Promise.all(looks)).length, 20);
      await stands();
    }
  });

  it('lost while it types: that is said, and nothing is typed again', async () => {
    const pane = await server.start(1, 'a');
    await stands();
    const [pid] = await controls();
    const tmux = await serverPid();
    process.kill(tmux, 'SIGSTOP');
    try {
      const typing = send(pane, { text: 'ONCE' });
      typing.catch(() => {});
      await kill(pid!);
      await assert.rejects(typing, (error: TmuxError) => !error.noServer && /lost before it said/.test(error.message));
    } finally {
      process.kill(tmux, 'SIGCONT');
    }
    assert.equal(await send(pane, { text: ' after' }), true);
    await waitFor(async () => (await server.screen('a')).includes('after'), { what: 'the next text' });
    assert.ok((await server.screen('a')).split('ONCE').length <= 2);
  });

  it('server that stands still: calls end after their time, and go on when it does', async () => {
    client.dispose();
    client = make({ timeoutMs: 300 });
    const pane = await server.start(1, 'a');
    await stands();
    const tmux = await serverPid();
    process.kill(tmux, 'SIGSTOP');
    try {
      const slow = (error: TmuxError) => !error.noServer && /no answer within 0.3 s/.test(error.message);
      await assert.rejects(client.call(capturePane(pane.pane_id)), slow);
      await assert.rejects(send(pane, { text: 'x' }), slow);
    } finally {
      process.kill(tmux, 'SIGCONT');
    }
    await stands();
    assert.equal(await send(pane, { text: 'awake' }), true);
    await waitFor(async () => (await server.screen('a')).includes('awake'), { what: 'the text' });
  });

  it('a tmux that knows no control mode, or says something else in it: every call is a process', async () => {
    const pane = await server.start(1, 'a');
    for (const instead of [
      'exit 1',
      'echo no control mode; exec cat',
      'exec sleep 100',
      `printf '%%begin 1 1 1\\n'; exec cat`,
    ]) {
      const old = path.join(server.root, 'old-tmux');
      await fs.writeFile(old, `#!/bin/sh\ncase " $* " in *" -C "*) ${instead};; esac\nexec tmux "$@"\n`, {
        mode: 0o755,
      });
      const own = make({ tmuxPath: old });
      try {
        for (let n = 0; n < 5; n++) assert.equal((await own.call(listPanes())).length, 1);
        assert.equal(await own.call(type(1, pane, { text: 'x' })), true);
        assert.equal(own.controlled, 0, instead);
      } finally {
        own.dispose();
        await fs.rm(old);
      }
    }
  });

  it('socket removed, or another in its place: only the server behind the socket is asked', async () => {
    await server.start(1, 'a');
    await stands();
    const { controlled } = client;
    const aside = `${server.socket}.aside`;
    await fs.rename(server.socket, aside);
    assert.equal(await client.callIfServer(listPanes()), undefined);
    assert.equal(client.controlled, controlled);
    await fs.rename(aside, server.socket);
    await stands();
  });

  it('leaves no process behind, however it ends', async () => {
    await server.start(1, 'a');
    await stands();
    const [pid] = await controls();
    client.dispose();
    await waitFor(() => isGone(pid!), { what: 'the end of the client' });
    assert.equal((await client.call(listPanes())).length, 1, 'calls go on as processes');
    assert.deepEqual(await controls(), []);
  });
});
