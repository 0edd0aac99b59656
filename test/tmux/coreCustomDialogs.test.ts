import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Waiting } from '../../src/core/model/waiting';
import { TestCourier } from '../support/testCourier';

const fixture = (name: string) => path.resolve('test/fixtures', name);

describe('a custom agent whose settings name its dialogs, keys and ends', function () {
  this.timeout(120_000);
  let courier: TestCourier;
  const create = async (mine: { [key: string]: unknown }, accept_timeout_s = 10) => {
    courier = await TestCourier.create({
      settings: { version: '1.0', default_agent: 'mine', scan_interval_s: 0.5, accept_timeout_s, agents: { mine } },
    });
    await courier.runner();
  };
  afterEach(() => courier.stop());

  it('shows a pager as waiting with the choices that are named, and goes on by them', async () => {
    await create({
      command: '/bin/sh',
      args: [fixture('pagerAgent.sh')],
      ready_pattern: '^mine> ?$',
      done_pattern: '^finished$',
      submit_keys: ['Enter', 'Enter'],
      dialogs: [
        {
          pattern: '^--More--.*',
          text: 'There is more.',
          choices: [
            { id: 'go-on', label: 'Continue', keys: ['Space'] },
            { id: 'quit', label: 'Quit', keys: ['q'] },
          ],
        },
      ],
    });
    const id = await courier.send('a prompt');
    const answers = async (waiting: Waiting, ...choices: string[]) =>
      (
        await Promise.all(
          choices.map((choice) => courier.client.answer({ target: 'main', dialog_id: waiting.dialog_id, choice })),
        )
      ).map((reply) => reply?.ok);
    const shown = (before?: Waiting) =>
      courier.jobWhere(id, 'waits', ({ waiting: now }) => now !== undefined && now.dialog_id !== before?.dialog_id);
    const first = (await shown()).waiting!;
    assert.equal(first.text, 'There is more.');
    assert.deepEqual(
      first.choices.map((choice) => choice.id),
      ['go-on', 'quit'],
    );
    assert.deepEqual(await answers(first, 'Enter'), [false]);
    // A click that is made twice turns one page.
    assert.deepEqual((await answers(first, 'go-on', 'go-on')).sort(), [false, true]);
    const second = (await shown(first)).waiting!;
    assert.deepEqual([second.text, second.choices], [first.text, first.choices]);
    const rows = (await courier.screen()).split('\n').filter((row) => /^\d+$/.test(row));
    assert.deepEqual(await answers(first, 'quit'), [false], 'the page that it was given for is gone');
    assert.ok(Number(rows.at(-1)) < 2 * rows.length + 3, `the second page, and no third: ${rows.at(-1)}`);
    assert.deepEqual(await answers(second, 'quit'), [true]);
    const job = await courier.ended(id);
    assert.equal(job.status, 'completed', job.message);
    assert.match(await courier.output(job), /^\d+\n$/);
  });

  it('names the keys that are pressed again for a line that was not taken', async () => {
    // It shows nothing of what is typed.
    const program = "stty -echo -icanon; printf 'mine> '; exec cat >/dev/null";
    const keys = { ready_pattern: '^mine> ?$', submit_keys: ['M-x', 'Enter'] };
    await create({ command: '/bin/sh', args: ['-c', program], ...keys }, 1);
    const id = await courier.send('a prompt');
    const { waiting } = await courier.jobWhere(id, 'waits', (job) => job.waiting !== undefined);
    assert.equal(waiting!.kind, 'not_accepted');
    assert.deepEqual(waiting!.choices, [{ id: 'enter', label: 'Press Alt+X Enter again' }]);
  });

  const raw: Record<string, { [key: string]: unknown; nothing: string }> = {
    "Node's own REPL": {
      command: process.execPath,
      ready_pattern: '^> ?$',
      instruction: 'void fs.writeFileSync("{output}", String(fs.readFileSync("{prompt}").length) + "\\n")',
      nothing: 'void "{prompt}{output}"',
    },
    'a plain shell': {
      ...{ command: '/bin/sh', args: ['-i'], env: { PS1: 'sh% ', ENV: '' }, ready_pattern: '^sh% ?$' },
      instruction: 'wc -c < {prompt} > {output}',
      nothing: 'true "{prompt}{output}"',
    },
  };
  for (const [name, { nothing, ...settings }] of Object.entries(raw))
    it(`has ${name} do a job by a line of its own, which is typed once also when nothing comes of it`, async () => {
      await create({ ...settings, quiet_time_s: 0.5 });
      const job = await courier.ended(await courier.send('a prompt'));
      assert.deepEqual([job.status, job.inferred], ['completed', true], job.message);
      assert.match(await courier.output(job), /^\s*\d+\n$/);
      await courier.stop();
      await create({ ...settings, instruction: nothing, quiet_time_s: 0.5 });
      const failed = await courier.ended(await courier.send('a prompt'));
      assert.deepEqual([failed.status, failed.reason, failed.reminded_at], ['failed', 'no_output', undefined]);
      assert.equal((await courier.screen()).split(nothing.slice(0, 6)).length - 1, 1);
    });

  it('ends the turn of a REPL by what it shows below the line, however long it was quiet before', async () => {
    await create({
      command: process.execPath,
      args: [fixture('replAgent.mjs')],
      ready_pattern: 'job>',
      // The typed line holds this word, too, and so does the turn before.
      done_pattern: 'done',
      quiet_time_s: 0.4,
    });
    for (const prompt of ['a prompt', 'another prompt']) {
      const job = await courier.ended(await courier.send(prompt));
      assert.equal(job.status, 'completed', job.message);
      assert.match(await courier.output(job), /^\d+ characters\n$/);
    }
  });

  it('goes on with its conversation by the arguments that are named', async () => {
    await create({
      command: process.execPath,
      args: [fixture('replAgent.mjs')],
      ready_pattern: 'job>',
      done_pattern: '^done$',
      resume_args: ['--go-on', 'last one'],
    });
    const completes = async () => {
      const job = await courier.ended(await courier.send('a prompt'));
      assert.equal(job.status, 'completed', job.message);
    };
    const program = async () => {
      const pid = (await courier.tmux('list-panes', '-t', '=courier_main:', '-F', '#{pane_pid}')).trim();
      const [words, env] = await Promise.all(
        ['cmdline', 'environ'].map((name) => fs.readFile(`/proc/${pid}/${name}`, 'utf8')),
      );
      return { words: words!, id: /COURIER_CONVERSATION=([^\0]*)/.exec(env!)?.[1] };
    };
    await completes();
    const before = await program();
    assert.doesNotMatch(before.words, /--go-on/);
    await courier.sessionWhere('has its conversation', (session) => session.conversation_id === before.id);
    const reply = await courier.client.request({
      action: 'recover_session',
      session_id: 'main',
      recovery: 'restart_claude',
    });
    assert.equal(reply?.ok, true, reply?.error);
    await completes();
    const after = await program();
    assert.ok(after.words.includes('--go-on\0last one\0'), after.words);
    assert.equal(after.id, before.id);
  });
});
