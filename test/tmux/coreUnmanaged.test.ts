import assert from 'node:assert/strict';
import type { RunnerHost } from '../../src/core/runner/runnerHost';
import { openFolder } from '../../src/core/store/folder';
import { readSnapshot } from '../../src/core/store/snapshot';
import { readTmuxSessions } from '../../src/core/store/tmuxSessions';
import { systemClock } from '../../src/core/support/clock';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

describe('tmux sessions that nobody manages', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  let host: RunnerHost;
  beforeEach(async () => {
    courier = await TestCourier.create({ settings: { version: '1.0', scan_interval_s: 0.3 } });
    host = await courier.runner();
    assert.equal((await courier.ended(await courier.send('one'))).status, 'completed');
  });
  afterEach(() => courier.stop());

  const unmanaged = async () => {
    const { unmanaged: found } = await readSnapshot(courier.layout, courier.user, systemClock, { historyLimit: 0 });
    return found.map((session) => session.name);
  };
  const areShown = (...names: string[]) =>
    waitFor(async () => JSON.stringify(await unmanaged()) === JSON.stringify(names), {
      what: async () => `${names.join(' ')} and not ${(await unmanaged()).join(' ')}`,
    });
  const start = (name: string) => courier.tmux('new-session', '-d', '-s', name, '--', 'sleep', '600');
  const onServer = async () => (await courier.tmux('list-sessions', '-F', '#{session_name}')).trim().split('\n').sort();
  const kill = async (name: string) =>
    (await courier.client.request({ action: 'kill_unmanaged', tmux_session: name }))!;

  it('are shown within the scan, whatever their names, and not our own', async () => {
    await start('courier_old');
    await start("it's %H & co; $(x)");
    await courier.send('demo-mode: slow=3000\n', { mode: 'fresh' });
    await areShown('courier_old', "it's %H & co; $(x)");
    await courier.tmux('kill-session', '-t', '=courier_old');
    await areShown("it's %H & co; $(x)");
  });

  it('are shown when nothing of ours runs there any more', async () => {
    await start('other');
    await areShown('other');
    await courier.client.request({ action: 'stop_session', session_id: 'main' });
    await start('another');
    await areShown('another', 'other');
  });

  it('are ended by their whole name only; ours and what is not there are refused', async () => {
    for (const name of ['other', 'other-2', '$0', 'courier_mai']) await start(name);
    await areShown('$0', 'courier_mai', 'other', 'other-2');
    for (const name of ['courier_main', 'othe', '%0', '$1', '=other', 'other:', '*']) {
      assert.equal((await kill(name)).ok, false, name);
    }
    assert.equal((await kill('$0')).ok, true);
    assert.equal((await kill('courier_mai')).ok, true);
    assert.deepEqual(await onServer(), ['courier_main', 'other', 'other-2']);
    assert.equal((await kill('other')).ok, true);
    assert.deepEqual(await onServer(), ['courier_main', 'other-2']);
    await areShown('other-2');
    assert.equal((await kill('other')).ok, false);
    assert.equal((await courier.ended(await courier.send('two'))).status, 'completed');
  });

  it('are known to who comes later, with no runner alive; the next one sees what changed meanwhile', async () => {
    await start('other');
    await areShown('other');
    await host.stop();
    assert.deepEqual(await unmanaged(), ['other']);
    await courier.tmux('kill-session', '-t', '=other');
    await courier.runner();
    await areShown();
    const { folder_id } = await openFolder(courier.layout, courier.user, systemClock);
    const seen = await readTmuxSessions(courier.user.folder(folder_id));
    assert.deepEqual(
      seen.map(({ name, managed }) => [name, managed]),
      [['courier_main', true]],
    );
  });
});
