import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import fc from 'fast-check';
import { openFolder } from '../../src/core/store/folder';
import { systemClock } from '../../src/core/support/clock';
import { badJson } from '../support/properties/badText';
import { waitFor } from '../support/waitFor';
import { fault } from './fault';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

describe(`what a running program finds (seed ${seed})`, () => {
  fault('every state file is spoilt between two runners', { tries: 10, short: 2 }, async (trial, n) => {
    const courier = await trial.courier();
    const first = await courier.runner();
    const done = [];
    for (const session_id of ['main', 'other'])
      done.push(await trial.completes(courier, await trial.send(courier, 'First.', { session_id })));
    const { folder_id } = await openFolder(courier.layout, courier.user, systemClock);
    const folder = courier.user.folder(folder_id);
    const main = courier.layout.session('main');
    const files = [main.metadata, main.queue, main.health, folder.tmuxSessions, folder.tmuxServer];
    // The list of tmux sessions comes with the runner's next look at the server.
    await waitFor(() => files.every((file) => existsSync(file)), { what: 'every state file' });
    await first.stop();
    const spoilt = new Map<string, Buffer>();
    for (const [i, file] of files.entries()) {
      const [bytes] = fc.sample(badJson(JSON.parse(await fs.readFile(file, 'utf8'))), {
        numRuns: 1,
        seed: seed + 100 * n + i,
      });
      await fs.writeFile(file, bytes!);
      spoilt.set(file, bytes!);
    }
    await courier.runner();
    await trial.next(courier, { session_id: 'other' });
    for (const job of done)
      if ((await courier.job(job.job_id))?.status !== 'completed')
        trial.note('lost', `${job.job_id} of ${job.session_id}`);
    for (const line of courier.logged.filter((one) => one.includes('set aside as'))) {
      const aside = /set aside as (\S+?)[.;](\s|$)/.exec(line)?.[1];
      const bytes = aside && (await fs.readFile(aside).catch(() => undefined));
      const was = [...spoilt].find(([file]) => aside?.startsWith(`${file}.`))?.[1];
      if (!bytes || (was && !bytes.equals(was))) trial.note('lost', line);
    }
  });

  fault('10,000 requests that mean nothing', { tries: 1 }, async (trial) => {
    const courier = await trial.courier();
    const host = await courier.runner();
    await trial.next(courier);
    await host.stop();
    const many = 10_000;
    for (let at = 0; at < many; at += 500)
      await Promise.all(
        Array.from({ length: 500 }, (_, i) => fs.writeFile(path.join(courier.layout.inbox, `bad-${at + i}.json`), '{')),
      );
    await courier.runner();
    await trial.completes(courier, await trial.send(courier, 'A good one.'), 180_000);
    const names = await fs.readdir(courier.layout.rejected);
    assert.equal(names.filter((name) => name.endsWith('.error.json')).length, many);
  });
});
