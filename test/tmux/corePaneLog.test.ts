import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { paneLogCommand, paneLogScript } from '../../src/core/sessions/paneLog';
import { LaunchLayout } from '../../src/core/store/userState';
import { makeTempDir } from '../support/tempDir';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';

const odd = 'it\'s #{pane_id} %H $(touch x) #(touch y) \\ "q" #[fg=red]';

describe("a pane's text in the logs", function () {
  this.timeout(120_000);
  let courier: TestCourier | undefined;
  afterEach(async () => {
    await courier?.stop();
    courier = undefined;
  });
  const create = async (log_pane: boolean, more: { folderName?: string; stateName?: string } = {}) => {
    courier = await TestCourier.create({ settings: { version: '1.0', log_pane }, ...more });
    return courier;
  };
  const logs = async (own: TestCourier) => {
    const dir = own.layout.session('main').logs;
    const names = (await fs.readdir(dir)).filter((name) => name.startsWith('pane_')).sort();
    return Promise.all(
      names.map(async (name) => ({
        file: path.join(dir, name),
        text: await fs.readFile(path.join(dir, name), 'utf8'),
      })),
    );
  };
  const completed = async (own: TestCourier, text: string, mode: 'session' | 'fresh' = 'session') => {
    assert.equal((await own.ended(await own.send(text, { mode }))).status, 'completed');
  };
  const holds = (own: TestCourier, at: number, words: string) =>
    waitFor(async () => (await logs(own))[at]?.text.includes(words), {
      what: async () => `${words} in log ${at}; there is ${JSON.stringify(await logs(own))}`,
    });

  it('is kept from the first byte on, 0600, in folders of any name, for sessions and fresh jobs', async () => {
    const own = await create(true, { folderName: odd, stateName: `state ${odd}` });
    await own.runner();
    await completed(own, 'one');
    await holds(own, 0, 'done: wrote');
    const [log] = await logs(own);
    assert.match(log!.text, /demo>/);
    assert.match(path.basename(log!.file), /^pane_\d{8}-\d{6}-\d{3}_l-[0-9a-f]+\.log$/);
    assert.equal((await fs.stat(log!.file)).mode & 0o777, 0o600);
    await completed(own, 'two', 'fresh');
    await holds(own, 1, 'done: wrote');
    assert.deepEqual((await fs.readdir(own.workspace)).sort(), ['.courier'], 'nothing in a name was run');
  });

  it('is kept by nobody who did not ask, and from a takeover on by who asks now', async () => {
    const own = await create(false);
    const first = await own.runner();
    await completed(own, 'one');
    assert.deepEqual(await logs(own), []);
    await first.stop();
    own.settings.log_pane = true;
    const second = await own.runner();
    await completed(own, 'two');
    await holds(own, 0, 'done: wrote');
    await second.stop();
    own.settings.log_pane = false;
    await own.runner();
    const size = (await logs(own))[0]!.text.length;
    await completed(own, 'three');
    assert.equal((await logs(own))[0]!.text.length, size);
    assert.equal((await own.tmux('list-panes', '-a', '-F', '#{pane_pipe}')).trim(), '0');
    assert.equal((await own.tmux('list-sessions')).trim().split('\n').length, 1);
  });

  it('starts nothing through a link in the place of its folder, and the job is done all the same', async () => {
    const own = await create(true);
    const first = await own.runner();
    await completed(own, 'one');
    await own.client.request({ action: 'stop_session', session_id: 'main' });
    const { logs: dir } = own.layout.session('main');
    const outside = path.join(own.root, 'outside');
    await fs.mkdir(outside);
    await fs.rename(dir, `${dir}.aside`);
    await fs.symlink(outside, dir);
    await completed(own, 'two');
    assert.deepEqual(await fs.readdir(outside), []);
    await first.stop();
  });

  it('is bounded, and is written over nothing that is there', async () => {
    const temp = await makeTempDir();
    try {
      const script = path.join(temp.path, 'pane-log.sh');
      await fs.writeFile(script, paneLogScript);
      const launch = new LaunchLayout(path.join(temp.path, odd.replaceAll('/', '')));
      await fs.mkdir(launch.dir);
      const file = path.join(temp.path, 'pane\n.log\n');
      await fs.writeFile(launch.paneLog, file);
      const pipe = (input: string | Buffer) => {
        try {
          execFileSync('sh', ['-c', paneLogCommand(script, launch)], { input, stdio: ['pipe', 'pipe', 'ignore'] });
        } catch {
          // Its end by the limit is no fault.
        }
      };
      pipe(Buffer.alloc(11 * 1024 * 1024, 'x'));
      assert.equal((await fs.stat(file)).size, 10 * 1024 * 1024);
      pipe('again');
      assert.equal((await fs.stat(file)).size, 10 * 1024 * 1024);
      const secret = path.join(temp.path, 'secret');
      for (const target of [secret, path.join(temp.path, 'not-there')]) {
        await fs.rm(file);
        await fs.writeFile(secret, 'mine');
        await fs.symlink(target, file);
        pipe('again');
        assert.equal(await fs.readFile(secret, 'utf8'), 'mine');
        assert.equal((await fs.readdir(temp.path)).includes('not-there'), false);
      }
    } finally {
      await temp.remove();
    }
  });
});
