import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { findProgram } from '../../src/core/agents/program';
import { AgentSettings } from '../../src/core/store/settings';
import { type ProgramNotFound, search } from '../../src/core/support/findExecutable';
import { forgetLoginShell } from '../../src/core/support/loginShell';
import { findTmux } from '../../src/core/tmux/findTmux';
import { makeTempDir, type TempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

/** Whether a process has ended; one that nobody has asked for its end has, too. */
const isGone = async (pid: string) => /\) Z /.test(await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z '));

describe('where programs are looked for', () => {
  let temp: TempDir;
  const home = () => temp.path;
  const file = async (name: string, text: string, mode = 0o644) => {
    const full = path.join(home(), name);
    await fs.mkdir(path.dirname(full), { recursive: true });
    await fs.writeFile(full, text, { mode });
    return full;
  };
  const program = (name: string, text = '#!/bin/sh\n') => file(name, text, 0o755);
  const find = async (command: string, env: NodeJS.ProcessEnv = {}) =>
    (await search(command, { HOME: home(), SHELL: '/bin/false', PATH: '', ...env })).file;

  beforeEach(async () => {
    temp = await makeTempDir();
    forgetLoginShell();
  });
  afterEach(() => temp.remove());

  it("are npm's own prefix, from ~/.npmrc and from the environment", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as npm writes it
    await file('.npmrc', 'loglevel=warn\nprefix = "${HOME}/npm here"\n');
    const own = await program('npm here/bin/tc-cli');
    assert.equal(await find('tc-cli'), own);
    await file('.npmrc', 'prefix=~/elsewhere\n');
    const other = await program('elsewhere/bin/tc-cli');
    assert.equal(await find('tc-cli'), other);
    const env = await program('env/bin/tc-cli');
    assert.equal(await find('tc-cli', { npm_config_prefix: path.join(home(), 'env') }), env);
  });

  it('are the folders of Node version managers, the newest version first', async () => {
    await program('.nvm/versions/node/v9.11.2/bin/tc-nvm');
    await program('.nvm/versions/node/v18.1.0/bin/tc-nvm');
    const newest = await program('.nvm/versions/node/v20.19.0/bin/tc-nvm');
    assert.equal(await find('tc-nvm'), newest);
    const places = {
      'tc-fnm': '.local/share/fnm/node-versions/v20.1.0/installation/bin/tc-fnm',
      'tc-asdf': '.asdf/shims/tc-asdf',
      'tc-volta': '.volta/bin/tc-volta',
      'tc-mise': '.local/share/mise/installs/node/20/bin/tc-mise',
      'tc-pnpm': '.local/share/pnpm/tc-pnpm',
      'tc-nix': '.nix-profile/bin/tc-nix',
      'tc-claude': '.claude/local/tc-claude',
    };
    for (const [command, place] of Object.entries(places)) {
      const file = await program(place);
      assert.equal(await find(command), file);
    }
  });

  it("are on the login shell's PATH, which is asked only when all else failed, and once", async () => {
    const asked = path.join(home(), 'asked');
    const shell = await program(
      'shells/bash',
      `#!/bin/sh\necho "$1 $2 $3" >>'${asked}'\necho welcome\nPATH='${home()}/deep:relative:/bin'\neval "$4"\necho bye\n`,
    );
    const deep = await program('deep/tc-deep');
    const local = await program('.local/bin/tc-local');
    assert.equal(await find('tc-local', { SHELL: shell }), local);
    await assert.rejects(fs.access(asked), 'the shell was not needed');
    assert.equal(await find('tc-deep', { SHELL: shell }), deep);
    assert.equal(await find('tc-none', { SHELL: shell }), undefined);
    const calls = (await fs.readFile(asked, 'utf8')).trim().split('\n');
    assert.deepEqual(calls, ['-l -i -c']);
  });

  it('are what a real shell of the user is told in its own files', async () => {
    const deep = await program('by profile/tc-deep');
    await file('.bash_profile', 'echo hello\nPATH="$HOME/by profile:$PATH"\n');
    assert.equal(await find('tc-deep', { SHELL: '/bin/bash', PATH: '/usr/bin:/bin' }), deep);
    await fs.rm(path.join(home(), '.bash_profile'));
    forgetLoginShell();
    assert.equal(await find('tc-deep', { SHELL: '/bin/bash', PATH: '/usr/bin:/bin' }), undefined);
  });

  it('are not asked of what is no known shell', async () => {
    const asked = path.join(home(), 'asked');
    for (const name of ['tc-shell', 'relative']) {
      const shell = await program(name, `#!/bin/sh\ntouch '${asked}'\n`);
      await find('tc-none', { SHELL: name === 'relative' ? 'bash' : shell });
    }
    await assert.rejects(fs.access(asked));
  });

  it('do not wait for a shell that hangs, and leave nothing of it', async function () {
    this.timeout(60_000);
    const pid = path.join(home(), 'pid');
    const shell = await program(
      'bash',
      `#!/bin/sh\nPATH=/usr/bin:/bin\ntrap '' TERM\nsleep 600 &\necho $! >'${pid}'\nwait\nsleep 600\n`,
    );
    assert.equal(await find('tc-none', { SHELL: shell }), undefined);
    const left = (await fs.readFile(pid, 'utf8')).trim();
    await waitFor(async () => isGone(left), { what: `the end of process ${left}` });
  });

  it('are said when there is no such program', async () => {
    const env = { HOME: home(), SHELL: '/bin/false', PATH: '/nowhere' };
    await assert.rejects(findTmux('tc-tmux', env), (error: ProgramNotFound) => {
      assert.equal(error.code, 'no_tmux');
      assert.match(error.message, /"tc-tmux" on PATH, nor .*Homebrew.*login shell.*courier\.tmuxPath/);
      assert.deepEqual(error.looked[0], { name: 'PATH', folders: ['/nowhere'] });
      assert.ok(String(error.cause).includes(`${home()}/.local/bin`));
      return true;
    });
    await assert.rejects(findTmux('/opt/none/tmux', env), (error: ProgramNotFound) => {
      assert.ok(!error.message.includes('Homebrew'), error.message);
      return true;
    });
  });

  it('are given to an agent that was found outside of its PATH, with its interpreter', async () => {
    await program('node here/tc-node');
    const cli = await program('tools/tc-agent', '#!/usr/bin/env tc-node\n');
    const agent = (env: Record<string, string>) => v.parse(AgentSettings, { env });
    const PATH = `/usr/bin:${home()}/node here`;
    const found = await findProgram(cli, 'It', agent({ PATH, A: 'x' }));
    assert.deepEqual(found, { file: cli, env: { A: 'x', PATH: `${PATH}:${home()}/tools` } });
    const onPath = await findProgram('tc-agent', 'It', agent({ PATH: `${PATH}:${home()}/tools` }));
    assert.deepEqual(onPath, { file: cli, env: { PATH: `${PATH}:${home()}/tools` } });
    const bare = await findProgram('/bin/sh', 'It', agent({ PATH: '/bin' }));
    assert.deepEqual(bare.env, { PATH: '/bin' });
  });
});
