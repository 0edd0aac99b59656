import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { claimFile, createClaim, newestEpoch } from '../../src/core/runner/claims';
import type { RunnerHost } from '../../src/core/runner/runnerHost';
import { openFolder } from '../../src/core/store/folder';
import { systemClock } from '../../src/core/support/clock';
import { ownIdentity } from '../../src/core/support/processIdentity';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

const mode = (list: string) => `A prompt.\n\ndemo-mode: ${list}\n`;

describe('faults under a running job', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  let runner: RunnerHost;
  beforeEach(async () => {
    courier = await TestCourier.create();
    runner = await courier.runner();
  });
  afterEach(() => courier.stop());

  const completes = async (id: string) => {
    const job = await courier.ended(id);
    assert.equal(job.status, 'completed', job.message);
    return job;
  };
  const working = async (list = 'slow=60000', input = {}) => {
    const id = await courier.send(mode(list), input);
    await courier.jobWhere(id, 'works', (job) => job.phase === 'working');
    return id;
  };
  const panePid = async (session = 'courier_main') =>
    Number((await courier.tmux('list-panes', '-t', `=${session}:`, '-F', '#{pane_pid}')).trim());

  it('tmux server killed: the job fails at once, is not sent again, and the next one starts a new server', async () => {
    const id = await working();
    const fresh = await working('slow=60000', { mode: 'fresh' });
    await courier.tmux('kill-server');
    for (const job of [await courier.ended(id, 6000), await courier.ended(fresh, 6000)])
      assert.deepEqual([job.status, job.reason, job.attempts], ['failed', 'session_lost', 1]);
    await courier.sessionWhere('is lost', (session) => session.state === 'lost');
    await completes(await courier.send('next'));
    await courier.sessionWhere('is ready', (session) => session.state === 'ready');
  });

  it('socket removed: the server makes it anew, and the job goes on', async () => {
    const id = await working('slow=4000');
    const server = await courier.tmux('list-panes', '-a', '-F', '#{pid} #{pane_pid}');
    const { socket } = await openFolder(courier.layout, courier.user, systemClock);
    await fs.rm(socket);
    await completes(id);
    await completes(await courier.send('next'));
    assert.equal(await courier.tmux('list-panes', '-a', '-F', '#{pid} #{pane_pid}'), server);
  });

  it('socket removed while nobody runs the folder: the next runner finds the server', async () => {
    const id = await working('slow=1500');
    const server = await courier.tmux('list-panes', '-a', '-F', '#{pid} #{pane_pid}');
    const { socket } = await openFolder(courier.layout, courier.user, systemClock);
    await runner.stop();
    await fs.rm(socket);
    await courier.runner();
    await completes(id);
    assert.equal(await courier.tmux('list-panes', '-a', '-F', '#{pid} #{pane_pid}'), server);
  });

  it('CLI killed: the job fails with the signal and what was written so far', async () => {
    const id = await working('two-step=60000');
    const output = path.join(courier.workspace, (await courier.job(id))!.output_path);
    await waitFor(async () => (await fs.stat(output)).size > 0, { what: 'half an answer' });
    process.kill(await panePid(), 'SIGKILL');
    const job = await courier.ended(id, 6000);
    assert.deepEqual([job.status, job.reason], ['failed', 'agent_exited']);
    assert.match(job.message ?? '', /signal (9|kill)/i);
    assert.ok(job.message?.includes(job.output_path), 'it says where the half is');
    await completes(await courier.send('next'));
  });

  it('interrupted in the terminal: failed, and the next job runs', async () => {
    const id = await working();
    await courier.tmux('send-keys', '-t', '=courier_main:', 'Escape');
    const job = await courier.ended(id, 30_000);
    assert.deepEqual([job.status, job.reason, job.inferred], ['failed', 'agent_interrupted', true]);
    await completes(await courier.send('next'));
  });

  it('superseded: the older runner loses, types and writes nothing more; what it ran goes on', async () => {
    const id = await working('slow=3000');
    const { folder_id } = await openFolder(courier.layout, courier.user, systemClock);
    const folder = courier.user.folder(folder_id);
    const epoch = (await newestEpoch(folder)) + 1;
    const process = await ownIdentity();
    await createClaim(folder, { epoch, kind: 'cli', program_version: 'test', process }, systemClock);
    await waitFor(() => courier.logged.some((line) => line.includes('runner: standby')), {
      what: 'the runner has lost',
    });
    const queue = courier.layout.session('main').queue;
    const before = await fs.readFile(queue, 'utf8');
    const later = await courier.send('later');
    await waitFor(async () => (await courier.screen()).includes('done: wrote'), { what: 'the end of the turn' });
    assert.equal(await fs.readFile(queue, 'utf8'), before);
    assert.equal(await courier.job(later), undefined);
    assert.equal((await courier.job(id))?.status, 'running');
    // The claim's owner never was there: without a heartbeat it is taken over after its time.
    await fs.writeFile(path.join(folder.claims, claimFile(epoch).replace('.json', '.released')), '');
    await completes(id);
    await completes(later);
    assert.equal((await courier.job(id))?.attempts, 1);
  });

  it('receipts and outputs that are links or folders harm nobody', async () => {
    const id = await working('slow=1200');
    const job = (await courier.job(id))!;
    const { folder_id } = await openFolder(courier.layout, courier.user, systemClock);
    const { receipts } = courier.user.folder(folder_id).launch(job.launch_id!);
    await fs.mkdir(path.join(receipts, '0.json'));
    await fs.symlink('/dev/zero', path.join(receipts, '1.json'));
    await fs.writeFile(path.join(receipts, '2.json'), 'no json');
    const secret = path.join(courier.root, 'secret');
    await fs.writeFile(secret, 'mine');
    await fs.chmod(secret, 0o400);
    await fs.symlink(secret, path.join(courier.workspace, job.output_path));
    const ended = await courier.ended(id);
    assert.notEqual(ended.status, 'completed', 'an answer behind a link is not taken');
    await completes(await courier.send('next'));
  });

  it('many jobs at once: all done, each once, in order', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 12; n++) ids.push(await courier.send(`job ${n}`));
    let last = '';
    for (const id of ids) {
      const job = await completes(id);
      assert.equal(job.attempts, 1);
      assert.ok(job.accepted_at! >= last);
      last = job.accepted_at!;
    }
  });
});
