import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { collectDiagnostics, diagnosticsName, writeDiagnostics } from '../../src/core/diagnostics/collect';
import { readSnapshot } from '../../src/core/store/snapshot';
import { systemClock } from '../../src/core/support/clock';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

describe('diagnostics', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  afterEach(() => courier.stop());

  it('say how things stand, and hold no prompt, answer, screen, title or secret', async () => {
    const env = { MY_API_KEY: 'plantedkey-in-settings', PLAIN: 'planted-value-of-a-plain-variable' };
    courier = await TestCourier.create({
      settings: { version: '1.0', scan_interval_s: 0.3, log_pane: true, agents: { demo: { env, args: [] } } },
    });
    const host = await courier.runner();
    const planted = 'planted prompt text';
    await courier.client.request({ action: 'create_session', session_id: 'main', name: 'planted name' });
    const done = await courier.ended(await courier.send(`# ${planted}\n`, { source: { path: 'planted/path.ts' } }));
    assert.equal(done.status, 'completed');
    const failed = await courier.ended(await courier.send(`${planted}\n\ndemo-mode: api-error\n`));
    assert.equal(failed.status, 'failed');
    const exited = await courier.ended(await courier.send(`${planted}\n\ndemo-mode: crash\n`));
    assert.notEqual(exited.status, 'completed');
    await courier.tmux('new-session', '-d', '-s', 'planted tmux name', '--', 'sleep', '600');
    const waits = await courier.send(`${planted}\n\ndemo-mode: permission\n`);
    await courier.jobWhere(waits, 'waits', (job) => job.waiting !== undefined);
    // What an agent may write there, and what a log may have caught.
    const { log, metadata, dir } = courier.layout.session('main');
    await fs.appendFile(log, `${new Date().toISOString()} info ready: plantedkey-in-environment\nplanted row\n`);
    await fs.symlink('/etc/passwd', `${log}.1`);
    assert.match(await fs.readFile(metadata, 'utf8'), /planted name/);
    await fs.mkdir(path.join(dir, 'planted'));

    const { layout, user, settings } = courier;
    const isSeen = async () =>
      (await readSnapshot(layout, user, systemClock, { historyLimit: 0 })).unmanaged.length > 0;
    await waitFor(isSeen, { what: 'the tmux session of a person' });
    const secrets = { SOME_TOKEN: 'plantedkey-in-environment' };
    const texts = await collectDiagnostics({
      ...{ layout, user, settings, clock: systemClock, versions: { courier: 'test', vscode: '1.100' } },
      env: { ...process.env, ...secrets },
    });
    const file = path.join(courier.root, diagnosticsName(Date.now()));
    await writeDiagnostics(file, texts);
    await assert.rejects(writeDiagnostics(file, texts), /EEXIST/);
    assert.equal((await fs.stat(file)).mode & 0o777, 0o600);

    const unzipped = Object.entries(unzipSync(await fs.readFile(file))).map(([name, data]) => [name, strFromU8(data)]);
    const found = Object.fromEntries(unzipped) as Record<string, string>;
    for (const [name, text] of Object.entries(found)) assert.ok(!/planted|root:/.test(name + text), `${name}: ${text}`);
    const names = ['about.json', 'folder.json', 'sessions/main/jobs.json', 'sessions/main/session.json'];
    assert.deepEqual(Object.keys(found).sort(), [...names, 'sessions/main/session.log', 'settings.json', 'setup.json']);
    const about = JSON.parse(found['about.json']!);
    assert.deepEqual([about.courier, about.vscode, about.node], ['test', '1.100', process.version]);
    assert.match(about.tmux, /^tmux \d/);
    const folder = JSON.parse(found['folder.json']!);
    assert.deepEqual([folder.standing, folder.runner.kind], ['own', 'cli']);
    assert.equal(folder.tmux_sessions.length, 2);
    const jobs = JSON.parse(found['sessions/main/jobs.json']!);
    assert.deepEqual(
      [...jobs.live, ...jobs.finished].map((job: { job_id: string; status: string }) => [job.job_id, job.status]),
      [
        [waits, 'running'],
        [exited.job_id, exited.status],
        [failed.job_id, 'failed'],
        [done.job_id, 'completed'],
      ],
    );
    assert.match(found['sessions/main/session.log']!, new RegExp(`${done.job_id} : completed`));
    const checks: { id: string; status: string }[] = JSON.parse(found['setup.json']!);
    assert.equal(checks.find(({ id }) => id === 'tmux')?.status, 'ok');
    assert.match(found['settings.json']!, /"MY_API_KEY": "\(removed\)"/);
    await host.stop();
  });
});
