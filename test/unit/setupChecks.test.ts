import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { beat, createClaim } from '../../src/core/runner/claims';
import { type SetupInput, worst } from '../../src/core/setup/check';
import { checkSetup } from '../../src/core/setup/checks';
import { checkNode, isNodeEnough } from '../../src/core/setup/nodeCheck';
import { checkRoot } from '../../src/core/setup/rootCheck';
import { openFolder } from '../../src/core/store/folder';
import { settingsFor } from '../../src/core/store/folderSettings';
import { Layout } from '../../src/core/store/layout';
import { defaultSettings, Settings } from '../../src/core/store/settings';
import { UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { eventlessMounts, lacksEvents, mountOf, parseMountinfo } from '../../src/core/support/fileSystem';
import { ownIdentity } from '../../src/core/support/processIdentity';
import { makeTempDir, type TempDir } from '../support/tempDir';

const mountinfo = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw
40 27 0:50 / /mnt/c rw,noatime - 9p C:\\134 rw,aname=drvfs;path=C:\\
41 27 0:51 / /home/me/my\\040share rw - nfs4 box:/export rw
42 41 0:52 / /home/me/my\\040share/local rw - xfs /dev/vdb rw
43 27 0:53 / /srv rw - ext4 /dev/vdc rw
44 27 0:54 / /srv rw - fuse.sshfs me@box:/ rw
garbage
`;

describe('file systems without events', () => {
  const mounts = parseMountinfo(mountinfo);
  const typeOf = (file: string) => mountOf(file, mounts)?.type;

  it('are found by the deepest mount, the last of several at one place', () => {
    assert.equal(mounts.length, 7);
    assert.equal(typeOf('/home/me'), 'ext4');
    assert.equal(typeOf('/mnt/c/work'), '9p');
    assert.equal(typeOf('/mnt/cc'), 'ext4');
    assert.equal(typeOf('/home/me/my share'), 'nfs4');
    assert.equal(typeOf('/home/me/my share/local/x'), 'xfs');
    assert.equal(typeOf('/srv/x'), 'fuse.sshfs');
  });

  it('are those of other machines', () => {
    for (const type of ['nfs', 'nfs4', '9p', 'drvfs', 'cifs', 'smb3', 'fuse.sshfs', 'vboxsf', 'fuse.grpcfuse'])
      assert.ok(lacksEvents(type), type);
    for (const type of ['ext4', 'btrfs', 'overlay', 'tmpfs', 'fuseblk', 'fuse.fuse-overlayfs', 'apfs', 'virtiofs'])
      assert.ok(!lacksEvents(type), type);
  });

  it('are looked for among the mounts of this machine, also for a path that is not there yet', async () => {
    const own = parseMountinfo(await fs.readFile('/proc/self/mountinfo', 'utf8'));
    const temp = await makeTempDir();
    try {
      const expected = [mountOf(temp.path, own)!].filter(({ type }) => lacksEvents(type));
      assert.deepEqual(await eventlessMounts([temp.path, path.join(temp.path, 'not/yet')]), expected);
    } finally {
      await temp.remove();
    }
  });
});

describe('root and bypassed permissions', () => {
  const check = (agents: object, more: { uid?: number; env?: NodeJS.ProcessEnv; used?: string[] } = {}) => {
    const settings = v.parse(Settings, { version: '1.0', agents });
    const { uid = 0, env = {}, used = ['claude'] } = more;
    return checkRoot({ settings, env, uid } as SetupInput, new Set(used)).map(({ id, status }) => [id, status]);
  };
  const problem = [['root:claude', 'problem']];

  it('are a problem, however bypassing is said', () => {
    assert.deepEqual(check({ claude: { permission_mode: 'bypassPermissions' } }), problem);
    for (const args of [
      ['--dangerously-skip-permissions'],
      ['--allow-dangerously-skip-permissions'],
      ['--permission-mode', 'bypassPermissions'],
      ['--permission-mode=bypassPermissions'],
    ])
      assert.deepEqual(check({ claude: { args } }), problem, args.join(' '));
    assert.deepEqual(check({ mine: { type: 'claude', permission_mode: 'bypassPermissions' } }), [
      ['root:mine', 'warning'],
    ]);
  });

  it('are none for other users, other modes, other agents, and in a sandbox that says so', () => {
    const claude = { permission_mode: 'bypassPermissions' };
    assert.deepEqual(check({ claude }, { uid: 1000 }), []);
    assert.deepEqual(check({ claude: { permission_mode: 'acceptEdits' } }), []);
    assert.deepEqual(check({ tool: { type: 'custom', args: ['--dangerously-skip-permissions'] } }), []);
    assert.deepEqual(check({ claude: { ...claude, env: { IS_SANDBOX: '1' } } }), []);
    assert.deepEqual(check({ claude }, { env: { IS_SANDBOX: '1' } }), []);
    assert.deepEqual(check({ claude }, { env: { IS_SANDBOX: 'yes' } }), problem);
  });
});

describe('the setup of a machine and a folder', () => {
  let temp: TempDir;
  let layout: Layout;
  let user: UserState;
  const input = (more: Partial<SetupInput> = {}): SetupInput => ({
    user,
    settings: v.parse(Settings, { version: '1.0', default_agent: 'demo' }),
    clock: systemClock,
    versions: false,
    env: process.env,
    platform: process.platform,
    uid: 1000,
    nodeVersion: process.versions.node,
    ...more,
  });
  const look = async (more: Partial<SetupInput> = {}) => {
    const { machine, folders } = await checkSetup(input(more), [layout]);
    return [...machine, ...folders.flatMap(({ checks }) => checks)];
  };
  const only = async (id: string, more: Partial<SetupInput> = {}) => {
    const found = (await look(more)).filter((check) => check.id === id);
    assert.equal(found.length, 1, id);
    return found[0]!;
  };
  const lacks = async (more: Partial<SetupInput> = {}) =>
    (await look(more)).filter(({ status }) => status !== 'ok').map(({ id, status }) => [id, status]);

  beforeEach(async () => {
    temp = await makeTempDir();
    const workspace = path.join(temp.path, 'work');
    for (const name of ['work', 'run']) await fs.mkdir(path.join(temp.path, name), { mode: 0o700 });
    layout = new Layout(workspace);
    user = UserState.fromEnvironment({ HOME: temp.path, XDG_RUNTIME_DIR: path.join(temp.path, 'run') });
  });
  afterEach(() => temp.remove());

  it('is well where a test can run, and makes no .courier', async () => {
    assert.deepEqual(await lacks(), []);
    await assert.rejects(fs.access(layout.root));
    assert.deepEqual(await lacks({ versions: true }), []);
  });

  it('is one sentence on native Windows', async () => {
    assert.deepEqual(await lacks({ platform: 'win32' }), [['platform', 'problem']]);
  });

  it('names agents that are missing: a problem when used, else a warning; and those that are unknown', async () => {
    const agents = { other: { command: '/nonexistent/other' }, odd: { type: 'custom' }, tool: { command: 'sh' } };
    const settings = v.parse(Settings, { version: '1.0', default_agent: 'gone', agents });
    assert.deepEqual(await lacks({ settings }), [
      ['agent:gone', 'problem'],
      ['agent:other', 'warning'],
      ['agent:odd', 'warning'],
    ]);
    const other = await only('agent:other', { settings });
    assert.deepEqual(other.looked_in, ['its path: /nonexistent']);
    assert.deepEqual(
      other.fixes.map(({ kind }) => kind),
      ['setting'],
    );
    const used = { ...settings, default_agent: 'other' };
    assert.deepEqual(
      (await only('agent:other', { settings: used })).fixes.map(({ kind }) => kind),
      ['setting', 'demo'],
    );
  });

  it('has the version that a program says, or does not', async () => {
    const program = async (name: string, text: string) => {
      const file = path.join(temp.path, name);
      await fs.writeFile(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      return file;
    };
    const says = await program('says', 'test "$1" = --version && echo "tc-tool 1.2.3"; echo more');
    const fails = await program('fails', 'echo "what is $1?" >&2; exit 2');
    const agents = {
      says: { command: says },
      silent: { command: fails },
      claude: { command: fails },
    };
    const settings = v.parse(Settings, { version: '1.0', default_agent: 'demo', agents });
    const about = { settings, versions: true };
    assert.equal((await only('agent:says', about)).title, 'says: tc-tool 1.2.3');
    assert.equal((await only('agent:silent', about)).status, 'ok');
    const claude = await only('agent:claude', about);
    assert.equal(claude.status, 'warning');
    assert.match(claude.detail, /what is --version\?/);
  });

  it('names tmux that is missing or too old, with the line that installs it and the setting', async () => {
    const settings = (tmux_path: string) => v.parse(Settings, { version: '1.0', default_agent: 'demo', tmux_path });
    const missing = await only('tmux', { settings: settings('tc-no-tmux') });
    assert.equal(missing.status, 'problem');
    assert.match(missing.looked_in?.join('\n') ?? '', /^PATH: .*\n[\s\S]*Homebrew: \/opt\/homebrew\/bin/);
    assert.deepEqual(missing.fixes.at(-1), { kind: 'setting', label: 'Set tmux Path', setting: 'courier.tmuxPath' });
    const old = path.join(temp.path, 'tmux');
    await fs.writeFile(old, '#!/bin/sh\necho tmux 3.1c\n', { mode: 0o755 });
    assert.match((await only('tmux', { settings: settings(old) })).detail, /tmux 3\.1c .* too old.*3\.2/);
    await fs.writeFile(old, '#!/bin/sh\necho tmux 3.2\n', { mode: 0o755 });
    assert.deepEqual(await lacks({ settings: settings(old) }), []);
  });

  it('names a folder that came from elsewhere, and a socket folder that others could use', async () => {
    await fs.mkdir(layout.inbox, { recursive: true });
    await fs.mkdir(user.socketRoot, { mode: 0o755 });
    assert.deepEqual(await lacks(), [
      ['adopted', 'warning'],
      ['socket', 'problem'],
    ]);
    assert.deepEqual((await only('adopted')).fixes, [{ kind: 'adopt', label: 'Adopt' }]);
  });

  it('names a folder that can not be written', async () => {
    // Also for root, who may write everywhere else.
    await fs.writeFile(path.join(layout.workspace, 'taken'), '', { mode: 0o755 });
    const check = async (directory: string) =>
      (await checkSetup(input(), [new Layout(layout.workspace, directory)])).folders[0]!.checks[0]!;
    const below = await check('taken/courier');
    assert.deepEqual([below.id, below.status], ['writable', 'problem']);
    assert.ok(below.detail.includes(`${layout.workspace}/taken (it is not a folder)`), below.detail);
    assert.equal((await check('free/courier')).status, 'ok');
  });

  it('says who runs the jobs, and whether that one is silent', async () => {
    const { folder_id } = await openFolder(layout, user, systemClock);
    assert.match((await only('runner')).title, /^No runner/);
    await fs.writeFile(path.join(layout.inbox, 'j-1.json'), '{}');
    assert.equal((await only('runner')).status, 'warning');
    const folder = user.folder(folder_id);
    const claim = { epoch: 1, kind: 'window' as const, program_version: 'test', process: await ownIdentity() };
    assert.equal(await createClaim(folder, claim, systemClock), true);
    assert.match((await only('runner')).title, new RegExp(`^A VS Code window .*process ${process.pid} `));
    await beat(folder, 1, { ...systemClock, now: () => Date.now() - 6000 });
    const silent = await only('runner');
    assert.equal(silent.status, 'warning');
    assert.match(silent.detail, /process \d+ .* nothing for 6 s/);
  });

  it('polls where the user wants it', async () => {
    const asked = { ...defaultSettings(), use_polling: true };
    assert.equal((await settingsFor(asked, layout.workspace, user)).use_polling, true);
    assert.equal((await only('events', { settings: { ...asked, default_agent: 'demo' } })).status, 'ok');
  });

  it('wants a Node that can run the command line', () => {
    assert.deepEqual(['18.20.4', '20.18.3', '20.19.0', '22.0.0', '24.1.0'].map(isNodeEnough), [
      false,
      false,
      true,
      true,
      true,
    ]);
    assert.equal(worst(checkNode({ nodeVersion: '18.20.4' })), 'problem');
  });
});
