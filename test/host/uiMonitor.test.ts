import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { readMonitor } from '../../src/core/monitor/post';
import { UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { waitFor } from '../support/waitFor';
import { closeEditors, courier, demoSession, finishedJobs, Person, sessions, untitled } from './uiSupport';

const settings = () => vscode.workspace.getConfiguration('courier');
const setMonitor = (value: string | undefined) =>
  settings().update('monitor', value, vscode.ConfigurationTarget.Global);
const snapshot = async () => (await courier()).folders()[0]?.snapshot;
const runnerKind = async () => (await snapshot())?.runner?.kind;

/** Who is the folder's monitor, by the user's own state. */
async function monitor() {
  const standing = (await snapshot())?.standing;
  assert.equal(standing?.kind, 'own');
  return readMonitor(UserState.fromEnvironment().folder(standing.registration.folder_id), systemClock);
}
const runningPid = async () => {
  const found = await monitor();
  return found.kind === 'running' ? found.monitor.process.pid : undefined;
};

describe('the setting courier.monitor', function () {
  this.timeout(120_000);
  let person: Person;

  beforeEach(async () => {
    person = new Person();
    await demoSession();
  });

  afterEach(async () => {
    await setMonitor(undefined);
    await waitFor(async () => (await runnerKind()) === 'window', {
      what: 'this window runs the jobs',
      timeout: 30_000,
    });
    await waitFor(async () => (await runningPid()) === undefined, { what: 'the end of the monitor' });
    person.leave();
    await closeEditors();
  });

  const send = async (text: string) => {
    await untitled(text);
    person.choose((await sessions())[0]?.metadata.name ?? '');
    const [job] = await finishedJobs(1, () => vscode.commands.executeCommand('courier.send'));
    return job;
  };

  it('background: a monitor runs the jobs, and is started again when it was killed', async () => {
    await setMonitor('background');
    await waitFor(async () => (await runnerKind()) === 'background', { what: 'the monitor', timeout: 30_000 });
    assert.equal((await send('to the monitor\n'))?.status, 'completed');
    const first = await runningPid();
    assert.ok(first);
    process.kill(first, 'SIGKILL');
    const second = await waitFor(
      async () => {
        const pid = await runningPid();
        return pid !== first && pid;
      },
      { what: 'another monitor', timeout: 30_000 },
    );
    await waitFor(async () => (await snapshot())?.runner?.pid === second, { timeout: 30_000 });
    assert.equal((await send('to the next one\n'))?.status, 'completed');
  });

  it('background: Stop Monitor lasts until Start Monitor, and Restart Monitor makes a new one', async () => {
    await setMonitor('background');
    await waitFor(async () => (await runnerKind()) === 'background', { what: 'the monitor', timeout: 30_000 });
    await vscode.commands.executeCommand('courier.stopMonitor');
    await waitFor(async () => (await runnerKind()) === undefined, { what: 'no runner' });
    assert.equal((await monitor()).kind, 'stopped');
    await vscode.commands.executeCommand('courier.startMonitor');
    const started = await runningPid();
    await waitFor(async () => (await runnerKind()) === 'background', { what: 'the monitor' });
    await vscode.commands.executeCommand('courier.restartMonitor');
    assert.notEqual(await runningPid(), started);
    assert.ok(await runningPid());
    assert.deepEqual(person.of('showErrorMessage'), []);
  });
});
