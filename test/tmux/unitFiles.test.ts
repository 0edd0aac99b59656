import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { parseDocument } from 'yaml';
import { CliWorkspace } from './cliWorkspace';

/** Names that a person may well have, and that mean something to systemd, Compose, a shell or YAML. */
const names = [
  'plain',
  'two words',
  'fifty %n percent',
  'a $HOME $(x) dollar',
  `"quotes" and 'more'`,
  'back\\slash',
  'ünïcode: #1 {a}',
];

/** The words of a line as systemd reads them: quotes, backslashes, and `%%` for one percent sign. */
function systemdWords(line: string): string[] {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!);
  return words.map((word) => word.replace(/\\(.)/g, '$1').replaceAll('%%', '%'));
}

describe('courier unit', function () {
  this.timeout(120_000);
  let work: CliWorkspace;
  beforeEach(async () => {
    work = await CliWorkspace.create();
  });
  afterEach(() => work.close());

  async function unitFor(name: string, kind: 'systemd' | 'compose'): Promise<{ dir: string; text: string }> {
    const dir = path.join(work.root, name);
    await fs.mkdir(dir);
    const printed = await work.run(['unit', kind, '--dir', dir]);
    assert.equal(printed.code, 0, printed.stderr);
    return { dir, text: printed.stdout };
  }
  const runtimeFile = async () => {
    const runtimes = path.join(work.root, 'state', 'tmux-courier', 'runtime');
    const [version] = await fs.readdir(runtimes);
    return path.join(runtimes, version!, 'courier.js');
  };

  if (process.platform === 'linux') {
    it('systemd prints a unit that systemd takes, whatever the folder is called', async () => {
      const files = [];
      for (const [i, name] of names.entries()) {
        const { text } = await unitFor(name, 'systemd');
        const file = path.join(work.root, `courier-${i}.service`);
        await fs.writeFile(file, text);
        files.push(file);
      }
      const verify = (file: string) =>
        spawnSync('systemd-analyze', ['--user', 'verify', file], { encoding: 'utf8', env: work.env });
      for (const file of files) {
        const { status, stdout, stderr } = verify(file);
        assert.deepEqual([status, stdout, stderr], [0, '', ''], file);
      }
      // It does look: a program that is not there, and a line that it doesn't know, are told.
      const text = await fs.readFile(files[0]!, 'utf8');
      const broken = path.join(work.root, 'broken.service');
      await fs.writeFile(broken, text.replace(process.execPath, '/no/such/node'));
      assert.notEqual(verify(broken).status, 0);
      await fs.writeFile(broken, text.replace('[Service]', '[Service]\nNoSuchKey=1'));
      assert.match(verify(broken).stderr, /NoSuchKey/);
    });
  }

  it("systemd's unit names the user's own Node, the stable copy and the folder, and keeps agents alive", async () => {
    work.env.XDG_CONFIG_HOME = '/home/me/%h "x"';
    for (const name of names) {
      const { dir, text } = await unitFor(name, 'systemd');
      const line = (key: string) => text.split('\n').filter((one) => one.startsWith(`${key}=`));
      const command = systemdWords(line('ExecStart')[0]!);
      assert.deepEqual(command, [`:${process.execPath}`, await runtimeFile(), 'monitor', '--dir', dir]);
      assert.deepEqual(line('KillMode'), ['KillMode=process']);
      assert.deepEqual(line('Restart'), ['Restart=on-failure']);
      const environment = line('Environment').flatMap(systemdWords);
      for (const key of ['XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR', 'XDG_STATE_HOME', 'PATH']) {
        assert.ok(environment.includes(`${key}=${work.env[key]}`), key);
      }
      assert.match(text, /systemctl --user enable --now courier-\S+\.service/);
      assert.match(text, /loginctl enable-linger/);
    }
  });

  it('the command of the unit is a monitor of the folder', async () => {
    const { dir, text } = await unitFor('a $HOME "b" %n', 'systemd');
    const [node, ...args] = systemdWords(text.split('\n').find((line) => line.startsWith('ExecStart='))!);
    assert.equal(node, `:${process.execPath}`);
    const [script, ...rest] = args;
    const started = work.start(rest, { dist: path.dirname(script!) });
    const status = async () => JSON.parse((await work.run(['monitor', '--status', '--json', '--dir', dir])).stdout);
    for (;;) if ((await status()).state === 'running') break;
    assert.equal((await status()).pid, started.child.pid);
    started.child.kill('SIGTERM');
    assert.equal((await started.ended).code, 0);
  });

  it('compose prints YAML that says what to run, with the same paths inside as outside', async () => {
    for (const name of names) {
      const { dir, text } = await unitFor(name, 'compose');
      const document = parseDocument(text, { strict: true, version: '1.2' });
      assert.deepEqual([...document.errors, ...document.warnings], [], text);
      const { services } = document.toJS();
      const [service] = Object.keys(services);
      assert.match(service!, /^[a-zA-Z0-9._-]+$/);
      const { command, user, volumes, environment, image, working_dir } = services[service!];
      // Compose puts a variable in the place of $NAME, and $ in that of $$.
      const plain = (value: string) => {
        assert.doesNotMatch(value.replaceAll('$$', ''), /\$/);
        return value.replaceAll('$$', '$');
      };
      assert.deepEqual(command.map(plain), ['node', await runtimeFile(), 'monitor', '--dir', dir]);
      assert.equal(plain(working_dir), dir);
      assert.equal(user, `${process.getuid?.()}:${process.getgid?.()}`);
      const mounts = volumes.map((volume: { source: string; target: string }) => {
        assert.equal(volume.source, volume.target);
        return plain(volume.source);
      });
      const state = path.join(work.root, 'state', 'tmux-courier');
      assert.deepEqual(mounts.slice(0, 2), [dir, state]);
      assert.ok((await fs.stat(mounts[2])).isDirectory(), 'the folder of the socket is there');
      assert.equal(environment.XDG_STATE_HOME, path.dirname(state));
      assert.match(image, /^\$\{COURIER_IMAGE:\?/);
    }
  });

  it('refuses a folder whose name has a line end in it', async () => {
    const dir = path.join(work.root, 'a\nExecStart=/bin/false');
    await fs.mkdir(dir, { recursive: true });
    for (const kind of ['systemd', 'compose']) {
      const refused = await work.run(['unit', kind, '--dir', dir]);
      assert.deepEqual([refused.code, refused.stdout], [2, '']);
    }
  });
});
