import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { SetupCheck } from '../../src/core/setup/check';
import { CliWorkspace } from './cliWorkspace';

describe('courier doctor', function () {
  this.timeout(120_000);
  let work: CliWorkspace;
  beforeEach(async () => {
    work = await CliWorkspace.create();
    work.env.SHELL = '/bin/sh';
  });
  afterEach(() => work.close());

  /** What a user has set. */
  const settings = async (more: object) => {
    const dir = path.join(work.env.XDG_STATE_HOME!, 'tmux-courier');
    await fs.mkdir(dir, { recursive: true, mode: 0o700 });
    await fs.writeFile(path.join(dir, 'config.json'), JSON.stringify({ version: '1.0', ...more }));
  };
  const program = async (name: string, text: string) => {
    const file = path.join(work.env.HOME!, name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, text, { mode: 0o755 });
    return file;
  };
  const doctor = async () => {
    const { code, stdout, stderr } = await work.run(['doctor', '--json']);
    const { version, status, checks } = JSON.parse(stdout) as { version: string; status: string; checks: SetupCheck[] };
    assert.equal(version, '1.0', stderr);
    return { code, status, check: (id: string) => checks.find((one) => one.id === id) };
  };

  it('--json tells what is there, and makes no .courier', async () => {
    await settings({ default_agent: 'demo' });
    const { code, status, check } = await doctor();
    assert.deepEqual([code, status], [0, 'ok']);
    assert.equal(check('tmux')?.title, execFileSync('tmux', ['-V'], { encoding: 'utf8' }).trim());
    assert.equal(check('node')?.title, `Node ${process.versions.node}`);
    assert.equal(check('agent:demo')?.status, 'ok');
    await assert.rejects(fs.access(path.join(work.dir, '.courier')));
  });

  it('fails for an agent that is missing, and says where it looked and what helps', async () => {
    await settings({ default_agent: 'mine', agents: { mine: { command: 'tc-agent' } } });
    const { code, status, check } = await doctor();
    assert.deepEqual([code, status], [1, 'problem']);
    const { looked_in = [], fixes } = check('agent:mine')!;
    assert.equal(looked_in[0], `PATH: ${work.env.PATH?.split(':').join(', ')}`);
    assert.ok(looked_in.some((line) => line.includes(`${work.env.HOME}/.local/bin`)));
    assert.deepEqual(
      fixes.map(({ kind }) => kind),
      ['setting', 'demo'],
    );
    const { code: same, stdout } = await work.run(['doctor']);
    assert.equal(same, 1);
    assert.match(stdout, /^ok {7}tmux 3/m);
    assert.match(stdout, /^problem {2}mine was not found\n[\s\S]*looked in Homebrew: [\s\S]*- set courier\.agents in/m);
  });

  it('only warns of a folder that is not adopted, and names the command', async () => {
    await settings({ default_agent: 'demo' });
    await fs.mkdir(path.join(work.dir, '.courier', 'inbox'), { recursive: true });
    const { code, status, check } = await doctor();
    assert.deepEqual([code, status, check('adopted')?.status], [0, 'warning', 'warning']);
    assert.match((await work.run(['doctor'])).stdout, /- run: courier adopt$/m);
    assert.equal((await work.run(['adopt'])).code, 0);
    assert.equal((await doctor()).check('adopted'), undefined);
  });

  it('finds tmux and an agent where a short PATH misses them, and so do jobs', async () => {
    // As a CLI that npm installed below a prefix of one's own, run by a Node of a version manager.
    const fixture = await fs.readFile(path.resolve('test/fixtures/customAgent.mjs'), 'utf8');
    await fs.writeFile(path.join(work.env.HOME!, '.npmrc'), 'prefix=~/.npm-own\n');
    const agent = await program('.npm-own/bin/tc-agent.mjs', `#!/usr/bin/env tc-node\n${fixture}`);
    await program('.nvm/versions/node/v20.0.0/bin/tc-node', `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
    const used = path.join(work.root, 'used');
    const real = execFileSync('sh', ['-c', 'command -v tmux'], { encoding: 'utf8' }).trim();
    const tmux = await program('.local/bin/tmux', `#!/bin/sh\necho x >>'${used}'\nexec '${real}' "$@"\n`);
    const mine = { command: 'tc-agent.mjs', ready_pattern: '^> $', quiet_time_s: 0.6 };
    await settings({ default_agent: 'mine', agents: { mine } });
    const { PATH } = work.env;
    work.env.PATH = '/nowhere';
    try {
      const { check } = await doctor();
      assert.deepEqual([check('tmux')?.status, check('tmux')?.detail], ['ok', tmux]);
      assert.deepEqual([check('agent:mine')?.status, check('agent:mine')?.detail.split(' (')[0]], ['ok', agent]);
      await fs.rm(used);
      const sent = await work.run(['send', '--wait', '--json', '-'], { input: 'a prompt' });
      assert.equal(sent.code, 0, sent.stderr + sent.stdout);
      assert.equal(JSON.parse(sent.stdout).status, 'completed');
    } finally {
      work.env.PATH = PATH;
    }
    assert.match(await fs.readFile(used, 'utf8'), /x\nx\n/);
  });

  it('is not reached by a Node that is too old, which says so', async () => {
    const old = await program('old.cjs', "Object.defineProperty(process.versions, 'node', { value: '18.20.4' })");
    work.env.NODE_OPTIONS = `--require=${old}`;
    const { code, stderr } = await work.run(['status']);
    assert.equal(code, 1);
    assert.match(stderr, /^courier: Node 18\.20\.4 is too old\. .* 20\.19 or later/);
  });
});
