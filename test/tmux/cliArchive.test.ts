import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { CliWorkspace } from './cliWorkspace';

describe('courier rename, delete, restore, purge', function () {
  this.timeout(120_000);
  let work: CliWorkspace;
  beforeEach(async () => {
    work = await CliWorkspace.create();
  });
  afterEach(() => work.close());

  const done = async (...args: string[]) => {
    const ended = await work.run(args);
    assert.equal(ended.code, 0, ended.stderr);
    return ended;
  };

  it('say what is kept and what to do next, and ask before a purge', async () => {
    const prompt = await work.file('p.md', 'Hello\n');
    await done('send', '--agent', 'demo', '--wait', prompt);
    await done('rename', 'main', 'My work');
    assert.match((await done('status')).stdout, /^main "My work": /m);
    assert.equal((await work.run(['rename', 'main', 'a\nb'])).code, 2);

    const deleted = await done('delete', 'main');
    assert.match(deleted.stderr, /courier restore main\n$/);
    assert.deepEqual(await work.tmuxSessions(), []);
    assert.match(
      (await done('status', '--deleted')).stdout,
      /^no sessions\n\ndeleted:\n {2}main .*"My work" \(demo\), 1 job$/m,
    );
    const listed = JSON.parse((await done('status', '--deleted', '--json')).stdout);
    assert.deepEqual([listed.deleted[0].folder, listed.deleted[0].jobs], ['main', 1]);

    await done('restore', 'main');
    assert.deepEqual(
      (await work.status()).sessions.map((s) => [s.session_id, s.state]),
      [['main', 'stopped']],
    );
    assert.equal((await work.run(['restore', 'main'])).code, 2);
    await done('send', '--wait', prompt);

    await done('delete', 'main');
    const asked = await work.run(['purge', 'main']);
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /Nothing was removed.*courier purge main --yes/);
    const folder = path.join(work.dir, '.courier/sessions/deleted/main');
    assert.ok((await fs.stat(folder)).isDirectory());
    await done('purge', 'main', '--yes');
    await assert.rejects(fs.stat(folder), /ENOENT/);
    assert.match((await done('status', '--deleted')).stdout, /no deleted sessions/);
  });

  it('clean lists, removes nothing without --yes, and then what it lists', async () => {
    const prompt = await work.file('p.md', 'Hello\n');
    const folder = path.join(work.dir, '.courier');
    assert.match((await done('clean')).stdout, /^nothing to clean up/);
    await assert.rejects(fs.stat(folder), /ENOENT/, 'a look makes nothing');
    await done('send', '--agent', 'demo', '--wait', prompt);
    const old = path.join(folder, 'sessions/active/main/logs/pane_old.log');
    await fs.writeFile(old, 'text');
    const longAgo = new Date(Date.now() - 3 * 24 * 3_600_000);
    await fs.utimes(old, longAgo, longAgo);
    assert.match((await done('clean')).stdout, /^nothing to clean up\n\n.*courier\.keepDays is 0/);
    const config = path.join(work.root, 'state/tmux-courier/config.json');
    await fs.writeFile(config, JSON.stringify({ version: '1.0', keep_days: 2 }));
    const listed = await done('clean');
    assert.match(listed.stdout, /^old logs: 1, 4 B, 3 days old\n {2}\.courier\S+pane_old\.log {2}4 B {2}3 days\n/);
    assert.match(listed.stderr, /Nothing was removed.*courier clean --yes/);
    const json = JSON.parse((await done('clean', '--json')).stdout);
    assert.deepEqual([json.items.length, json.items[0].kind, json.items[0].removed], [1, 'log', false]);
    assert.equal(await fs.readFile(old, 'utf8'), 'text');
    assert.match((await done('clean', '--yes')).stderr, /^1 removed\.$/m);
    await assert.rejects(fs.stat(old), /ENOENT/);
    assert.deepEqual(JSON.parse((await done('clean', '--json', '--yes')).stdout).items, []);
  });

  it('status shows an unmanaged tmux session, and kill ends it when it is asked to', async () => {
    const prompt = await work.file('p.md', 'Hello\n');
    await done('send', '--agent', 'demo', '--wait', prompt);
    await work.startTmux("it's $(x)");
    await done('rename', 'main', 'sees the server');
    assert.match(
      (await done('status')).stdout,
      /unmanaged.*\n {2}it's \$\(x\) .*courier kill 'it'\\''s \$\(x\)' --yes/,
    );
    assert.equal((await work.run(['kill', "it's $(x)"])).code, 2);
    assert.equal((await work.run(['kill', 'courier_main', '--yes'])).code, 2);
    assert.equal((await work.tmuxSessions()).length, 2);
    await done('kill', "it's $(x)", '--yes');
    assert.deepEqual(await work.tmuxSessions(), ['courier_main']);
  });

  it('diagnostics writes a zip, and over nothing', async () => {
    const out = path.join(work.root, 'd.zip');
    const written = await done('diagnostics', '--out', out);
    assert.equal(written.stdout, `${out}\n`);
    const { 'folder.json': folder } = unzipSync(await fs.readFile(out));
    assert.equal(JSON.parse(strFromU8(folder!)).standing, 'absent');
    assert.equal((await work.run(['diagnostics', '--out', out])).code, 2);
    const named = (await done('diagnostics')).stdout.trim();
    assert.match(path.relative(work.dir, named), /^courier-diagnostics-\d{8}-\d{6}\.zip$/);
  });
});
