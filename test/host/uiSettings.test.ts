import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as vscode from 'vscode';
import { UserState } from '../../src/core/store/userState';
import { waitFor } from '../support/waitFor';
import { closeEditors, courier, demoSession, finishedJobs, Person, promptOf, sessions, untitled } from './uiSupport';

const { Global, Workspace } = vscode.ConfigurationTarget;
const settings = () => vscode.workspace.getConfiguration('courier');
const written = async () => JSON.parse(await fs.readFile(UserState.fromEnvironment().config, 'utf8'));

describe('the settings', () => {
  let person: Person;

  beforeEach(async () => {
    person = new Person();
    await courier();
  });

  afterEach(async () => {
    person.leave();
    for (const name of ['maxConcurrentJobs', 'jobTimeout', 'agents']) {
      await settings().update(name, undefined, Global);
      if (settings().inspect(name)?.workspaceValue !== undefined) await settings().update(name, undefined, Workspace);
    }
    await closeEditors();
  });

  it("are written for the command line: the user's values, never a workspace's", async () => {
    await settings().update('jobTimeout', 7, Workspace);
    await settings().update('maxConcurrentJobs', 3, Global);
    await waitFor(async () => (await written()).max_concurrent_jobs === 3, { what: 'the new value' });
    assert.equal((await written()).job_timeout_s, 300);
  });

  it('of an agent come from the user alone', async () => {
    const agents = { other: { command: '/bin/false' } };
    await Promise.resolve(settings().update('agents', agents, Workspace)).catch(() => undefined);
    await settings().update('maxConcurrentJobs', 2, Global);
    await waitFor(async () => (await written()).max_concurrent_jobs === 2, { what: 'the new value' });
    assert.deepEqual((await written()).agents, {});
    await settings().update('agents', { mine: { type: 'custom', command: 'cat' } }, Global);
    const mine = await waitFor(async () => (await written()).agents.mine, { what: 'the agent' });
    assert.equal(mine.command, 'cat');
  });

  it('of one agent that can not be used refuse that one, say why, and leave the others', async () => {
    const mine = { type: 'custom', command: 'cat', ready_pattern: '>' };
    await settings().update('agents', { mine, long: { ...mine, ready_pattern: '>'.repeat(501) } }, Global);
    const agents = await waitFor(async () => (await written()).agents.long && (await written()).agents, {
      what: 'both agents',
    });
    const why = 'ready_pattern is longer than 500 characters';
    assert.deepEqual([agents.mine.command, agents.mine.refused, agents.long.refused], ['cat', undefined, why]);
    const told = () => person.of('showWarningMessage').map(({ args }) => String(args[0]));
    await waitFor(() => told().some((message) => message.includes(`"long" can't be used: ${why}`)), {
      what: 'the reason',
    });
    await settings().update('maxConcurrentJobs', 2, Global);
    await waitFor(async () => (await written()).max_concurrent_jobs === 2, { what: 'the new value' });
    assert.equal(told().length, 1, 'once');
  });

  it('take effect at once, and sessions stay', async () => {
    await demoSession();
    const before = (await sessions()).map((session) => session.metadata.session_id);
    await settings().update('maxConcurrentJobs', 1, Global);
    await waitFor(async () => (await written()).max_concurrent_jobs === 1, { what: 'the new value' });
    await waitFor(async () => (await sessions()).length === before.length, { what: 'the sessions, read again' });
    await untitled('after the change\n');
    person.choose((await sessions())[0]?.metadata.name ?? '');
    const [job] = await finishedJobs(1, () => vscode.commands.executeCommand('courier.send'));
    assert.equal(job?.status, 'completed', job?.message);
    assert.equal(await promptOf(job), 'after the change\n');
  });
});
