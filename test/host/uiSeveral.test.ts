import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { CourierClient, type PlainRequest } from '../../src/core/client';
import type { Job } from '../../src/core/model/job';
import { Layout } from '../../src/core/store/layout';
import { defaultSettings } from '../../src/core/store/settings';
import { UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { agentChoices } from '../../src/ui/agentChoices';
import { groupOf } from '../../src/ui/jobGroups';
import { waitFor } from '../support/waitFor';
import {
  closeEditors,
  deleteSessions,
  edit,
  file,
  finishedJobs,
  isOpen,
  jobs,
  madeJobs,
  Person,
  promptOf,
  sessions,
  workspace,
} from './uiSupport';

const send = () => vscode.commands.executeCommand('courier.sendToSeveral');
type Row = vscode.QuickPickItem & { session?: unknown; agent?: { id: string } };

describe('Send to Several Sessions', () => {
  let person: Person;

  before(async () => {
    person = new Person();
    await deleteSessions(person);
    for (const count of [1, 2]) {
      await vscode.commands.executeCommand('courier.tryDemo');
      await waitFor(async () => (await sessions()).length === count, { what: `${count} sessions` });
    }
    person.leave();
  });
  beforeEach(() => {
    person = new Person();
  });
  afterEach(async () => {
    person.leave();
    await closeEditors();
  });
  after(async () => {
    person = new Person();
    await deleteSessions(person);
    person.leave();
  });

  const chooseAll = (also: (row: Row) => boolean = () => false) =>
    person.answer('showQuickPick', (rows: readonly Row[]) => rows.filter((row) => row.session || also(row)));
  const told = () => person.of('showInformationMessage').map(({ args }) => args.map(String));
  /** A group as the tree's row hands it to a command, with the files' own way to the runner. */
  const node = async ([first]: Job[]) => {
    const client = new CourierClient(new Layout(await workspace()), UserState.fromEnvironment(), systemClock);
    const folder = {
      sessions: await sessions(),
      request: (request: PlainRequest) => client.request({ ...request, requested_by: 'test' }),
    };
    return { kind: 'group', folder, open: true, group: groupOf(folder, first?.group_id ?? '') };
  };

  it('sends one prompt to each as a job of one group, tells once, and opens no answer by itself', async () => {
    await edit(await file('several.md', 'the same words\n'));
    chooseAll();
    const made = await finishedJobs(2, send);
    assert.deepEqual(new Set(made.map((job) => job.session_id)).size, 2);
    assert.deepEqual(new Set(made.map((job) => job.group_id)).size, 1);
    assert.ok(made[0]?.group_id);
    assert.notEqual(made[0]?.prompt_path, made[1]?.prompt_path);
    for (const job of made) assert.equal(await promptOf(job), 'the same words\n');
    await waitFor(() => told().length > 0, { what: 'the message' });
    assert.deepEqual(told(), [['several.md:1-2: 2 of 2 sessions have answered.', 'Compare Answers']]);
    assert.ok(!made.some(isOpen));
  });

  it('has those of the last time marked, and offers a new session with each agent', async () => {
    await edit(await file('again.md', 'never sent\n'));
    person.answer('showQuickPick', () => undefined);
    const before = (await jobs()).length;
    await send();
    const rows = person.of('showQuickPick')[0]?.args[0] as Row[];
    assert.equal(rows.filter((row) => row.picked).length, 2);
    const offered = rows.flatMap((row) => (row.agent ? row.label : []));
    const agents = agentChoices(defaultSettings()).map(({ title }) => `New session with ${title}`);
    assert.deepEqual(new Set(offered), new Set(agents));
    assert.equal((await jobs()).length, before);
  });

  it('shows the two answers in the diff editor', async () => {
    await edit(await file('compared.md', 'compare these\n'));
    chooseAll();
    person.answer('showInformationMessage', (_, button: string) => button);
    const made = await finishedJobs(2, send);
    const diff = () => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputTextDiff ? [input.original.path, input.modified.path] : undefined;
    };
    const shown = await waitFor(diff, { what: 'the diff editor' });
    for (const job of made) assert.ok(shown.some((file) => file.endsWith(job.output_path)));
  });

  it('marks the answer that a person picks', async () => {
    await edit(await file('picked.md', 'which is better\n'));
    chooseAll();
    const made = await finishedJobs(2, send);
    const group = await node(made);
    const chosen = group.group?.answers[1];
    assert.ok(chosen);
    await vscode.commands.executeCommand('courier.pickAnswer', { ...group, kind: 'job', inGroup: true, ...chosen });
    const picked = async () => groupOf({ sessions: await sessions() } as never, group.group!.id)?.picked?.job.job_id;
    await waitFor(async () => (await picked()) === chosen.job.job_id, { what: 'the picked answer' });
  });

  it('makes the sessions that are new', async () => {
    await edit(await file('new.md', 'also to a new one\n'));
    chooseAll((row) => row.agent?.id === 'demo');
    const made = await finishedJobs(3, send);
    assert.equal(new Set(made.map((job) => job.session_id)).size, 3);
    assert.equal((await sessions()).length, 3);
    for (const job of made) assert.equal(job.status, 'completed', job.message);
  });

  it('cancels what still works', async () => {
    await edit(await file('slow.md', 'wait\n\ndemo-mode: slow=600000\n'));
    chooseAll();
    const made = await madeJobs(3, send);
    const ids = made.map((job) => job.job_id);
    await vscode.commands.executeCommand('courier.cancelGroup', await node(made));
    const cancelled = async () =>
      (await jobs()).filter((job) => ids.includes(job.job_id) && job.status === 'cancelled').length === 3;
    await waitFor(cancelled, { what: 'three cancelled jobs' });
    assert.deepEqual(told(), []);
  });
});
