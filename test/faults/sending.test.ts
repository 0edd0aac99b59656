import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { TestCourier } from '../support/testCourier';
import { fault } from './fault';
import type { Trial } from './trial';

const slowly = (ms: number) => `Something to do.\n\ndemo-mode: slow=${ms}\n`;

async function warm(trial: Trial, args: string[] = []): Promise<TestCourier> {
  const demo = { type: 'demo' as const, args };
  const courier = await trial.courier({ agents: { demo } });
  await courier.runner();
  return courier;
}

const panePid = async (courier: TestCourier) =>
  Number((await courier.tmux('list-panes', '-t', '=courier_main:', '-F', '#{pane_pid}')).trim());

/** Types into the pane as a person does. */
const keys = (courier: TestCourier, ...names: string[]) => courier.tmux('send-keys', '-t', '=courier_main:', ...names);

const waits = (courier: TestCourier, id: string, kind: string) =>
  courier.jobWhere(id, `waits (${kind})`, ({ waiting }) => waiting?.kind === kind);

describe('what is typed', () => {
  fault('busy agent swallows the first Enter (1)', { tries: 5 }, async (trial) => {
    const courier = await warm(trial, ['--mode', 'swallow-enter']);
    await trial.next(courier);
    await trial.next(courier);
  });

  fault('agent takes no Enter at all (1)', { tries: 2 }, async (trial) => {
    const courier = await warm(trial, ['--mode', 'ignore-enter']);
    const id = await trial.send(courier, 'Never taken.');
    const { waiting, attempts } = await waits(courier, id, 'not_accepted');
    assert.match(waiting!.text, /was typed, and Demo has not taken it. It is not typed again/);
    assert.equal(attempts, 1);
    assert.ok((await courier.client.request({ action: 'cancel', job_id: id }))?.ok);
    assert.equal((await courier.ended(id)).status, 'cancelled');
    assert.equal(trial.taken(courier, id), 0);
  });

  fault('agent stands still while its line is typed (1)', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    await trial.next(courier);
    const stands = path.join(courier.root, 'taken.stands');
    await fs.writeFile(stands, '');
    trial.atEnd(() => fs.rm(stands, { force: true }));
    process.kill(await panePid(courier), 'SIGUSR2');
    const id = await trial.send(courier, 'To one that stands still.');
    await waits(courier, id, 'not_accepted');
    await fs.rm(stands);
    await trial.answersItself(courier, await trial.completes(courier, id));
    await trial.next(courier);
  });

  fault('newlines, control characters and ends of a paste in a prompt (2)', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const prompt = 'one\r\ntwo\u001b[201~three\u0003\u0004\u0000four\n/exit\n; rm -rf x\n-n\n';
    await trial.answersItself(courier, await trial.completes(courier, await trial.send(courier, prompt)));
    const lines = (await courier.screen()).match(/^you: /gm) ?? [];
    assert.equal(lines.length, 1, 'one line was submitted');
    await trial.next(courier);
  });

  fault('newlines and paths in the ids of a request (2, 23)', { tries: 2 }, async (trial) => {
    const courier = await warm(trial);
    await trial.next(courier);
    const bad: Record<string, unknown>[] = [
      { session_id: 'a\nb' },
      { session_id: '../../x' },
      { type: 'x/../../../y' },
      { type: 'a\u001b[201~' },
      { prompt: undefined, prompt_file: '../../../etc/passwd' },
      { agent: '../demo' },
    ];
    for (const [n, fields] of bad.entries()) {
      const request = { version: '1.0', id: `bad-${n}`, action: 'enqueue', session_id: 'main', prompt: 'x' };
      const file = path.join(courier.layout.inbox, `bad-${n}.json`);
      await fs.writeFile(`${file}.part`, JSON.stringify({ ...request, requested_by: 'test', ...fields }));
      await fs.rename(`${file}.part`, file);
      const reply = await courier.client.reply(`bad-${n}`, 30_000);
      if (reply?.ok !== false || !reply.error)
        trial.note('wrong', `${JSON.stringify(fields)}: ${JSON.stringify(reply)}`);
    }
    assert.deepEqual((await fs.readdir(courier.layout.active)).sort(), ['main']);
    assert.deepEqual((await fs.readdir(courier.workspace)).sort(), ['.courier']);
    await trial.next(courier);
  });

  fault('prompt of 1 MB (4)', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const prompt = 'A line of a long prompt, 64 characters with its end and so on.\n'.repeat(16_400);
    await trial.answersItself(courier, await trial.completes(courier, await trial.send(courier, prompt)));
    await trial.next(courier);
  });

  fault('pane in copy mode, or with its input off (5)', { tries: 4, short: 2 }, async (trial, n) => {
    const courier = await warm(trial);
    await trial.next(courier);
    const [on, off] = n % 2 ? (['copy-mode'] as const) : (['select-pane', '-d'] as const);
    await courier.tmux(on, ...(off ? [off] : []), '-t', '=courier_main:');
    const id = await trial.send(courier, 'Not while somebody looks.');
    const { waiting } = await waits(courier, id, n % 2 ? 'copy_mode' : 'unknown');
    assert.match(waiting!.text, n % 2 ? /copy mode.*press q/ : /input of the pane is switched off/);
    assert.equal(trial.taken(courier, id), 0);
    if (n % 2) await courier.tmux('send-keys', '-t', '=courier_main:', '-X', 'cancel');
    else await courier.tmux('select-pane', '-e', '-t', '=courier_main:');
    await trial.answersItself(courier, await trial.completes(courier, id));
    await trial.next(courier);
  });

  fault('pane dies just before its line is typed (5, 6, 13)', { tries: 8, short: 2 }, async (trial, n) => {
    const courier = await warm(trial);
    await trial.next(courier);
    const server = await courier.tmux('display-message', '-p', '#{pid}');
    const pid = await panePid(courier);
    // Longer than it takes to end its agent: of one that had ended by then the next job would be told.
    const id = await trial.send(courier, slowly(2000));
    if (n % 2) await courier.jobWhere(id, 'is on its way', ({ status }) => status !== 'pending');
    process.kill(pid, 'SIGKILL');
    const job = await courier.ended(id);
    if (job.status !== 'completed') {
      assert.deepEqual([job.status, job.reason], ['failed', 'agent_exited'], job.message);
      assert.match(job.message ?? '', /Demo ended .*(signal|kill)/i);
    }
    await trial.next(courier);
    assert.equal(await courier.tmux('display-message', '-p', '#{pid}'), server, 'the same server');
  });

  fault('agent that exits leaves no shell to run the line (13)', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const id = await trial.send(courier, 'Crash.\n\ndemo-mode: crash=3\n');
    await trial.fails(courier, id, 'failed agent_exited', /status 3.*crashed in the middle of the turn/s);
    await keys(courier, '-l', `touch ${path.join(courier.root, 'pwned')}`).catch(() => undefined);
    await keys(courier, 'Enter').catch(() => undefined);
    await trial.next(courier);
    assert.ok(!(await fs.readdir(courier.root)).includes('pwned'));
  });

  fault('agent exits at once: its last words (12)', { tries: 10, short: 3 }, async (trial) => {
    const courier = await warm(trial, ['--mode', 'exit-at-once=7']);
    await trial.fails(
      courier,
      await trial.send(courier, 'x'),
      'failed start_failed',
      /status 7; its last words: demo: cannot start/,
    );
  });

  fault('person types in the pane (25)', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    await trial.next(courier);
    await keys(courier, '-l', 'my own words');
    const id = await trial.send(courier, 'Not into the words of a person.');
    const { waiting } = await waits(courier, id, 'input_not_empty');
    assert.match(waiting!.text, /my own words/);
    await keys(courier, 'C-u');
    await trial.answersItself(courier, await trial.completes(courier, id));
    await trial.next(courier);
  });

  const menu = { tries: 3, simulated: "a dialog of the Demo agent's own" };
  fault('usage-limit menu: nothing is pressed (26)', menu, async (trial) => {
    const courier = await warm(trial);
    const id = await trial.send(courier, 'Ask first.\n\ndemo-mode: permission\n');
    const { waiting } = await waits(courier, id, 'permission');
    const behind = await trial.send(courier, 'Behind it.');
    const before = await courier.screen();
    await courier.jobWhere(behind, 'is pending', ({ status }) => status === 'pending');
    assert.equal(await courier.screen(), before, 'nothing was typed into the dialog');
    const yes = waiting!.choices[0]!.id;
    assert.ok((await courier.client.answer({ target: 'main', dialog_id: waiting!.dialog_id, choice: yes }))?.ok);
    await trial.completes(courier, id);
    await trial.answersItself(courier, await trial.completes(courier, behind));
  });

  fault('Esc in the terminal (27)', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const id = await trial.send(courier, slowly(60_000));
    await courier.jobWhere(id, 'works', ({ phase }) => phase === 'working');
    await keys(courier, 'Escape');
    await trial.fails(courier, id, 'failed agent_interrupted', /was interrupted in the terminal/);
    await trial.next(courier);
  });
});
