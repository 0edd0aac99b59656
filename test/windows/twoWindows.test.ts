import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Job } from '../../src/core/model/job';
import { readHistory } from '../../src/core/store/history';
import { Layout } from '../../src/core/store/layout';
import { courier, file, Person, sessions, workspace } from '../host/uiSupport';
import { waitFor } from '../support/waitFor';

const name = process.env.COURIER_WINDOW!;
const meeting = process.env.COURIER_MEETING!;
const each = 50;
const batch = 5;
const sessionNames = ['main', 'demo'];

describe(`window ${name} of two on one folder`, function () {
  this.timeout(240_000);
  this.bail(true);
  let person: Person;
  before(() => {
    person = new Person();
  });
  after(() => person.leave());

  it('sees both sessions, whichever window made them', async () => {
    await courier();
    if (name === 'a') {
      for (const id of sessionNames) {
        await vscode.commands.executeCommand('courier.tryDemo');
        await waitFor(async () => (await sessions()).some(({ metadata }) => metadata.session_id === id), { what: id });
      }
    }
    const ready = async () =>
      (await sessions()).length === 2 && (await sessions()).every(({ metadata }) => metadata.state === 'ready');
    await waitFor(ready, { timeout: 60_000, what: 'two sessions that are ready' });
  });

  it('has one runner, the same one as the other window', async () => {
    const runnerOf = async () => (await courier()).folders()[0]?.snapshot?.runner;
    const runner = await waitFor(runnerOf, { what: 'a runner' });
    assert.deepEqual(await meet('runner', runner), runner);
    assert.equal(runner.kind, 'window');
  });

  it(`sends ${each} jobs at the same time as the other window: each of all is sent exactly once and completed`, async () => {
    await meet('begin', '');
    for (let at = 0; at < each; at += batch) {
      const uris: vscode.Uri[] = [];
      for (let i = at; i < at + batch; i++)
        uris.push(await file(`sent/${name}-${i}.md`, `Prompt ${i} of window ${name}.\n`));
      const session = sessionNames[(at / batch) % 2]!;
      person.answer('showQuickPick', (items: readonly vscode.QuickPickItem[]) =>
        items.find((row) => row.label === session || row.label === 'One job for each file'),
      );
      await vscode.commands.executeCommand('courier.send', uris[0], uris);
    }
    const jobs = await waitFor(async () => ofAll(await ended()), {
      timeout: 120_000,
      what: async () => `the end of all jobs; ${(await ended()).length} have ended`,
    });
    assert.deepEqual(
      jobs
        .filter((job) => job.status !== 'completed' || job.attempts !== 1)
        .map(({ job_id, message }) => ({ job_id, message })),
      [],
    );
    const prompts = jobs.map((job) => job.source?.path).sort();
    assert.equal(new Set(prompts).size, 2 * each, 'each prompt is one job');
    const typed = await screens();
    for (const job of jobs)
      assert.equal(typed.split(`Job ${job.job_id}:`).length - 1, 1, `${job.job_id} was typed once`);
    await meet('end', '');
  });
});

const ofAll = (jobs: Job[]) => (jobs.length >= 2 * each ? jobs : undefined);

/** Every job that has ended, of both windows. */
async function ended(): Promise<Job[]> {
  const layout = new Layout(await workspace());
  return (await Promise.all(sessionNames.map((id) => readHistory(layout.session(id), 1000)))).flat();
}

/** All that the agents' panes showed since they began, with what wrapped joined again. */
async function screens(): Promise<string> {
  const run = path.join(process.env.XDG_RUNTIME_DIR!);
  const entries = await fs.readdir(run, { recursive: true, withFileTypes: true });
  const socket = entries.find((entry) => entry.isSocket() && entry.parentPath.includes('tmux-courier'))!;
  const capture = (id: string) => ['capture-pane', '-p', '-J', '-S', '-', '-t', `=courier_${id}:`];
  const texts = sessionNames.map((id) =>
    execFileSync('tmux', ['-u', '-S', path.join(socket.parentPath, socket.name), ...capture(id)], { encoding: 'utf8' }),
  );
  return texts.join('\n').replaceAll('\n', '');
}

/** Waits for the other window at a place in both tests, and gives what it has to say. */
async function meet<T>(place: string, own: T): Promise<T> {
  const at = (window: string) => path.join(meeting, `${place}-${window}`);
  await fs.writeFile(`${at(name)}.draft`, JSON.stringify(own));
  await fs.rename(`${at(name)}.draft`, at(name));
  const other = at(name === 'a' ? 'b' : 'a');
  const text = await waitFor(() => fs.readFile(other, 'utf8').catch(() => undefined), {
    timeout: 120_000,
    what: `the other window at "${place}"`,
  });
  return JSON.parse(text) as T;
}
