import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { capturePane } from '../../src/core/tmux/commands';
import { GateServer } from '../support/gateServer';
import { waitFor } from '../support/waitFor';

const exec = promisify(execFile);

describe('what runs under our tmux', function () {
  this.timeout(60_000);
  let server: GateServer;
  beforeEach(async () => {
    server = await GateServer.create();
  });
  afterEach(() => server.stop());

  /** The programs under the server, as `ps` names them. */
  const children = async (pid: number) =>
    (await exec('ps', ['-o', 'args=', '--ppid', String(pid)]).catch(() => ({ stdout: '' }))).stdout
      .trim()
      .split('\n')
      .filter(Boolean);
  const commandOf = async (pid: number) => (await exec('ps', ['-o', 'args=', '-p', String(pid)])).stdout.trim();

  it('is the program itself, no shell under it, also when its command is one word with blanks', async () => {
    const dir = path.join(server.root, "it's a $HOME #(touch x); dir=1");
    await fs.mkdir(dir);
    const program = path.join(dir, 'my agent');
    await fs.copyFile('/bin/sleep', program).catch(() => undefined);
    await fs.writeFile(
      program,
      '#!/usr/bin/env node\nprocess.stdin.resume(); console.log("args", process.argv.length)\n',
      { mode: 0o755 },
    );
    for (const argv of [[program], [program, "a 'b' $c #(touch x) ; d"]]) {
      const name = `s${argv.length}`;
      const pane = await server.start(1, name, { argv });
      await waitFor(async () => (await server.screen(name)).includes(`args ${argv.length + 1}`), {
        what: 'its arguments',
      });
      assert.match(await commandOf(pane.pid), /^(\S*\/)?node /);
      assert.deepEqual(await children(pane.pid), []);
    }
    assert.deepEqual((await fs.readdir(server.root)).sort(), [path.basename(dir), 'run', 'user'].sort());
  });

  it('begins in its folder, whatever that is called, and has the variables that it is given', async () => {
    const cwd = path.join(server.root, 'a #(touch pwned) "q" \'s\' é ; $HOME');
    await fs.mkdir(cwd);
    const print =
      'console.log(process.cwd() === process.env.WANTED, process.env.ODD === "a;\'b\' #(x) $HOME"); process.stdin.resume()';
    const env = { WANTED: cwd, ODD: "a;'b' #(x) $HOME" };
    await server.start(1, 'a', { argv: [process.execPath, '-e', print], cwd, env });
    await waitFor(async () => (await server.screen('a')).includes('true true'), { what: 'its folder and variables' });
    assert.deepEqual(await fs.readdir(cwd), []);
  });

  it('is not started in another folder when its own is not there', async () => {
    await assert.rejects(server.start(1, 'a', { cwd: path.join(server.root, 'none') }));
    assert.deepEqual(await server.panes(), []);
  });

  it('leaves its last words and its exit status, every time', async () => {
    for (let i = 0; i < 12; i++) {
      const name = `s${i}`;
      const end = i % 3 === 2 ? 'process.kill(process.pid, 9)' : `process.exit(${i})`;
      await server.start(1, name, {
        argv: [process.execPath, '-e', `require("fs").writeSync(1, "words ${i}"); ${end}`],
      });
      const pane = await waitFor(
        async () => {
          const seen = await server.pane(name);
          // As the product does it: a missed SIGCHLD is given again.
          if (seen.dead && seen.exit_status === undefined && !seen.signal) process.kill(seen.server_pid, 'SIGCHLD');
          return seen.dead && (seen.exit_status !== undefined || seen.signal) ? seen : undefined;
        },
        { what: 'an exit status' },
      );
      assert.deepEqual([pane.exit_status, pane.signal], i % 3 === 2 ? [undefined, '9'] : [i, undefined]);
      const { text } = await server.client.call(capturePane(pane.pane_id, 50));
      assert.match(text, new RegExp(`words ${i}`));
    }
  });

  it('can not run anything by its title', async () => {
    const print = 'process.stdout.write("\\x1b]2;#(touch pwned) #{pid} :: x\\x07ready"); process.stdin.resume()';
    await server.start(1, 'a', { argv: [process.execPath, '-e', print] });
    await waitFor(async () => (await server.pane('a')).title.includes('#(touch'), { what: 'its title' });
    const pane = await server.pane('a');
    assert.equal(pane.title, '#(touch pwned) #{pid} :: x');
    assert.equal((await server.client.call(capturePane(pane.pane_id))).title, '#(touch pwned) #{pid} :: x');
    assert.deepEqual((await fs.readdir(server.root)).sort(), ['run', 'user']);
  });

  it('has wide characters and long rows as they were written, also with no UTF-8 locale', async () => {
    await server.stop();
    server = await GateServer.create(() => ({ PATH: process.env.PATH, HOME: '/nonexistent', LANG: 'C', LC_ALL: 'C' }));
    const long = '漢字é'.repeat(120);
    await server.start(1, 'a', { argv: [process.execPath, '-e', `console.log("${long}|"); process.stdin.resume()`] });
    const { text } = await waitFor(async () => {
      const seen = await server.client.call(capturePane((await server.pane('a')).pane_id));
      return seen.text.includes('|') ? seen : undefined;
    });
    assert.ok(text.startsWith(`${long}|`));
  });

  it('has a server of its own, whatever the environment and the user conf say', async () => {
    await server.stop();
    const hostile = (root: string) => ({
      ...{ PATH: process.env.PATH, HOME: path.join(root, 'home'), XDG_CONFIG_HOME: path.join(root, 'home/.config') },
      ...{ TMUX: `${root}/other,1,0`, TMUX_PANE: '%7', TMUX_TMPDIR: '/nonexistent' },
    });
    server = await GateServer.create(hostile);
    const marker = path.join(server.root, 'conf-was-read');
    const conf = `set -g destroy-unattached on\nset -g base-index 7\nset -g default-command 'sh'\nset -g prefix C-a\nrun-shell 'touch ${marker}'\n`;
    for (const file of ['.tmux.conf', '.config/tmux/tmux.conf']) {
      await fs.mkdir(path.dirname(path.join(server.root, 'home', file)), { recursive: true });
      await fs.writeFile(path.join(server.root, 'home', file), conf);
    }
    const print = 'console.log("TMUX", process.env.TMUX, "END"); process.stdin.resume()';
    const pane = await server.start(1, 'a', { argv: [process.execPath, '-e', print] });
    await waitFor(async () => (await server.screen('a')).includes('END'));
    assert.ok((await server.screen('a')).includes(`TMUX ${server.socket},`), 'it is on our own socket');
    assert.equal((await server.pane('a')).pid, pane.pid);
    await assert.rejects(fs.stat(marker));
    assert.equal(
      (await server.tmux('display-message', '-p', '-t', '=a:', '#{window_width}x#{window_height}')).trim(),
      '200x50',
    );
  });
});
