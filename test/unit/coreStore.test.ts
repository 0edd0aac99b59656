import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as v from 'valibot';
import { createAgent } from '../../src/core/agents/registry';
import { createFolder, folderStanding, openFolder } from '../../src/core/store/folder';
import { Layout } from '../../src/core/store/layout';
import { AgentSettings, defaultSettings, readSettings, Settings, writeSettings } from '../../src/core/store/settings';
import { ensureSocketFolder, UserState } from '../../src/core/store/userState';
import { FakeClock } from '../support/fakeClock';
import { makeTempDir, type TempDir } from '../support/tempDir';

const clock = new FakeClock();
const permissions = async (file: string) => (await fs.stat(file)).mode & 0o777;

describe('userState', () => {
  it('is where each system keeps such files', () => {
    const root = (env: NodeJS.ProcessEnv, platform = 'linux') => UserState.fromEnvironment(env, platform).root;
    assert.equal(root({ HOME: '/h' }), '/h/.local/state/tmux-courier');
    assert.equal(root({ HOME: '/h', XDG_STATE_HOME: '/s' }), '/s/tmux-courier');
    assert.equal(root({ HOME: '/h', XDG_STATE_HOME: '' }), '/h/.local/state/tmux-courier');
    assert.equal(root({ HOME: '/h', XDG_STATE_HOME: 'relative' }), '/h/.local/state/tmux-courier');
    assert.equal(root({ HOME: '/h' }, 'darwin'), '/h/Library/Application Support/tmux-courier');
    assert.equal(root({ HOME: '/h', XDG_STATE_HOME: '/s' }, 'darwin'), '/s/tmux-courier');
    assert.equal(root({}), path.join(os.homedir(), '.local/state/tmux-courier'));
  });

  it('keeps the socket path below what a socket may have', async () => {
    const temp = await makeTempDir();
    try {
      const socket = async (runtime: string | undefined) => {
        const env = { HOME: temp.path, XDG_STATE_HOME: temp.path, XDG_RUNTIME_DIR: runtime };
        return (await UserState.fromEnvironment(env).register(clock.random(), '/w')).socket;
      };
      assert.match(await socket('/run/user/1000'), /^\/run\/user\/1000\/tmux-courier-\d+\/[0-9a-f]{12}$/);
      for (const odd of [undefined, '', 'relative', `/${'long/'.repeat(30)}`]) {
        const path = await socket(odd);
        assert.match(path, /^\/tmp\/tmux-courier-\d+\//);
        assert.ok(Buffer.byteLength(path) < 100);
      }
    } finally {
      await temp.remove();
    }
  });

  it('starts no server in a folder that somebody else could write to', async () => {
    const temp = await makeTempDir();
    try {
      const socket = path.join(temp.path, 'run', 's');
      await ensureSocketFolder(socket);
      assert.equal(await permissions(path.dirname(socket)), 0o700);
      await fs.chmod(path.dirname(socket), 0o777);
      await assert.rejects(ensureSocketFolder(socket), { code: 'socket_folder' });
      await fs.rm(path.dirname(socket), { recursive: true });
      await fs.symlink(temp.path, path.dirname(socket));
      await assert.rejects(ensureSocketFolder(socket), { code: 'socket_folder' });
    } finally {
      await temp.remove();
    }
  });
});

describe('settings', () => {
  const accepts = (value: object) => v.safeParse(Settings, { version: '1.0', ...value }).success;

  it('has defaults for everything', () => {
    const { max_concurrent_jobs, job_timeout_s, default_agent, directory, tmux_prefix } = defaultSettings();
    assert.deepEqual(
      { max_concurrent_jobs, job_timeout_s, default_agent, directory, tmux_prefix },
      {
        max_concurrent_jobs: 4,
        job_timeout_s: 300,
        default_agent: 'claude',
        directory: '.courier',
        tmux_prefix: 'courier_',
      },
    );
  });

  it('refuses a folder that leads out of the workspace, and names that mean something to tmux', () => {
    for (const directory of ['.courier', 'a/b', '.x/.y']) assert.ok(accepts({ directory }), directory);
    for (const directory of ['..', '../x', 'a/../b', 'a/..', '/abs', '', '.', 'a//b', 'a/', '#(x)', 'a b'])
      assert.ok(!accepts({ directory }), directory);
    for (const tmux_prefix of ['', '-x', 'a:b', 'a.b', '#(x)', '=x', '$1'])
      assert.ok(!accepts({ tmux_prefix }), tmux_prefix);
    for (const max_concurrent_jobs of [0, 65, 1.5, '4']) assert.ok(!accepts({ max_concurrent_jobs }));
  });

  it('refuses patterns that are none, and environment names that are none', () => {
    const agent = (value: object) => v.safeParse(AgentSettings, value).success;
    assert.ok(agent({ ready_pattern: '^> $', env: { MY_VAR: 'x' } }));
    assert.ok(!agent({ ready_pattern: '(' }));
    assert.ok(!agent({ env: { 'A=B': 'x' } }));
    assert.ok(!agent({ env: { '1X': 'x' } }));
    assert.ok(!agent({ permission_mode: 'yolo' }));
    assert.ok(!agent({ interrupt_key: 'C-d' }));
  });

  it('refuses an agent that can not be used by itself, with the reason, and keeps the others', async () => {
    const good = { command: 'cat', ready_pattern: '^> $' };
    const wrong = {
      long: [{ ready_pattern: 'x'.repeat(501) }, 'ready_pattern is longer than 500 characters'],
      open: [{ done_pattern: '(' }, 'done_pattern is not a regular expression'],
      deep: [{ dialogs: [{ pattern: '[', choices: [] }] }, 'dialogs.0.pattern is not a regular expression'],
      secret: [{ args: 'token=hunter2' }, 'args: Invalid type: Expected Array'],
      words: ['cat', 'its value: Invalid type: Expected Object'],
    } as const;
    const agents = Object.fromEntries(Object.entries(wrong).map(([id, [settings]]) => [id, settings]));
    const settings = v.parse(Settings, { version: '1.0', agents: { ...agents, '../x': good, good } });
    for (const [id, [, why]] of Object.entries(wrong)) assert.equal(settings.agents[id]?.refused, why);
    assert.match(settings.agents['../x']?.refused ?? '', /its name/);
    assert.deepEqual([settings.agents.good?.command, settings.agents.good?.refused], ['cat', undefined]);
    const make = (id: string) => createAgent(id, settings, { node: '', script: '' });
    assert.equal(make('good').id, 'good');
    assert.throws(() => make('long'), {
      code: 'agent_settings',
      message: /"long" .* ready_pattern is longer .* Mend it/,
    });
    const temp = await makeTempDir();
    try {
      const user = new UserState(path.join(temp.path, 'state'), temp.path);
      await writeSettings(user, settings);
      assert.deepEqual(await readSettings(user), settings, 'whoever reads the file knows it, too');
    } finally {
      await temp.remove();
    }
  });

  it('goes to disk and back; a broken file is told of and left as it is', async () => {
    const temp = await makeTempDir();
    try {
      const user = new UserState(path.join(temp.path, 'state'), temp.path);
      assert.deepEqual(await readSettings(user), defaultSettings());
      await writeSettings(user, { ...defaultSettings(), job_timeout_s: 7 });
      assert.equal((await readSettings(user)).job_timeout_s, 7);
      assert.equal(await permissions(user.config), 0o600);
      await fs.writeFile(user.config, '{');
      await assert.rejects(readSettings(user), { code: 'settings' });
      assert.equal(await fs.readFile(user.config, 'utf8'), '{');
    } finally {
      await temp.remove();
    }
  });
});

describe('folder', () => {
  let temp: TempDir;
  let layout: Layout;
  let user: UserState;
  beforeEach(async () => {
    temp = await makeTempDir();
    await fs.mkdir(path.join(temp.path, 'ws'));
    layout = new Layout(path.join(temp.path, 'ws'));
    user = new UserState(path.join(temp.path, 'user'), path.join(temp.path, 'run'));
  });
  afterEach(() => temp.remove());
  const kind = async (of = layout) => (await folderStanding(of, user)).kind;

  it('is absent, then our own, closed to others, and out of git', async () => {
    assert.equal(await kind(), 'absent');
    const registration = await openFolder(layout, user, clock);
    assert.equal(await kind(), 'own');
    assert.deepEqual(await openFolder(layout, user, clock), registration);
    for (const dir of [
      layout.root,
      layout.inbox,
      layout.done,
      layout.active,
      user.root,
      user.folder(registration.folder_id).claims,
    ])
      assert.equal(await permissions(dir), 0o700, dir);
    assert.equal(await permissions(layout.folderFile), 0o600);
    const git = (...args: string[]) => execFileSync('git', ['-C', layout.workspace, ...args], { encoding: 'utf8' });
    git('init', '-q');
    assert.equal(git('status', '--porcelain'), '');
    assert.deepEqual(await fs.readdir(layout.workspace).then((names) => names.sort()), ['.courier', '.git']);
  });

  it('is foreign when it was copied, moved, unregistered, or has no folder.json or a broken one', async () => {
    const { folder_id } = await openFolder(layout, user, clock);
    const copy = path.join(temp.path, 'copy');
    await fs.cp(layout.workspace, copy, { recursive: true });
    assert.equal(await kind(new Layout(copy)), 'foreign');
    await assert.rejects(openFolder(new Layout(copy), user, clock), { code: 'not_adopted' });
    const moved = path.join(temp.path, 'moved');
    await fs.rename(layout.workspace, moved);
    assert.equal(await kind(new Layout(moved)), 'foreign');
    await fs.rename(moved, layout.workspace);
    assert.equal(await kind(), 'own');
    const other = path.join(temp.path, 'link');
    await fs.symlink(layout.workspace, other);
    assert.equal(await kind(new Layout(other)), 'own', 'another name of the same place is the same place');
    const text = await fs.readFile(layout.folderFile, 'utf8');
    for (const broken of [
      '',
      '{"version":"2.0","folder_id":"x","created_at":""}',
      text.replace(folder_id, '../../x'),
    ]) {
      await fs.writeFile(layout.folderFile, broken);
      assert.equal(await kind(), 'foreign', broken);
    }
    await fs.rm(layout.folderFile);
    assert.equal(await kind(), 'foreign');
    await fs.writeFile(layout.folderFile, text);
    await fs.rm(user.folder(folder_id).registration);
    assert.equal(await kind(), 'foreign');
  });

  it('is made once when many programs make it at the same time', async () => {
    const made = await Promise.all(Array.from({ length: 12 }, () => openFolder(layout, user, clock)));
    assert.deepEqual(new Set(made.map((r) => r.folder_id)).size, 1);
    const standing = await folderStanding(layout, user);
    assert.ok(standing.kind === 'own' && standing.registration.folder_id === made[0]!.folder_id);
    assert.deepEqual(await fs.readdir(layout.workspace), ['.courier'], 'no draft is left');
    assert.equal((await fs.readdir(path.join(user.root, 'folders'))).length, 1, 'no registration of a loser is left');
  });

  it('is never foreign to who looks while another program makes it', async () => {
    const draft = layout.draft('made');
    await fs.mkdir(path.dirname(draft.root), { recursive: true });
    await createFolder(draft, user, clock);
    const seen = new Set<string>();
    for (let before = 1; ; before++) {
      let paths = 0;
      // Each look at the disk asks for a path first: before the one of this number the folder comes to be.
      const makesIt: ProxyHandler<Layout> = {
        get(target, name) {
          if (++paths === before) renameSync(draft.root, layout.root);
          return Reflect.get(target, name);
        },
      };
      seen.add(await kind(new Proxy(layout, makesIt)));
      if (paths < before) break;
      await fs.rename(layout.root, draft.root);
    }
    assert.deepEqual(seen, new Set(['own', 'absent']));
  });

  it('can stand deeper, and keeps a .gitignore that is there', async () => {
    const deep = new Layout(layout.workspace, 'tools/courier');
    await openFolder(deep, user, clock);
    assert.equal(await kind(deep), 'own');
    await fs.writeFile(deep.gitignore, 'mine\n');
    await createFolder(deep, user, clock);
    assert.equal(await fs.readFile(deep.gitignore, 'utf8'), 'mine\n');
  });

  it('resolves only paths inside of it', () => {
    for (const bad of ['../x', '/etc/passwd', '.courier', '.courier/../x', 'src/a.ts', '.courierx/y'])
      assert.equal(layout.resolve(bad), undefined, bad);
    assert.equal(layout.resolve('.courier/a/b'), path.join(layout.root, 'a/b'));
  });
});
