import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Job } from '../../src/core/model/job';
import { registerQuickMenu } from '../../src/ui/quickMenu';
import { treeJob, treeSession } from '../support/treeFixtures';
import { waitFor } from '../support/waitFor';
import { Commands, noLog, ToldFolders } from './uiDoubles';
import { closeEditors, courier, demoSession, isOpen, Person, sessions } from './uiSupport';

const isSeparator = ({ kind }: vscode.QuickPickItem) => kind === vscode.QuickPickItemKind.Separator;

describe('the menu of the status bar', () => {
  let person: Person;
  beforeEach(() => {
    person = new Person();
  });
  afterEach(() => person.leave());

  describe('over folders that are told', () => {
    const asks = treeSession('waiting', [], [], { session_id: 'asks' });
    const works = treeSession(
      'busy',
      [
        treeJob('j-1', 'running', { title: 'Mend it', phase: 'working' }),
        treeJob('j-2', 'pending', { title: '$(bug)' }),
      ],
      [
        treeJob('j-3', 'completed', { title: 'Answered' }),
        treeJob('j-4', 'failed', { title: 'In vain' }),
        treeJob('j-5', 'completed', { title: 'Long read' }),
      ],
      { session_id: 'works' },
    );
    let commands: Commands;
    beforeEach(() => {
      commands = new Commands();
    });
    afterEach(() => commands.leave());

    /** Shows the menu and chooses the row of this label; all rows, each with its label and description. */
    const show = async (told: ToldFolders, label?: string) => {
      const isNew = ({ job_id }: Job) => ['j-3', 'j-4'].includes(job_id);
      registerQuickMenu({ log: noLog, folders: told.service, answers: { isNew } as never }).dispose();
      let rows: vscode.QuickPickItem[] = [];
      person.answer('showQuickPick', (items: vscode.QuickPickItem[]) => {
        rows = items;
        return items.find((item) => item.label === label);
      });
      await commands.call('courier.showMenu');
      return rows;
    };
    const labels = (rows: vscode.QuickPickItem[]) =>
      rows.map((row) => (isSeparator(row) ? `-- ${row.label}` : row.label));

    it('shows what needs a person first, then what is new, at work, and can be done', async () => {
      const rows = await show(new ToldFolders([asks, works]));
      const all = labels(rows);
      assert.deepEqual(all.slice(0, 9), [
        '-- Need you',
        'asks',
        '-- New',
        'Answered',
        'In vain',
        '-- At work',
        'Mend it',
        all[7],
        '-- Actions',
      ]);
      assert.notEqual(all[7], '$(bug)', 'the words of a prompt are no icon');
      assert.ok(all.includes('Pause All Sessions'));
      assert.match(rows[1]?.description ?? '', /Trust this folder\?/);
      assert.equal(rows[6]?.description, 'working · works');
    });

    it('has nothing of a folder that is not this machine’s own, and no pause without a session', async () => {
      const all = labels(await show(new ToldFolders([asks, works], 'foreign')));
      assert.equal(all[0], '-- Actions');
      assert.ok(all.includes('Write a Prompt…'));
      assert.ok(!all.some((label) => /Pause|Resume/.test(label)), all.join());
    });

    it('offers to resume where something is paused', async () => {
      const paused = treeSession('ready', [], [], { paused_at: '2026-11-22T10:00:00.000Z' });
      const all = labels(await show(new ToldFolders([paused])));
      assert.ok(all.includes('Resume All Sessions') && !all.includes('Pause All Sessions'), all.join());
    });

    for (const [label, command, id] of [
      ['asks', 'courier.sessions.focus', undefined],
      ['Answered', 'courier.openOutput', 'j-3'],
      ['In vain', 'courier.openJob', 'j-4'],
      ['Mend it', 'courier.openJob', 'j-1'],
      ['Check Setup', 'courier.checkSetup', undefined],
    ] as const)
      it(`goes with "${label}" to ${command}`, async () => {
        await show(new ToldFolders([asks, works]), label);
        const [ran] = commands.ran;
        assert.equal(commands.ran.length, 1);
        assert.equal(ran?.command, command);
        assert.equal((ran?.args[0] as { job?: Job } | undefined)?.job?.job_id, id);
      });

    it('does nothing when nothing is chosen', async () => {
      await show(new ToldFolders([asks, works]));
      assert.deepEqual(commands.ran, []);
    });
  });

  describe('in this window', () => {
    before(demoSession);
    after(async () => {
      await vscode.commands.executeCommand('courier.resumeAll');
      await closeEditors();
    });

    it('pauses all sessions, and then resumes them', async () => {
      const paused = async () => (await sessions()).every(({ metadata }) => metadata.paused_at !== undefined);
      person.choose('Pause All Sessions');
      await vscode.commands.executeCommand('courier.showMenu');
      await waitFor(paused, { what: 'the pause' });
      person.choose('Resume All Sessions');
      await vscode.commands.executeCommand('courier.showMenu');
      await waitFor(async () => !(await paused()), { what: 'the end of the pause' });
    });

    it('opens an answer that is new, which it is no more then', async () => {
      const api = await courier();
      const session = (await sessions())[0]!.metadata.session_id;
      const id = await api.send({ prompt: 'Told of in the menu', session });
      const { job } = await api.result(id);
      const news = async () => {
        let found: string[] = [];
        person.answer('showQuickPick', (items: vscode.QuickPickItem[]) => {
          found = items.map(({ label }) => label);
          return items.find(({ label }) => label === 'Told of in the menu');
        });
        await vscode.commands.executeCommand('courier.showMenu');
        return found.includes('Told of in the menu');
      };
      assert.ok(await news());
      await waitFor(() => isOpen(job), { what: 'the answer' });
      await waitFor(async () => !(await news()), { what: 'the menu without it' });
    });
  });
});
