import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { fault, isShort } from './fault';

/** A prompt that makes the agent write its answer in a bad way. */
const badly = (way: string) => `Something to do.\n\nfault: ${way}\n`;

describe('what an agent does to its output', () => {
  fault('agent writes its output by renaming', { tries: 3 }, async (trial) => {
    const courier = await trial.courier();
    await courier.runner();
    const job = await trial.completes(courier, await trial.send(courier, badly('renamed')));
    await trial.answersItself(courier, job);
  });

  fault('agent renames its output away', { tries: 3 }, async (trial) => {
    const courier = await trial.courier();
    await courier.runner();
    const id = await trial.send(courier, badly('renamed-away'));
    const job = await trial.fails(courier, id, 'failed no_output', /left no answer file/);
    assert.ok(job.reminded_at);
    const moved = `${path.join(courier.workspace, job.output_path)}.moved`;
    if (!(await fs.readFile(moved, 'utf8').catch(() => ''))) trial.note('lost', 'what the agent wrote');
    await trial.next(courier);
  });

  for (const way of ['symlink', 'hard-link'] as const) {
    const name = way === 'symlink' ? 'symbolic' : 'hard';
    fault(`agent makes its output a ${name} link to another file`, { tries: 3 }, async (trial) => {
      const courier = await trial.courier();
      const secret = path.join(courier.root, 'secret');
      await fs.writeFile(secret, 'mine', { mode: 0o600 });
      await courier.runner();
      const id = await trial.send(courier, badly(`${way}=${secret}`));
      await trial.fails(courier, id, 'failed refused', /The output was not taken: .*output.*(no regular file|older)/);
      assert.equal(await fs.readFile(secret, 'utf8'), 'mine');
      await trial.next(courier);
    });
  }

  fault('agent makes its output a hard link to the answer beside it', { tries: 3 }, async (trial) => {
    const courier = await trial.courier();
    await courier.runner();
    const job = await trial.completes(courier, await trial.send(courier, badly('hard-link')));
    await trial.answersItself(courier, job);
  });

  for (const way of ['folder', 'pipe'])
    fault(`agent makes its output a ${way}`, { tries: 3 }, async (trial) => {
      const courier = await trial.courier();
      await courier.runner();
      const id = await trial.send(courier, badly(way));
      await trial.fails(courier, id, 'failed refused', /The output was not taken: .* is no regular file/);
      await trial.next(courier);
    });

  fault("a job's output folder replaced by a symbolic link", { tries: 3 }, async (trial) => {
    const courier = await trial.courier();
    await courier.runner();
    const id = await trial.send(courier, 'Into a folder that leads elsewhere.\n\ndemo-mode: slow=1500\n');
    const job = await courier.jobWhere(id, 'works', ({ phase }) => phase === 'working');
    const folder = path.dirname(path.join(courier.workspace, job.output_path));
    const elsewhere = path.join(courier.root, 'elsewhere');
    await fs.rename(folder, elsewhere);
    await fs.symlink(elsewhere, folder);
    await trial.fails(courier, id, 'failed refused', /behind a symbolic link/);
    const next = await courier.client.reply(await courier.send('Not there either.'), 30_000);
    assert.match(next?.error ?? '', /symbolic link/);
    await fs.rm(folder);
    await fs.rename(elsewhere, folder);
    await trial.next(courier);
  });

  fault('output of 200 MB', { tries: 3 }, async (trial) => {
    const courier = await trial.courier();
    await courier.runner();
    const before = process.memoryUsage.rss();
    const job = await trial.completes(courier, await trial.send(courier, badly('megabytes=200')), 60_000);
    const { size } = await fs.stat(path.join(courier.workspace, job.output_path));
    assert.equal(size, 200 * 2 ** 20);
    const more = (process.memoryUsage.rss() - before) / 2 ** 20;
    assert.ok(more < 100, `${more} MB more`);
    await trial.next(courier);
  });

  const bytes: Record<string, Buffer> = {
    binary: Buffer.from(Array.from({ length: 65536 }, (_, n) => (n * 31) & 255)),
    latin1: Buffer.from('Grüße, déjà vu\r\n', 'latin1'),
  };
  for (const way of ['binary', 'latin1', 'utf16'])
    fault(
      `output ${way === 'binary' ? 'of bytes that are no text' : `in another encoding (${way})`}`,
      { tries: 3 },
      async (trial) => {
        const courier = await trial.courier();
        await courier.runner();
        const job = await trial.completes(courier, await trial.send(courier, badly(way)));
        const found = await fs.readFile(path.join(courier.workspace, job.output_path));
        if (bytes[way]) assert.ok(found.equals(bytes[way]), 'the bytes are as they were written');
        else assert.match(found.toString('utf16le'), new RegExp(`^\ufeff# Demo answer to job ${job.job_id}`));
        await trial.next(courier);
      },
    );

  fault('agent prints 100 MB', { tries: 2 }, async (trial) => {
    const courier = await trial.courier();
    await courier.runner();
    const before = process.memoryUsage.rss();
    const job = await trial.completes(
      courier,
      await trial.send(courier, badly(`prints=${isShort ? 20 : 100}`)),
      120_000,
    );
    await trial.answersItself(courier, job);
    const more = (process.memoryUsage.rss() - before) / 2 ** 20;
    assert.ok(more < 100, `${more} MB more`);
    await trial.next(courier);
  });

  fault('two agents write one file', { tries: 3 }, async (trial) => {
    const courier = await trial.courier();
    await courier.runner();
    const slow = await trial.send(courier, 'Mine.\n\ndemo-mode: two-step=6000\n', { session_id: 'slow' });
    const { output_path } = await courier.jobWhere(slow, 'works', ({ phase }) => phase === 'working');
    const other = await trial.send(courier, badly(`also=${output_path}`), { session_id: 'other' });
    await trial.answersItself(courier, await trial.completes(courier, other));
    const job = await trial.completes(courier, slow);
    const text = await courier.output(job);
    // What its own agent wrote last stands there; a file has no more than that to say who wrote it.
    if (!text.endsWith('None.\n')) trial.note('lost', `the end of the answer: ${text}`);
    await trial.next(courier, { session_id: 'slow' });
  });

  fault('writer that pauses in the middle of its answer (21)', { tries: 5 }, async (trial) => {
    const courier = await trial.courier();
    await courier.runner();
    const job = await trial.completes(courier, await trial.send(courier, 'demo-mode: two-step=2000\n'));
    await trial.answersItself(courier, job);
  });

  fault('writer that pauses, of an agent without receipts (21)', { tries: 3 }, async (trial) => {
    const args = [path.resolve('test/fixtures/customAgent.mjs'), '900'];
    const mine = { command: process.execPath, args, ready_pattern: '^> $', quiet_time_s: 0.6 };
    const courier = await trial.courier({ default_agent: 'mine', agents: { mine } });
    await courier.runner();
    const job = await trial.completes(courier, await courier.send('A prompt.'));
    assert.match(await courier.output(job), /characters, receipts/);
  });

  fault("answer in its prompt's own step of the clock (20)", { tries: 5 }, async (trial) => {
    const courier = await trial.courier();
    await courier.runner();
    for (let n = 0; n < 5; n++) await trial.next(courier);
  });

  fault('output of before its prompt (20)', { tries: 3 }, async (trial) => {
    const courier = await trial.courier();
    await courier.runner();
    const old = path.join(courier.root, 'old');
    await fs.writeFile(old, 'An answer of yesterday.');
    const yesterday = Date.now() / 1000 - 86_400;
    await fs.utimes(old, yesterday, yesterday);
    const id = await trial.send(courier, badly(`hard-link=${old}`));
    await trial.fails(courier, id, 'failed refused', /is older than its prompt/);
    await trial.next(courier);
  });
});
